// SPDX-License-Identifier: Apache-2.0
#include "sandbox/skip_token.h"

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"

namespace penstock::sandbox {
namespace {

// The text inside, before base64: CHECKSUM "\n" then the fields below, one per line. The filter comes last
// because its literals may hold line ends.
enum Field { kEndpoint, kRank, kVersion, kTop, kCount, kSelect, kOrder, kFilter, kFields };

uint64_t Checksum(absl::string_view text) {
  uint64_t hash =
      14695981039346656037u;  // FNV-1a: the same on every machine, and long enough against typing errors
  for (unsigned char c : text) hash = (hash ^ c) * 1099511628211u;
  return hash;
}

absl::Status Broken() {
  return absl::InvalidArgumentError(
      "$skiptoken: not a token of this server; start again from the first page");
}

}  // namespace

std::string EncodeSkipToken(const SkipToken& token) {
  const Query& query = token.query;
  std::string text = absl::StrCat(static_cast<int>(token.endpoint), "\n", token.rank, "\n",
                                  token.order_version, "\n", query.top ? absl::StrCat(*query.top) : "", "\n",
                                  query.count ? 1 : 0, "\n", absl::StrJoin(query.select, ","), "\n",
                                  OrderText(query.order), "\n", FilterText(query.filter));
  return absl::WebSafeBase64Escape(absl::StrFormat("%016x\n%s", Checksum(text), text));
}

absl::StatusOr<SkipToken> DecodeSkipToken(const std::string& encoded) {
  std::string text;
  if (!absl::WebSafeBase64Unescape(encoded, &text) || text.size() < 17) return Broken();
  const std::string body = text.substr(17);
  if (text.substr(0, 17) != absl::StrFormat("%016x\n", Checksum(body))) return Broken();
  const std::vector<std::string> fields = absl::StrSplit(body, absl::MaxSplits('\n', kFields - 1));
  SkipToken token;
  int endpoint = 0;
  if (fields.size() != kFields || !absl::SimpleAtoi(fields[kEndpoint], &endpoint) ||
      !absl::SimpleAtoi(fields[kRank], &token.rank) ||
      !absl::SimpleAtoi(fields[kVersion], &token.order_version)) {
    return Broken();
  }
  token.endpoint = static_cast<Endpoint>(endpoint);
  if (uint64_t top = 0; !fields[kTop].empty()) {
    if (!absl::SimpleAtoi(fields[kTop], &top)) return Broken();
    token.query.top = top;
  }
  token.query.count = fields[kCount] == "1";
  if (!fields[kSelect].empty()) {
    ASSIGN_OR_RETURN(token.query.select, ParseSelect(fields[kSelect]));
  }
  if (!fields[kOrder].empty()) {
    ASSIGN_OR_RETURN(token.query.order, ParseOrder(fields[kOrder]));
  }
  if (!fields[kFilter].empty()) {
    ASSIGN_OR_RETURN(token.query.filter, ParseFilter(fields[kFilter]));
  }
  return token;
}

}  // namespace penstock::sandbox
