// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/source.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "sandbox/http_message.h"

namespace penstock::simulation {
namespace {

bool Holds(sandbox::Comparison comparison, int order) {
  switch (comparison) {
    case sandbox::Comparison::kEq:
      return order == 0;
    case sandbox::Comparison::kGe:
      return order >= 0;
    case sandbox::Comparison::kGt:
      return order > 0;
    case sandbox::Comparison::kLe:
      return order <= 0;
    case sandbox::Comparison::kLt:
      return order < 0;
  }
  return false;
}

template <typename T>
int Compare(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

bool ByCreated(const sandbox::Query& query) {
  return !query.order.empty() && query.order[0].property == "created_time";
}

}  // namespace

bool Source::Matches(const Tenant::Row& row, const std::vector<sandbox::Condition>& filter) {
  for (const sandbox::Condition& condition : filter) {
    int order = 0;
    if (condition.property == "id") {
      order = Compare<std::string>(row.id, condition.literal);
    } else {
      const std::optional<absl::Time> bound = ParseStamp(condition.literal);
      CHECK(bound.has_value());
      order = Compare(condition.property == "created_time" ? row.created : row.newest().stamp, *bound);
    }
    if (!Holds(condition.comparison, order)) return false;
  }
  return true;
}

uint64_t Source::Count(Endpoint endpoint, const std::vector<sandbox::Condition>& filter) const {
  uint64_t count = 0;
  tenant_.Descend(endpoint, false, nullptr, [&](const Tenant::Row& row) {
    count += Matches(row, filter);
    return true;
  });
  return count;
}

bool Source::Refuses(Answer& answer, Endpoint endpoint, bool link) {
  const auto refuse = [&](int status, absl::string_view body = R"({"error":{"code":"X"}})") {
    answer.status = status;
    answer.body = std::string(body);
    return true;
  };
  const auto too_many = [&](absl::string_view wait) {
    if (!wait.empty()) answer.headers["retry-after"] = std::string(wait);
    return refuse(429);
  };
  if (world_.Strikes(Fault::k401)) {
    answer.key_works = world_.dice.Fraction() < 0.9;
    return refuse(401);
  }
  if (world_.Strikes(Fault::k403)) refused_.insert(endpoint);
  if (!world_.faults.on()) refused_.clear();
  if (refused_.contains(endpoint)) {
    // Somebody grants the scope after a while.
    if (world_.dice.Fraction() < 0.3) refused_.erase(endpoint);
    return refuse(403);
  }
  if (world_.Strikes(Fault::k429)) return too_many("3");
  if (world_.Strikes(Fault::k429Bare)) return too_many("");
  if (world_.Strikes(Fault::k429Date)) return too_many(sandbox::HttpDate(Now() + absl::Seconds(20)));
  if (world_.Strikes(Fault::k429Garbage)) return too_many("soon");
  if (world_.Strikes(Fault::k429Absurd)) return too_many("1000000000");
  if (world_.Strikes(Fault::k500)) return refuse(500);
  if (world_.Strikes(Fault::k502Html)) return refuse(502, "<html>bad gateway</html>");
  if (world_.Strikes(Fault::k503)) {
    answer.headers["retry-after"] = "2";
    return refuse(503);
  }
  if (link && world_.Strikes(Fault::kExpiredLink)) return refuse(410);
  if (world_.Strikes(Fault::kRedirect)) {
    answer.headers["location"] = "https://elsewhere.example.com/";
    return refuse(302);
  }
  if (world_.Strikes(Fault::kHtml)) return refuse(200, "<html>log in</html>");
  if (world_.Strikes(Fault::kEmptyBody)) return refuse(200, "");
  if (world_.Strikes(Fault::kError200)) return refuse(200);
  return false;
}

Source::Answer Source::OnArrival(uint64_t permit, const std::string& url) {
  ++world_.requests;
  const absl::Duration now = clock_.Now().boot;
  world_.Tell([&](Checker& checker) { checker.OnArrival(permit, now); });
  world_.Note("arrival", permit);
  Answer answer;
  answer.headers["date"] = sandbox::HttpDate(Now());
  if (!limiter_.Arrive(now).admitted) {
    ++world_.refused_by_limiter;
    answer.status = 429;
    answer.headers["retry-after"] = "60";
    return answer;
  }
  const absl::string_view rest = absl::string_view(url).substr(sizeof(kSourceUrl));
  const std::pair<std::string, std::string> parts = absl::StrSplit(rest, absl::MaxSplits('?', 1));
  std::vector<std::string> path = absl::StrSplit(parts.first, '/');
  const absl::StatusOr<Endpoint> endpoint = ParseEndpoint(path[0]);
  const absl::StatusOr<sandbox::Query> query = sandbox::ParseQuery(sandbox::DecodeParameters(parts.second));
  if (!endpoint.ok() || !query.ok()) {
    answer.status = endpoint.ok() ? 400 : 404;
    return answer;
  }
  if (Refuses(answer, *endpoint, !query->skip_token.empty())) return answer;
  const bool counts = path.size() == 2 && path[1] == "$count";
  if ((counts || query->count) && world_.Strikes(Fault::kCountRefused)) {
    answer.status = 400;
  } else if (counts) {
    answer.body = absl::StrCat(Count(*endpoint, query->filter));
  } else if (query->skip_token.empty()) {
    Serve(permit, *endpoint, *query, nullptr, 0, answer);
  } else {
    uint64_t serial = 0;
    if (!absl::SimpleAtoi(query->skip_token, &serial) || serial >= chains_.size()) {
      answer.status = 410;
      return answer;
    }
    const Chain chain = chains_[serial];
    Serve(permit, chain.endpoint, chain.query, &chain, serial, answer);
  }
  return answer;
}

std::string Source::NextLink(Endpoint endpoint, uint64_t serial, uint64_t here) {
  if (world_.Strikes(Fault::kForeignLink)) {
    return R"("@odata.nextLink":"https://elsewhere.example.com/export/v1/records/users?$skiptoken=1")";
  }
  if (here > 0 && world_.Strikes(Fault::kLoopLink)) serial = here;
  const std::string tail = absl::StrCat(Name(endpoint), "?$skiptoken=", serial);
  const std::string link = world_.Strikes(Fault::kRelativeLink) ? tail : absl::StrCat(kSourceUrl, "/", tail);
  const bool misspelt = world_.Strikes(Fault::kLinkCase);
  return absl::StrCat("\"", misspelt ? "odata.nextLink" : "@odata.nextLink", "\":\"", link, "\"");
}

void Source::Serve(uint64_t permit, Endpoint endpoint, const sandbox::Query& query, const Chain* chain,
                   uint64_t serial, Answer& answer) {
  const bool by_created = ByCreated(query);
  const uint64_t limit = std::min<uint64_t>(page_size_, query.top.value_or(page_size_));
  std::vector<const Tenant::Row*> rows;
  bool more = false;
  tenant_.Descend(endpoint, by_created, chain != nullptr ? &chain->after : nullptr,
                  [&](const Tenant::Row& row) {
                    if (!Matches(row, query.filter)) return true;
                    more = rows.size() == limit;
                    if (!more) rows.push_back(&row);
                    return !more;
                  });
  if (query.top.has_value()) more = false;
  if (chains_.empty()) chains_.emplace_back();  // number 0 is nobody's
  const bool empty = more && (chain == nullptr || chain->empties < 3) && world_.Strikes(Fault::kEmptyPage);
  std::string body = absl::StrCat(R"({"@odata.context":"c")");
  if (query.count && chain == nullptr) {
    absl::StrAppend(&body, R"(,"@odata.count":)", Count(endpoint, query.filter));
  }
  std::vector<std::string> records;
  if (!empty) {
    for (const Tenant::Row* row : rows) records.push_back(row->newest().raw);
  }
  // Null behind an empty first page: no row came before.
  const Tenant::Row* before = chain != nullptr ? tenant_.Find(endpoint, chain->after.second) : nullptr;
  if (!records.empty() && before != nullptr && world_.Strikes(Fault::kDuplicateRow)) {
    records.insert(records.begin(), before->versions[world_.dice.Next() % before->versions.size()].raw);
  }
  if (!records.empty() && world_.Strikes(Fault::kNoId)) {
    records.push_back(absl::StrCat(R"({"name":"nobody","n":)", world_.dice.Next() % 5, "}"));
  }
  if (!world_.Strikes(Fault::kNoValue)) {
    absl::StrAppend(&body, R"(,"value":[)");
    for (size_t i = 0; i < records.size(); ++i) {
      absl::StrAppend(&body, i == 0 ? "" : ",", records[i]);
      tenant_.Served(endpoint, records[i]);
    }
    absl::StrAppend(&body, "]");
    world_.Tell([&](Checker& checker) { checker.OnPageServed(permit, records); });
  }
  if (more && world_.Strikes(Fault::kMissingLink)) {
    ++links_left_out_;
    more = false;
  }
  if (more) {
    Chain next = {endpoint, query, {}, 0};
    if (empty) {
      next.after = chain != nullptr
                       ? chain->after
                       : Tenant::Key(INT64_MAX, std::string(1, '~'));  // before all: ids are hexadecimal
      next.empties = chain != nullptr ? chain->empties + 1 : 1;
    } else {
      next.after = {absl::ToUnixMillis(rows.back()->created), rows.back()->id};
    }
    chains_.push_back(next);
    absl::StrAppend(&body, ",", NextLink(endpoint, chains_.size() - 1, serial));
  }
  absl::StrAppend(&body, "}");
  answer.body = std::move(body);
  if (!rows.empty() && world_.Strikes(Fault::kRestampedWhileRead)) {
    for (const Tenant::Row* row : rows) tenant_.Restamp(endpoint, row->id, Now(), world_.queue.now());
  }
}

}  // namespace penstock::simulation
