// SPDX-License-Identifier: Apache-2.0
#include "sandbox/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/instant.h"
#include "base/secret_file.h"
#include "base/status_macros.h"
#include "sandbox/fault_plan.h"

namespace penstock::sandbox {
namespace {

// What CLI11 reads as words and we turn into values.
struct Words {
  std::string listen = "127.0.0.1:0";
  std::string synthetic;
  std::string now;
  std::string retention = "30d";
  std::string api_key_file;
  std::string scheme = "bearer";
  std::string token_shape = "flat";
  std::string token_lifetime = "1h";
  std::string first_byte = "0s";
  std::string body_time = "0s";
};

constexpr char kExamples[] = R"(
Examples:
  penstock-sandbox --synthetic days=30,users=500,seed=1
      an invented tenant on any free port; the line it prints is the source URL
  penstock-sandbox --data samples --rpm 0
      the records of samples/conversations.json and its neighbours, no limit
  penstock-sandbox --synthetic seed=7 --ttfb 200ms --jitter 0.3 \
      --fault 500=0.02 --fault cut=3@plugin-resources --report report.json
      a slow server with two kinds of trouble; Ctrl-C writes the report
  curl -X POST 'http://127.0.0.1:PORT/sandbox/faults?set=429-bare=5'
      switches the faults of a running sandbox; without set: all off
)";

std::string FaultHelp() {
  std::string text = "\nFaults (--fault NAME[=SHARE or COUNT][@ENDPOINT]; 0.05 is a share, 3 a count):\n";
  for (const FaultInfo& info : AllFaults()) {
    const absl::string_view argument = info.argument == FaultArgument::kUrl   ? "=URL"
                                       : info.argument == FaultArgument::kKey ? "=KEY"
                                       : info.argument == FaultArgument::kDay ? "=YYYY-MM-DD"
                                                                              : "";
    absl::StrAppendFormat(&text, "  %-22s %s\n", absl::StrCat(info.name, argument), info.help);
  }
  return text;
}

void AddFlags(CLI::App& app, CommandLine& line, Words& words) {
  SandboxOptions& options = line.options;
  app.add_option("--listen", words.listen, "HOST:PORT to listen on; port 0 takes any free one")
      ->capture_default_str();
  auto* data = app.add_option("--data", options.data_folder, "folder with conversations.json, users.json ..");
  app.add_option("--synthetic", words.synthetic, "days=30,users=500,seed=1[,conversations=100][,ahead=1]")
      ->excludes(data);
  app.add_option("--now", words.now, "the tenant's present, DATE; otherwise the clock's");
  app.add_option("--retention", words.retention, "what a synthetic tenant keeps: 30d, or off")
      ->capture_default_str();
  app.add_option("--rpm", options.per_minute, "requests let in in any 60 s; 0: no limit")
      ->capture_default_str();
  app.add_option("--page-size", options.page_size, "records a page")->capture_default_str();
  auto* key = app.add_option("--api-key", options.door.api_key, "the key that clients need");
  app.add_option("--api-key-file", words.api_key_file, "the same from a file")->excludes(key);
  app.add_option("--auth-scheme", words.scheme, "how the key is sent")
      ->check(CLI::IsMember({"bearer", "raw", "any"}))
      ->capture_default_str();
  auto* id = app.add_option("--client-id", options.door.client_id, "OAuth client that may buy tokens");
  auto* secret = app.add_option("--client-secret", options.door.client_secret, "and its secret");
  id->needs(secret);
  secret->needs(id);
  app.add_option("--token-shape", words.token_shape, "the token's answer: flat, or wrapped in \"data\"")
      ->check(CLI::IsMember({"flat", "wrapped"}))
      ->capture_default_str();
  app.add_option("--token-lifetime", words.token_lifetime, "how long a token lasts")->capture_default_str();
  app.add_option("--ttfb", words.first_byte, "from the request to the first byte, like 200ms")
      ->capture_default_str();
  app.add_option("--body-time", words.body_time, "from the first byte to the last")->capture_default_str();
  app.add_option("--jitter", options.jitter, "both times vary by this share")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--fault", options.faults, "NAME[=..][@ENDPOINT], may be repeated")->allow_extra_args(false);
  app.add_option("--fault-seed", options.fault_seed, "same seed, same faults")->capture_default_str();
  app.add_option("--report", line.report_file, "where to write the JSON report on exit");
}

absl::StatusOr<absl::Duration> ReadDuration(absl::string_view flag, const std::string& text) {
  absl::Duration duration;
  if (absl::ParseDuration(text, &duration) && duration >= absl::ZeroDuration() &&
      duration < absl::Hours(24 * 365)) {
    return duration;
  }
  return absl::InvalidArgumentError(absl::StrCat(flag, ": '", text, "' is not a time like 200ms, 30s or 1h"));
}

absl::Status ReadAddress(const std::string& text, SandboxOptions& options) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || !absl::SimpleAtoi(text.substr(colon + 1), &options.port) ||
      options.port < 0 || options.port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen: '", text, "' is not HOST:PORT, like 127.0.0.1:0"));
  }
  options.host = text.substr(0, colon);
  return absl::OkStatus();
}

absl::Status ReadWords(const Words& words, SandboxOptions& options) {
  RETURN_IF_ERROR(ReadAddress(words.listen, options));
  if (options.data_folder.empty()) {
    ASSIGN_OR_RETURN(options.synthetic, ParseSyntheticOptions(words.synthetic));
  }
  if (!words.now.empty()) {
    ASSIGN_OR_RETURN(options.now, ParseDate(words.now));
  }
  if (words.retention == "off") {
    options.retention = absl::InfiniteDuration();
  } else {
    ASSIGN_OR_RETURN(options.retention, ParseSpan(words.retention));
  }
  if (!words.api_key_file.empty()) {
    ASSIGN_OR_RETURN(options.door.api_key, ReadSecretFile(words.api_key_file));
  }
  options.door.scheme = words.scheme == "bearer" ? AuthScheme::kBearer
                        : words.scheme == "raw"  ? AuthScheme::kRaw
                                                 : AuthScheme::kAny;
  options.door.token_shape = words.token_shape == "flat" ? TokenShape::kFlat : TokenShape::kWrapped;
  ASSIGN_OR_RETURN(options.door.token_lifetime, ReadDuration("--token-lifetime", words.token_lifetime));
  ASSIGN_OR_RETURN(options.first_byte, ReadDuration("--ttfb", words.first_byte));
  ASSIGN_OR_RETURN(options.body_time, ReadDuration("--body-time", words.body_time));
  // So that a misspelt fault is found before the data is read.
  return FaultPlan::Parse(options.faults, options.fault_seed).status();
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments) {
  CommandLine line;
  Words words;
  CLI::App app("penstock-sandbox: a simulated Moveworks Data API, for rehearsals without credentials.",
               "penstock-sandbox");
  AddFlags(app, line, words);
  app.footer(absl::StrCat(FaultHelp(), kExamples));
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    line.help = app.help();
    return line;
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(absl::StrCat(error.what(), "; see penstock-sandbox --help"));
  }
  RETURN_IF_ERROR(ReadWords(words, line.options));
  return line;
}

}  // namespace penstock::sandbox
