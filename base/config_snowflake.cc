// SPDX-License-Identifier: Apache-2.0
#include "base/config_snowflake.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/instant.h"
#include "base/nearest_word.h"
#include "base/percent.h"
#include "base/snowflake_account.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

// In the order of SnowflakeKeys.
std::vector<std::string*> Places(SnowflakeConfig* snowflake) {
  return {&snowflake->account,
          &snowflake->database,
          &snowflake->schema,
          &snowflake->user,
          &snowflake->role,
          &snowflake->warehouse,
          &snowflake->private_key_file,
          &snowflake->private_key_passphrase_file,
          &snowflake->url,
          &snowflake->proxy,
          &snowflake->ca_file};
}

absl::Status BadUrl(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("the snowflake:// destination ", what, "; write ", kSnowflakeForm));
}

// The account's own host, unless another one is named.
absl::Status Complete(SnowflakeConfig* snowflake, std::string* blamed) {
  *blamed = "account";
  ASSIGN_OR_RETURN(std::string own, SnowflakeUrl(snowflake->account));
  *blamed = "url";
  if (!snowflake->url.empty()) return CheckSnowflakeUrl(snowflake->url);
  snowflake->url = std::move(own);
  return absl::OkStatus();
}

}  // namespace

const std::vector<std::string>& SnowflakeKeys() {
  static const auto* const keys =
      new std::vector<std::string>{"account", "database",  "schema",           "user",
                                   "role",    "warehouse", "private_key_file", "private_key_passphrase_file",
                                   "url",     "proxy",     "ca_file"};
  return *keys;
}

absl::Status ReadSnowflake(const ConfigReader& reader, SnowflakeConfig* snowflake) {
  RETURN_IF_ERROR(reader.NeedsAndForbids(
      "snowflake", {"account", "database", "user", "role", "warehouse", "private_key_file"},
      {"path", "host", "port", "password_file", "driver", "tls", "cert_file", "key_file"}));
  const std::vector<std::string*> places = Places(snowflake);
  for (size_t i = 0; i < places.size(); ++i) {
    RETURN_IF_ERROR(reader.Text(SnowflakeKeys()[i], places[i]));
  }
  std::string blamed;
  const absl::Status complete = Complete(snowflake, &blamed);
  return complete.ok() ? complete : reader.Error(blamed, complete.message());
}

absl::StatusOr<SnowflakeConfig> ParseSnowflakeUrl(absl::string_view rest, absl::Duration* interval,
                                                  TableNames* tables) {
  SnowflakeConfig snowflake;
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(rest, absl::MaxSplits('?', 1));
  const std::vector<absl::string_view> path = absl::StrSplit(parts.first, '/');
  if (path.size() != 3) return BadUrl("is not ACCOUNT/DATABASE/SCHEMA");
  const std::vector<std::string*> places = Places(&snowflake);
  for (size_t i = 0; i < path.size(); ++i) {
    const absl::StatusOr<std::string> word = PercentDecode(path[i]);
    if (!word.ok()) return BadUrl(word.status().message());
    *places[i] = *word;
  }
  const std::vector<std::string>& keys = SnowflakeKeys();
  for (absl::string_view pair : absl::StrSplit(parts.second, '&', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> named = absl::StrSplit(pair, absl::MaxSplits('=', 1));
    const absl::StatusOr<std::string> value = PercentDecode(named.second);
    if (!value.ok()) return BadUrl(value.status().message());
    if (value->empty()) return BadUrl(absl::StrCat("leaves ", named.first, " empty"));
    if (named.first == "interval") {
      const absl::StatusOr<absl::Duration> span = ParseSpan(*value);
      if (!span.ok()) return BadUrl("has an interval that is no duration such as 10m");
      *interval = *span;
      continue;
    }
    if (named.first == "tables") {
      if (*value != "guide" && *value != "vendor") return BadUrl("has tables that are not guide or vendor");
      *tables = *value == "vendor" ? TableNames::kVendor : TableNames::kGuide;
      continue;
    }
    const auto key = std::find(keys.begin() + 3, keys.end(), named.first);
    if (key == keys.end()) {
      const std::vector<std::string> known(keys.begin() + 3, keys.end());
      return BadUrl(absl::StrCat("has a parameter that is not tables, interval, ", absl::StrJoin(known, ", "),
                                 DidYouMean(named.first, known)));
    }
    *places[key - keys.begin()] = *value;
  }
  for (size_t i = 0; i < 7; ++i) {
    if (places[i]->empty()) return BadUrl(absl::StrCat("names no ", keys[i]));
  }
  std::string blamed;
  const absl::Status complete = Complete(&snowflake, &blamed);
  if (!complete.ok()) return BadUrl(absl::StrCat("has a wrong ", blamed, ": it ", complete.message()));
  return snowflake;
}

}  // namespace penstock
