// SPDX-License-Identifier: Apache-2.0
#include "coordinator/query_book.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "coordinator/limits.h"

namespace penstock::coordinator {
namespace {

bool Same(const v1::LeaseToken& a, const v1::LeaseToken& b) {
  return a.epoch() == b.epoch() && a.counter() == b.counter();
}

}  // namespace

OpenQuery& QueryBook::Open(v1::Query query, std::string requested_by, absl::Duration now,
                           absl::Duration end) {
  OpenQuery& open = open_[++last_];
  open.number = last_;
  open.query = std::move(query);
  open.requested_by = std::move(requested_by);
  open.asked = now;
  open.end = end;
  return open;
}

OpenQuery* QueryBook::Find(uint64_t number) {
  const auto found = open_.find(number);
  return found == open_.end() ? nullptr : &found->second;
}

OpenQuery* QueryBook::FindTaken(const v1::LeaseToken& token) {
  for (auto& [number, query] : open_) {
    if (!query.worker.empty() && Same(query.token, token)) return &query;
  }
  return nullptr;
}

void QueryBook::Give(OpenQuery& query, const std::string& worker, const v1::LeaseToken& token,
                     absl::Duration now) {
  query.worker = worker;
  query.token = token;
  query.heard = now;
}

void QueryBook::TakeBack(OpenQuery& query) {
  query.worker.clear();
  query.token.Clear();
}

void QueryBook::EndSilence(absl::Duration now) {
  for (auto& [number, query] : open_) {
    if (query.worker.empty() || query.answer.has_value() || now < query.heard + kQuerySilence) continue;
    Log(LogLevel::kWarning, "a worker was not heard of again over a query",
        {{"query", QueryName(query.query)}, {"worker", query.worker}});
    TakeBack(query);
    if (++query.lost < kQueryWorkersMax) continue;
    query.answer = absl::AbortedError(absl::StrCat(
        query.lost, " workers were not heard of again while they worked on ", QueryName(query.query),
        "; look at their logs, and ask for a shorter time or fewer groups"));
  }
}

void QueryBook::KeepOnly(const std::string& worker, const std::vector<v1::LeaseToken>& held) {
  for (auto& [number, query] : open_) {
    if (query.worker != worker || query.answer.has_value()) continue;
    const bool known = std::any_of(held.begin(), held.end(),
                                   [&](const v1::LeaseToken& token) { return Same(token, query.token); });
    if (!known) TakeBack(query);
  }
}

size_t QueryBook::Ahead(uint64_t number) const {
  size_t ahead = 0;
  for (auto it = open_.begin(); it != open_.end() && it->first < number; ++it) {
    ahead += it->second.worker.empty() && !it->second.answer.has_value();
  }
  return ahead;
}

std::vector<std::string> QueryBook::OfWorker(const std::string& worker) const {
  std::vector<std::string> names;
  for (const auto& [number, query] : open_) {
    if (query.worker == worker && !query.answer.has_value()) names.push_back(QueryName(query.query));
  }
  return names;
}

std::string QueryName(const v1::Query& query) {
  std::string what = "views";
  if (query.has_metric()) what = query.metric().metric();
  if (query.has_rows()) what = absl::StrCat("rows of ", query.rows().question().metric());
  return absl::StrCat(what, " on ", query.destination());
}

}  // namespace penstock::coordinator
