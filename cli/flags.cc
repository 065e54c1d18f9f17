// SPDX-License-Identifier: Apache-2.0
#include "cli/flags.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/instant.h"
#include "base/nearest_word.h"
#include "base/status_macros.h"

namespace penstock::cli {
namespace {

absl::Status Bad(absl::string_view flag, absl::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat(flag, ": ", message));
}

std::string ConfigFile(const GlobalFlags& global, const CliEnvironment& env) {
  return global.config.empty() ? env.variable("PENSTOCK_CONFIG") : global.config;
}

// "30" or "30d": the flag is documented in days.
absl::StatusOr<absl::Duration> ParseDays(const std::string& text) {
  const bool bare = !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  const absl::StatusOr<absl::Duration> span = ParseSpan(bare ? text + "d" : text);
  if (!span.ok() || *span <= absl::ZeroDuration()) {
    return Bad("--retention", absl::StrCat("'", text, "' is not a number of days, for example 30"));
  }
  return *span;
}

absl::StatusOr<AuthConfig> AuthFromFlags(const RunFlags& flags) {
  AuthConfig auth;
  const bool oauth = !flags.client_id_file.empty() || !flags.client_secret_file.empty();
  if (!flags.api_key_file.empty() && oauth) {
    return Bad("--api-key-file", "give it or --client-id-file and --client-secret-file, not both");
  }
  if (oauth && (flags.client_id_file.empty() || flags.client_secret_file.empty())) {
    return Bad(flags.client_id_file.empty() ? "--client-secret-file" : "--client-id-file",
               "OAuth needs --client-id-file and --client-secret-file");
  }
  if (!flags.auth_scheme.empty() && flags.api_key_file.empty()) {
    return Bad("--auth-scheme", "does nothing without --api-key-file");
  }
  auth.type = oauth ? AuthType::kOauth : flags.api_key_file.empty() ? AuthType::kNone : AuthType::kApiKey;
  auth.api_key_file = flags.api_key_file;
  auth.client_id_file = flags.client_id_file;
  auth.client_secret_file = flags.client_secret_file;
  auth.bearer = flags.auth_scheme != "raw";
  return auth;
}

absl::StatusOr<SourceConfig> SourceFromFlags(const RunFlags& flags, const GlobalFlags& global) {
  SourceConfig source;
  source.name = global.source.empty() ? kDefaultSource : global.source;
  if (flags.source_url.empty()) {
    return Bad("--source-url", "is needed, or --config FILE; it ends in /records");
  }
  const absl::StatusOr<std::string> url = CheckSourceUrl(flags.source_url);
  if (!url.ok()) return Bad("--source-url", url.status().message());
  source.url = *url;
  ASSIGN_OR_RETURN(source.auth, AuthFromFlags(flags));
  source.http = {flags.proxy, flags.ca_file};
  return source;
}

// The one that --source names, or the only one.
absl::StatusOr<SourceConfig> SourceFromConfig(const Config& config, const GlobalFlags& global) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : config.sources) names.push_back(name);
  if (global.source.empty()) {
    if (names.size() == 1) return config.sources.begin()->second;
    return Bad("--source", absl::StrCat("is needed: the file names ", absl::StrJoin(names, ", ")));
  }
  const auto found = config.sources.find(global.source);
  if (found != config.sources.end()) return found->second;
  std::string hint = DidYouMean(global.source, names);
  if (hint.empty()) hint = absl::StrCat("; the file names ", absl::StrJoin(names, ", "));
  return Bad("--source", absl::StrCat("unknown source '", global.source, "'", hint));
}

absl::Status NoSourceFlags(const RunFlags& flags, const std::string& file) {
  const std::pair<const char*, const std::string&> kin[] = {
      {"--source-url", flags.source_url},
      {"--api-key-file", flags.api_key_file},
      {"--client-id-file", flags.client_id_file},
      {"--client-secret-file", flags.client_secret_file},
      {"--auth-scheme", flags.auth_scheme},
      {"--proxy", flags.proxy},
      {"--ca-file", flags.ca_file}};
  for (const auto& [flag, value] : kin) {
    if (!value.empty()) {
      return Bad(flag,
                 absl::StrCat("the configuration ", file, " says this already; leave one of the two out"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> StateOf(const Config& config, const GlobalFlags& global,
                                    const CliEnvironment& env) {
  if (!global.coordinator.empty()) {
    return Bad("--coordinator", "this command is its own coordinator; give --state DIR instead");
  }
  for (const std::string& state : {global.state, env.variable("PENSTOCK_STATE"), config.state}) {
    if (!state.empty()) return state;
  }
  return Bad("--state", "is needed: the directory that keeps rows and progress");
}

// Those named, or every one of the file that belongs to `source`.
absl::StatusOr<std::map<std::string, DestinationConfig>> PickDestinations(
    const std::vector<std::string>& texts, const Config& config, const std::string& source) {
  std::map<std::string, DestinationConfig> picked;
  const auto belongs = [&](const DestinationConfig& destination) {
    return destination.source.empty() || source.empty() || destination.source == source;
  };
  if (texts.empty()) {
    for (const auto& [name, destination] : config.destinations) {
      if (belongs(destination)) picked[name] = destination;
    }
  }
  for (const std::string& text : texts) {
    const absl::StatusOr<DestinationConfig> destination = ParseDestination(text, config);
    if (!destination.ok()) return Bad("--destination", destination.status().message());
    if (!belongs(*destination)) {
      return Bad("--destination",
                 absl::StrCat("'", text, "' belongs to source ", destination->source, ", not ", source));
    }
    picked[destination->name] = *destination;
  }
  for (auto& [name, destination] : picked) {
    if (destination.source.empty()) destination.source = source;
  }
  return picked;
}

void AddText(CLI::App& app, const std::string& name, std::string& target, const std::string& value,
             const std::string& description) {
  app.add_option(name, target, description)->option_text(value);
}

}  // namespace

void AddRangeFlags(CLI::App& app, RangeFlags& flags) {
  AddText(app, "--from", flags.from, "DATE",
          "Where to begin, UTC: YYYY-MM-DD or RFC 3339. Left out: as far back as the source goes");
  AddText(app, "--to", flags.to, "DATE", "Where to end, itself excluded. Left out: up to the newest record");
  AddText(app, "--endpoints", flags.endpoints, "A,B",
          "Of conversations, interactions, plugin-calls, plugin-resources, users. Left out: all");
}

absl::StatusOr<Range> CheckRange(const RangeFlags& flags) {
  Range range;
  if (!flags.from.empty()) {
    const absl::StatusOr<absl::Time> from = ParseDate(flags.from);
    if (!from.ok()) return Bad("--from", from.status().message());
    range.from = *from;
  }
  if (!flags.to.empty()) {
    const absl::StatusOr<absl::Time> to = ParseDate(flags.to);
    if (!to.ok()) return Bad("--to", to.status().message());
    range.to = *to;
  }
  if (range.from && range.to && *range.from >= *range.to) {
    return Bad("--to",
               absl::StrCat("'", flags.to, "' is not after --from '", flags.from, "'; the end is excluded"));
  }
  const absl::StatusOr<std::vector<Endpoint>> endpoints = ParseEndpoints(flags.endpoints);
  if (!endpoints.ok()) return Bad("--endpoints", endpoints.status().message());
  range.endpoints = *endpoints;
  return range;
}

void AddRunFlags(CLI::App& app, RunFlags& flags) {
  AddSourceFlags(app, flags);
  AddDestinationFlag(app, flags.destinations);
  app.add_flag("--follow", flags.follow,
               "Stay, and sync by the configuration's schedule (without one: 07:00 UTC each day)");
  AddText(app, "--monitoring", flags.monitoring, "HOST:PORT", "Serve /metrics for Prometheus there");
}

void AddSourceFlags(CLI::App& app, RunFlags& flags) {
  AddText(app, "--source-url", flags.source_url, "URL", "The Data API's base URL; ends in /records");
  AddText(app, "--api-key-file", flags.api_key_file, "FILE", "Holds the API key; mode 0600");
  AddText(app, "--client-id-file", flags.client_id_file, "FILE", "OAuth: holds the client id");
  AddText(app, "--client-secret-file", flags.client_secret_file, "FILE", "OAuth: holds the client secret");
  app.add_option("--auth-scheme", flags.auth_scheme, "How the API key is sent: bearer (the default) or raw")
      ->option_text("SCHEME")
      ->check(CLI::IsMember({"bearer", "raw"}));
  AddText(app, "--proxy", flags.proxy, "URL", "HTTP proxy. Left out: the environment's");
  AddText(app, "--ca-file", flags.ca_file, "FILE", "Certificates to trust. Left out: the system's");
  AddRangeFlags(app, flags.range);
  app.add_option("--rpm", flags.rpm,
                 "Requests in any 60 s, at most (default 60). Users take half of them at most")
      ->option_text("N")
      ->check(CLI::Range(1u, kMaxPerMinute));
  AddText(app, "--retention", flags.retention, "DAYS", "How far back the source answers (default 30)");
  app.add_option(
         "--workers", flags.workers,
         "Workers, each with a window at a time. Left out: 4, or as many as the source's latency needs")
      ->option_text("N")
      ->check(CLI::Range(1u, 64u));
  AddText(app, "--give-up-after", flags.give_up_after, "DURATION",
          "End with an error when nothing succeeded for so long, for example 2h. Left out: keep trying");
}

void AddDestinationFlag(CLI::App& app, std::vector<std::string>& destinations) {
  app.add_option("--destination", destinations,
                 "Where rows are loaded: sqlite:FILE, postgresql://.., snowflake://.., sqlserver:.., or a "
                 "name of the "
                 "configuration. May be repeated")
      ->option_text("D")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

absl::StatusOr<RunOptions> CheckRun(const RunFlags& flags, const GlobalFlags& global,
                                    const CliEnvironment& env) {
  RunOptions options;
  const std::string file = ConfigFile(global, env);
  Config config;
  SourceConfig source;
  // A file that only the environment names gives way to a source described on the command line.
  if (!file.empty() && !(global.config.empty() && !flags.source_url.empty())) {
    RETURN_IF_ERROR(NoSourceFlags(flags, file));
    ASSIGN_OR_RETURN(config, LoadConfig(file));
    ASSIGN_OR_RETURN(source, SourceFromConfig(config, global));
  } else {
    ASSIGN_OR_RETURN(source, SourceFromFlags(flags, global));
  }
  if (flags.rpm) source.budget = {*flags.rpm, DefaultUsersPerMinute(*flags.rpm)};
  if (!flags.retention.empty()) {
    ASSIGN_OR_RETURN(source.retention, ParseDays(flags.retention));
  }
  if (!flags.give_up_after.empty()) {
    const absl::StatusOr<absl::Duration> span = ParseSpan(flags.give_up_after);
    if (!span.ok()) return Bad("--give-up-after", span.status().message());
    options.give_up_after = *span;
  }
  ASSIGN_OR_RETURN(options.range, CheckRange(flags.range));
  if (flags.follow && options.range.to) {
    return Bad("--to", "is the end of the copy, and --follow has none; leave one of the two out");
  }
  options.follow = flags.follow;
  if (!flags.follow) source.sync.reset();
  if (flags.follow && !source.sync.has_value()) source.sync = SyncConfig();
  source.sync_endpoints = options.range.endpoints;
  ASSIGN_OR_RETURN(options.config.state, StateOf(config, global, env));
  options.config.backup = config.backup;
  ASSIGN_OR_RETURN(options.config.destinations, PickDestinations(flags.destinations, config, source.name));
  options.source = source.name;
  options.config.sources[source.name] = std::move(source);
  options.workers = flags.workers;
  options.monitoring = flags.monitoring;
  options.json = global.json;
  return options;
}

namespace {

absl::StatusOr<LoadOptions> OptionsOf(const std::vector<std::string>& destinations, const GlobalFlags& global,
                                      const CliEnvironment& env) {
  LoadOptions options;
  const std::string file = ConfigFile(global, env);
  Config config;
  if (!file.empty()) {
    ASSIGN_OR_RETURN(config, LoadConfig(file));
    ASSIGN_OR_RETURN(SourceConfig source, SourceFromConfig(config, global));
    options.source = source.name;
    source.sync.reset();
    options.config.sources[source.name] = std::move(source);
  } else {
    options.source = global.source;
  }
  ASSIGN_OR_RETURN(options.config.state, StateOf(config, global, env));
  options.config.backup = config.backup;
  ASSIGN_OR_RETURN(options.config.destinations, PickDestinations(destinations, config, options.source));
  options.json = global.json;
  return options;
}

}  // namespace

absl::StatusOr<LoadOptions> CheckState(const GlobalFlags& global, const CliEnvironment& env) {
  return OptionsOf({}, global, env);
}

absl::StatusOr<LoadOptions> CheckLoad(const std::vector<std::string>& destinations, const GlobalFlags& global,
                                      const CliEnvironment& env) {
  ASSIGN_OR_RETURN(LoadOptions options, OptionsOf(destinations, global, env));
  if (options.config.destinations.empty()) {
    return Bad("--destination",
               "is needed: sqlite:FILE, postgresql://.., snowflake://.., sqlserver:.., or a name of the "
               "configuration");
  }
  return options;
}

}  // namespace penstock::cli
