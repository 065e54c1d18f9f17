// SPDX-License-Identifier: Apache-2.0
// The answers of the service proper: counts and pages, and what can be wrong inside a page.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "sandbox/page_writer.h"
#include "sandbox/service.h"
#include "sandbox/skip_token.h"

namespace penstock::sandbox {
namespace {

// A field as the vendor adds them, without a word.
constexpr absl::string_view kExtraField = R"("a_new_field":{"level":2,"tags":["neu",null]})";
// What JSON allows and warehouses dislike.
constexpr absl::string_view kOddText =
    R"("a_new_field":{"nul":"a\u0000b","emoji":"🧪","half":"\ud83d","big":12345678901234567890123,"tiny":1e-400})";

}  // namespace

absl::Status Service::Damage(const Target& target, Query& query) {
  if (!query.filter.empty() && Strikes(Fault::kNoFilter, target.endpoint)) {
    return absl::InvalidArgumentError("$filter: this option is not supported");
  }
  if (!query.order.empty() && Strikes(Fault::kNoOrder, target.endpoint)) {
    return absl::InvalidArgumentError("$orderby: this option is not supported");
  }
  if (!query.filter.empty() && Strikes(Fault::kIgnoreFilter, target.endpoint)) query.filter.clear();
  if (!query.order.empty() && Strikes(Fault::kIgnoreOrder, target.endpoint)) query.order.clear();
  return absl::OkStatus();
}

absl::StatusOr<HttpReply> Service::AnswerCount(const Query& query, const Target& target, const Moment& now) {
  if (Strikes(Fault::kNoCount, target.endpoint)) return absl::UnimplementedError("there is no $count here");
  if (!query.order.empty() || !query.select.empty() || query.top || query.skip > 0 ||
      !query.skip_token.empty()) {
    return absl::InvalidArgumentError("/$count understands $filter only");
  }
  Query damaged = query;
  RETURN_IF_ERROR(Damage(target, damaged));
  Collection& collection = *collections_[static_cast<size_t>(target.endpoint)];
  ASSIGN_OR_RETURN(const uint64_t count,
                   collection.Count(damaged.filter, VisibilityAt(target.endpoint, now)));
  HttpReply reply;
  reply.content_type = "text/plain";
  reply.body = absl::StrCat(count);
  return reply;
}

std::string Service::Records(const Collection::Page& page, const Query& query, const Target& target) {
  std::string records;
  std::vector<size_t> ends;
  records.reserve(page.rows.size() * 800);
  collections_[static_cast<size_t>(target.endpoint)]->Append(page.rows, &records, &ends);
  if (!query.select.empty()) {
    std::string kept;
    size_t begin = 0;
    for (size_t end : ends) {
      absl::StrAppend(&kept, begin == 0 ? "" : ",",
                      KeepProperties(absl::string_view(records).substr(begin, end - begin), query.select));
      begin = end + 1;
    }
    return kept;
  }
  if (ends.empty()) return records;
  std::string first = records.substr(0, ends[0]);
  if (Strikes(Fault::kNoId, target.endpoint)) first = DropProperties(first, {"id"});
  if (Strikes(Fault::kExtraField, target.endpoint)) first = AddProperty(first, kExtraField);
  if (Strikes(Fault::kOddText, target.endpoint)) first = AddProperty(first, kOddText);
  records.replace(0, ends[0], first);
  return records;
}

void Service::AddLinks(const Target& target, const SkipToken& next, const SkipToken& here,
                       Envelope& envelope) {
  const Endpoint endpoint = target.endpoint;
  const auto link = [&](const SkipToken& token) {
    return absl::StrCat(target.base, "/", Name(endpoint), "?$skiptoken=", EncodeSkipToken(token));
  };
  std::string url = link(next);
  if (Strikes(Fault::kLoopLink, endpoint)) url = link(here);
  if (Strikes(Fault::kRelativeLink, endpoint)) {
    url = absl::StrCat(Name(endpoint), "?$skiptoken=", EncodeSkipToken(next));
  }
  if (const std::string foreign = StruckWith(Fault::kForeignLink, endpoint); !foreign.empty()) url = foreign;
  std::string key = "@odata.nextLink";
  if (const std::string other = StruckWith(Fault::kLinkCase, endpoint); !other.empty()) key = other;
  envelope.links.push_back({key, QuoteJson(url)});
  if (Strikes(Fault::kTwoLinks, endpoint))
    envelope.links.push_back({"odata.nextLink", QuoteJson(link(here))});
  envelope.links_first = Strikes(Fault::kLinkFirst, endpoint);
}

void Service::AddLastLink(const Target& target, Envelope& envelope) {
  if (Strikes(Fault::kLinkNull, target.endpoint)) envelope.links.push_back({"@odata.nextLink", "null"});
  if (Strikes(Fault::kLinkEmpty, target.endpoint)) envelope.links.push_back({"@odata.nextLink", "\"\""});
}

absl::StatusOr<HttpReply> Service::AnswerPage(Query query, const Target& target, const Moment& now) {
  const Endpoint endpoint = target.endpoint;
  Collection& collection = *collections_[static_cast<size_t>(endpoint)];
  std::optional<Collection::Position> from;
  if (!query.skip_token.empty()) {
    ASSIGN_OR_RETURN(const SkipToken token, DecodeSkipToken(query.skip_token));
    if (token.endpoint != endpoint) return absl::InvalidArgumentError("$skiptoken: of another endpoint");
    query = token.query;
    from = Collection::Position{token.rank, token.order_version};
  } else {
    RETURN_IF_ERROR(Damage(target, query));
  }
  RETURN_IF_ERROR(collection.CheckSelect(query.select));
  const uint64_t limit = std::min<uint64_t>(options_.page_size, query.top.value_or(options_.page_size));
  ASSIGN_OR_RETURN(Collection::Page page, collection.Read(query, from, limit, VisibilityAt(endpoint, now)));

  SkipToken next = {endpoint, query};
  next.query.skip = 0;
  SkipToken here = next;
  if (query.top) next.query.top = *query.top - page.rows.size();
  if (query.top && *next.query.top == 0) page.next.reset();
  if (page.here) here.rank = page.here->rank, here.order_version = page.here->order_version;
  if (page.next) next.rank = page.next->rank, next.order_version = page.next->order_version;
  if (!page.rows.empty() && Strikes(Fault::kEmptyPage, endpoint)) {
    page.rows.clear();
    page.next = page.here;
    next = here;
  } else if (page.before && Strikes(Fault::kDuplicate, endpoint)) {
    page.rows.insert(page.rows.begin(), *page.before);
  }

  Envelope envelope;
  envelope.records = Records(page, query, target);
  if (!Strikes(Fault::kNoContext, endpoint)) {
    envelope.context = absl::StrCat(target.base, "/$metadata#", Name(endpoint));
  }
  if (query.count) envelope.count = absl::StrCat(page.total);
  if (query.count && Strikes(Fault::kCountString, endpoint)) envelope.count = QuoteJson(envelope.count);
  if (Strikes(Fault::kValueObject, endpoint)) envelope.value = Envelope::Value::kObject;
  if (Strikes(Fault::kNoValue, endpoint)) envelope.value = Envelope::Value::kAbsent;
  if (page.next) {
    AddLinks(target, next, here, envelope);
  } else {
    AddLastLink(target, envelope);
  }
  HttpReply reply;
  reply.body = WriteEnvelope(envelope);
  if (envelope.value == Envelope::Value::kArray) {
    std::lock_guard lock(mutex_);
    report_.endpoints[endpoint].rows += page.rows.size();
  }
  return reply;
}

}  // namespace penstock::sandbox
