// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/config.h"
#include "base/endpoint.h"
#include "cli/connection.h"

namespace penstock::cli {

// Flags that several commands share, as typed; and what they mean once checked. Every error is
// INVALID_ARGUMENT (exit 2) and names the word that is wrong.

// --from, --to, --endpoints.
struct RangeFlags {
  std::string from, to, endpoints;
};
struct Range {
  std::optional<absl::Time> from;  // empty: as far back as the source goes
  std::optional<absl::Time> to;    // excluded; empty: up to the newest record
  std::vector<Endpoint> endpoints;
};
void AddRangeFlags(CLI::App& app, RangeFlags& flags);
absl::StatusOr<Range> CheckRange(const RangeFlags& flags);

// The flags of `penstock run`.
struct RunFlags {
  std::string source_url, api_key_file, client_id_file, client_secret_file, auth_scheme, proxy, ca_file;
  RangeFlags range;
  std::optional<uint32_t> rpm;
  std::string retention, give_up_after;
  std::vector<std::string> destinations;
  std::optional<uint32_t> workers;
  bool follow = false;
  std::string monitoring;
};
void AddRunFlags(CLI::App& app, RunFlags& flags);
// Those of them that say what to read from where, and how fast.
void AddSourceFlags(CLI::App& app, RunFlags& flags);

// What `penstock run` is to do, complete and checked.
struct RunOptions {
  // `state` is set; `sources` holds the one source (named "default" when flags describe it); `destinations`
  // holds those to be loaded and no other, each with its `source` filled in.
  Config config;
  std::string source;
  Range range;
  std::optional<uint32_t> workers;  // each with a window at a time; empty: as many as the latency needs
  std::optional<absl::Duration> give_up_after;  // empty: never; the waiting for budget does not count
  // Go on with daily syncs; the source's `sync` is set then, and only then.
  bool follow = false;
  std::string monitoring;  // HOST:PORT for Prometheus; empty: none
  bool json = false;       // --output json
};
inline constexpr char kDefaultSource[] = "default";

// From the flags alone, or from a configuration file whose `state`, budget and retention flags may override.
// Flags that describe a source (--source-url and its kin) beside a file are refused: two answers to one
// question.
absl::StatusOr<RunOptions> CheckRun(const RunFlags& flags, const GlobalFlags& global,
                                    const CliEnvironment& env);

// `penstock load`: fills destinations from the store without any request.
struct LoadOptions {
  Config config;  // `state` and `destinations` as above; `sources` only when a configuration file was given
  std::string source;  // empty: the store's only one
  bool json = false;
};
void AddDestinationFlag(CLI::App& app, std::vector<std::string>& destinations);
// As with CheckLoad and every destination that the configuration names, which may be none.
absl::StatusOr<LoadOptions> CheckState(const GlobalFlags& global, const CliEnvironment& env);
absl::StatusOr<LoadOptions> CheckLoad(const std::vector<std::string>& destinations, const GlobalFlags& global,
                                      const CliEnvironment& env);

}  // namespace penstock::cli
