// SPDX-License-Identifier: Apache-2.0
#include "worker/paginator.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/instant.h"
#include "base/source_url.h"
#include "base/status_macros.h"
#include "worker/url.h"

namespace penstock::worker {
namespace {

// The wire knows whole milliseconds. A lower bound is cut downwards and an upper one upwards, so that no row
// between falls out; a row that two windows share is stored once anyway.
absl::Time RoundUp(absl::Time time) {
  return absl::UnixEpoch() + absl::Ceil(time - absl::UnixEpoch(), absl::Milliseconds(1));
}

std::string Condition(v1::WindowAxis axis, absl::string_view relation, absl::Time bound) {
  CHECK(axis == v1::CREATED_TIME || axis == v1::LAST_UPDATED_TIME);
  return absl::StrCat(axis == v1::CREATED_TIME ? "created_time" : "last_updated_time", "%20", relation,
                      "%20%27", FormatStamp(bound), "%27");
}

// Empty without a bound.
std::string Filter(v1::WindowAxis axis, std::optional<absl::Time> from, std::optional<absl::Time> to,
                   std::optional<absl::Time> created_from) {
  std::vector<std::string> conditions;
  if (from) conditions.push_back(Condition(axis, "ge", *from));
  if (to) conditions.push_back(Condition(axis, "lt", RoundUp(*to)));
  if (created_from) conditions.push_back(Condition(v1::CREATED_TIME, "ge", *created_from));
  if (conditions.empty()) return "";
  return absl::StrCat("$filter=", absl::StrJoin(conditions, "%20and%20"));
}

// RFC 3986: a scheme is a letter, then letters, digits, '+', '-' or '.', up to the first colon.
bool HasScheme(absl::string_view link) {
  const size_t colon = link.find(':');
  if (colon == absl::string_view::npos || colon == 0 || !absl::ascii_isalpha(link[0])) return false;
  return std::all_of(link.begin(), link.begin() + colon,
                     [](char c) { return absl::ascii_isalnum(c) || c == '+' || c == '-' || c == '.'; });
}

// The link as an absolute URL, not yet compared with anything.
absl::StatusOr<Url> Resolve(const Url& request, absl::string_view link) {
  RETURN_IF_ERROR(CheckUrlCharacters(link));
  if (absl::StartsWith(link, "//")) {
    return absl::InvalidArgumentError("the URL names a host without a scheme ('//')");
  }
  if (HasScheme(link)) return SplitUrl(link);
  Url url = request;
  const size_t question = link.find('?');
  const absl::string_view path = link.substr(0, question);
  url.query = question == absl::string_view::npos ? "" : std::string(link.substr(question));
  if (absl::StartsWith(path, "/")) {
    url.path = std::string(path);
  } else if (!path.empty()) {
    url.path = absl::StrCat(request.path.substr(0, request.path.rfind('/') + 1), path);
  }
  RETURN_IF_ERROR(CheckPath(url.path));
  return url;
}

absl::Status Refuse(absl::string_view why) {
  return absl::PermissionDeniedError(absl::StrCat(
      "next link refused: ", why, "; nothing was sent there. Ask the vendor why the API links elsewhere"));
}

}  // namespace

std::string FirstPageUrl(absl::string_view base_url, Endpoint endpoint, v1::WindowAxis axis,
                         std::optional<absl::Time> from, std::optional<absl::Time> to, v1::PageOrder order,
                         bool with_count) {
  std::vector<std::string> options;
  if (from || to) options.push_back(Filter(axis, from, to, std::nullopt));
  if (order == v1::CREATED_TIME_DESC) {
    options.emplace_back("$orderby=created_time%20desc,id%20desc");
  } else if (order != v1::NO_ORDER) {
    options.emplace_back("$orderby=id%20desc");
  }
  if (with_count) options.emplace_back("$count=true");
  return absl::StrCat(base_url, "/", Name(endpoint), options.empty() ? "" : "?", absl::StrJoin(options, "&"));
}

std::string CountUrl(absl::string_view base_url, Endpoint endpoint, v1::WindowAxis axis,
                     std::optional<absl::Time> from, std::optional<absl::Time> to,
                     std::optional<absl::Time> created_from) {
  const std::string filter = Filter(axis, from, to, created_from);
  return absl::StrCat(base_url, "/", Name(endpoint), "/$count", filter.empty() ? "" : "?", filter);
}

absl::StatusOr<std::string> ResolveNextLink(absl::string_view base_url, absl::string_view request_url,
                                            absl::string_view next_link) {
  ASSIGN_OR_RETURN(const Url base, SplitUrl(base_url));
  ASSIGN_OR_RETURN(const Url request, SplitUrl(request_url));
  absl::StatusOr<Url> split = Resolve(request, next_link);
  if (!split.ok()) return Refuse(split.status().message());
  const Url& link = *split;
  if (!SameOrigin(link, base)) {
    return Refuse(absl::StrCat("it points to ", Origin(link), " instead of ", Origin(base)));
  }
  if (!IsLoopback(base.host) && IsIpLiteral(link.host)) {
    return Refuse(absl::StrCat("it names the address ", link.host, " instead of a host"));
  }
  if (!IsLoopback(base.host) && link.scheme != "https") return Refuse("it is not https");
  if (!absl::StartsWith(link.path, "/export/") && !absl::StartsWith(link.path, base.path + "/")) {
    return Refuse(absl::StrCat("its path ", link.path, " is not below /export/"));
  }
  // Built from the base's own origin: what is sent cannot differ from what was compared.
  return absl::StrCat(Origin(base), link.path, link.query);
}

}  // namespace penstock::worker
