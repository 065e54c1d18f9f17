// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/found_table.h"
#include "base/source_url.h"
#include "base/stop_signal.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "proto/admin_service.pb.h"
#include "proto/query.pb.h"

namespace grpc {
class Channel;
}

namespace penstock::cli {

class AdminConnection;  // cli/connection.h
class Session;          // cli/command.h
struct RunOptions;      // cli/flags.h
struct LoadOptions;     // cli/flags.h
enum class Survey;      // cli/survey.h

// What is done with a coordinator once it is found. `alive` is not OK when nobody will work for it any more.
using UseCoordinator =
    std::function<absl::StatusOr<ExitCode>(AdminConnection&, const std::function<absl::Status()>& alive)>;
// Whether the coordinator of this process has a worker, and so loads what its destinations lack.
enum class Loads { kNo, kYes };

// `penstock restore`.
struct RestoreOptions {
  std::string from;
  std::optional<uint32_t> number;  // empty: the newest that is whole
  std::string state;
};
struct RestoredState {
  v1::Backup backup;
  std::string store_id;   // of the new store
  uint64_t erasures = 0;  // that it knows of
};

// Everything that the command line does to the world beyond talking to a coordinator. The binary fills it in;
// tests hand in fakes. All functions must be set.
struct CliEnvironment {
  std::ostream& out;
  std::ostream& err;
  std::istream& in;
  const Clock& clock;
  Terminal terminal;

  // A channel to an AdminService that serves STATE for reading. Called when no process listens on
  // STATE/penstock.sock.
  std::function<absl::StatusOr<std::shared_ptr<grpc::Channel>>(const std::string& state)> open_read_only =
      nullptr;
  // Destination::Check of the opened destination: same codes.
  std::function<absl::Status(const DestinationConfig&)> test_destination = nullptr;
  // UNAVAILABLE, with the reason, unless the name resolves and a TCP connection opens. Sends nothing.
  std::function<absl::Status(const HostPort&)> reach = nullptr;
  // `penstock run` and `penstock load`.
  std::function<absl::StatusOr<ExitCode>(Session&, const RunOptions&)> run = nullptr;
  std::function<absl::StatusOr<ExitCode>(Session&, const LoadOptions&)> load = nullptr;

  // `penstock plan` and `penstock audit`, where no other process holds the state.
  std::function<absl::StatusOr<ExitCode>(Session&, Survey, const RunOptions&)> survey = nullptr;

  // What is asked of a destination, likewise: a coordinator on the state of these options, in this process, for as long
  // as `use` takes. Sends no request to any source.
  std::function<absl::StatusOr<ExitCode>(Session&, const LoadOptions&, Loads, const UseCoordinator& use)>
      host = nullptr;
  // Destination::Adopt of the opened destination: same codes.
  std::function<absl::StatusOr<std::vector<FoundTable>>(const DestinationConfig&, const AdoptOptions&)>
      adopt = nullptr;
  // A query, asked of a destination by this process (worker/query_task.h), the answer in pieces. Same codes.
  std::function<absl::StatusOr<std::vector<v1::QueryAnswer>>(const Config&, const DestinationConfig& asked,
                                                             const v1::Query&, absl::Duration timeout)>
      ask = nullptr;
  // What a DBA runs for a destination (destinations/ddl.h); `reader` is the role for those who only read.
  std::function<absl::StatusOr<std::string>(const DestinationConfig&, const std::string& reader)> ddl =
      nullptr;
  // Whether the columns and metrics that it speaks of are there (worker/check_config.h).
  std::function<absl::Status(const Config&)> check_config = nullptr;

  // The backups in a directory, where no coordinator can be asked. NOT_FOUND: there is no such directory.
  std::function<absl::StatusOr<v1::ListBackupsResponse>(const BackupConfig&)> list_backups = nullptr;
  // coordinator::RestoreState, with exit codes.
  std::function<absl::StatusOr<RestoredState>(const RestoreOptions&)> restore = nullptr;

  // store::Store::Check of a state that no process holds, and store::VerifyBackup of every backup in a directory (those
  // that differ have a `damage`), with exit codes.
  std::function<absl::StatusOr<v1::StoreCheck>(const std::string& state)> check_store = nullptr;
  std::function<absl::StatusOr<v1::ListBackupsResponse>(const std::string& directory)> verify_backups =
      nullptr;

  // See stop_signal.h.
  std::function<int()> stop_signal = StopSignal;
  // An environment variable; empty when it is not set.
  std::function<std::string(const std::string&)> variable = [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return std::string(value == nullptr ? "" : value);
  };
};

}  // namespace penstock::cli
