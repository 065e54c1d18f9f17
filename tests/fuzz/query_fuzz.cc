// SPDX-License-Identifier: Apache-2.0
// What the sandbox reads of a URL: parameters, $filter and its kin, skip tokens. Input: a query string; it is also
// tried as a skip token.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "base/status_macros.h"
#include "proto/convert.h"
#include "sandbox/query.h"
#include "sandbox/skip_token.h"

namespace penstock::sandbox {
namespace {

void CheckFilter(const std::vector<Condition>& filter) {
  const absl::StatusOr<std::vector<Condition>> again = ParseFilter(FilterText(filter));
  CHECK(again.ok() && again->size() == filter.size());
  for (size_t i = 0; i < filter.size(); ++i) {
    CHECK((*again)[i].property == filter[i].property);
    CHECK((*again)[i].comparison == filter[i].comparison);
    CHECK((*again)[i].literal == filter[i].literal);
  }
}

void CheckToken(const SkipToken& token) {
  CHECK(IsEndpoint(static_cast<int>(token.endpoint)));
  const std::string text = EncodeSkipToken(token);
  for (const char c : text) CHECK(absl::ascii_isalnum(c) || c == '-' || c == '_');
  const absl::StatusOr<SkipToken> again = DecodeSkipToken(text);
  CHECK(again.ok() && EncodeSkipToken(*again) == text);
  CHECK(again->rank == token.rank && again->query.top == token.query.top);
  CHECK(FilterText(again->query.filter) == FilterText(token.query.filter));
  std::string altered = text;
  altered[text.size() / 2] = altered[text.size() / 2] == 'A' ? 'B' : 'A';
  CHECK(!DecodeSkipToken(altered).ok());
}

void Fuzz(const std::string& text) {
  if (const absl::StatusOr<SkipToken> token = DecodeSkipToken(text); token.ok()) CheckToken(*token);
  const absl::StatusOr<Query> query = ParseQuery(DecodeParameters(text));
  if (!query.ok()) {
    CHECK(absl::IsInvalidArgument(query.status()));
    return;
  }
  CHECK(query->skip_token.empty() || (query->filter.empty() && query->order.empty() && !query->top));
  if (!query->filter.empty()) CheckFilter(query->filter);
  SkipToken token;
  token.query = *query;
  token.query.skip = 0;
  token.query.skip_token.clear();
  token.rank = text.size();
  CheckToken(token);
}

}  // namespace
}  // namespace penstock::sandbox

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  penstock::sandbox::Fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
