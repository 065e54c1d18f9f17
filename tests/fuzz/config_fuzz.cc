// SPDX-License-Identifier: Apache-2.0
// The configuration file: never a crash; an error names file and line; what is accepted keeps the rules.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "base/config.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

// "FILE:LINE: message", with a line that the file has (or the one after its end).
bool NamesALine(absl::string_view message, const std::string& yaml) {
  if (!absl::ConsumePrefix(&message, "penstock.yaml:")) return false;
  size_t line = 0;
  while (!message.empty() && absl::ascii_isdigit(message[0])) {
    line = line * 10 + static_cast<size_t>(message[0] - '0');
    message.remove_prefix(1);
  }
  size_t lines = 2;
  for (char c : yaml) lines += c == '\n' || c == '\r';
  return line >= 1 && line <= lines && absl::ConsumePrefix(&message, ": ") && !message.empty();
}

void CheckSource(const std::string& name, const SourceConfig& source) {
  CHECK(source.name == name && !name.empty());
  const absl::StatusOr<std::string> url = CheckSourceUrl(source.url);
  CHECK(url.ok() && *url == source.url && absl::EndsWith(source.url, "/records"));
  CHECK(source.budget.per_minute >= 1 && source.budget.per_minute <= kMaxPerMinute);
  CHECK(source.budget.users_per_minute >= 1 && source.budget.users_per_minute <= source.budget.per_minute);
  CHECK(source.retention > absl::ZeroDuration() && source.publication_lag > absl::ZeroDuration());
  CHECK((source.auth.type == AuthType::kApiKey) == !source.auth.api_key_file.empty());
  CHECK((source.auth.type == AuthType::kOauth) == !source.auth.client_id_file.empty());
  CHECK((source.auth.type == AuthType::kOauth) == !source.auth.client_secret_file.empty());
}

void Fuzz(const std::string& yaml) {
  const absl::StatusOr<Config> config = ParseConfig(yaml, "penstock.yaml");
  if (!config.ok()) {
    CHECK(absl::IsInvalidArgument(config.status()));
    CHECK(NamesALine(config.status().message(), yaml));
    return;
  }
  CHECK(!config->sources.empty());
  for (const auto& [name, source] : config->sources) CheckSource(name, source);
  for (const auto& [name, destination] : config->destinations) {
    CHECK(destination.name == name && !destination.path.empty());
    CHECK(destination.source.empty() ? config->sources.size() == 1
                                     : config->sources.contains(destination.source));
    CHECK(ParseDestination(name, *config).ok());
  }
}

}  // namespace
}  // namespace penstock

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  penstock::Fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
