// SPDX-License-Identifier: Apache-2.0
#include "base/snowflake_account.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/source_url.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

constexpr char kDomain[] = ".snowflakecomputing.com";
// xy12345.us-east-2.aws.privatelink
constexpr size_t kLabelsMax = 4;

bool IsLabel(absl::string_view label) {
  for (char c : label) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '_') return false;
  }
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-';
}

}  // namespace

absl::StatusOr<std::string> SnowflakeUrl(absl::string_view account) {
  const std::string lower = absl::AsciiStrToLower(account);
  if (absl::EndsWith(lower, kDomain) || absl::StrContains(lower, "/")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "is a host or a URL; write only the account, for example ORG-ACCOUNT, without ", kDomain));
  }
  const std::vector<std::string> labels = absl::StrSplit(lower, '.');
  bool good = labels.size() <= kLabelsMax;
  for (const std::string& label : labels) good = good && IsLabel(label);
  if (!good) {
    return absl::InvalidArgumentError(
        "is not the name of an account; write ORG-ACCOUNT, or with a region xy12345.eu-central-1");
  }
  // A host has no underscores.
  return absl::StrCat("https://", absl::StrReplaceAll(lower, {{"_", "-"}}), kDomain);
}

std::string SnowflakeTokenAccount(absl::string_view account) {
  const std::string upper = absl::AsciiStrToUpper(account);
  return upper.substr(0, upper.find('.'));
}

absl::Status CheckSnowflakeUrl(absl::string_view url) {
  ASSIGN_OR_RETURN(const UrlParts parts, ParseHttpUrl(url));
  if (parts.path.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError("has something behind the host; write https://HOST");
}

}  // namespace penstock
