// SPDX-License-Identifier: Apache-2.0
#include "worker/fetch_task.h"

#include <algorithm>
#include <cmath>

#include "absl/hash/hash.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/endpoint.h"
#include "base/status_macros.h"
#include "destinations/table_profile.h"
#include "proto/convert.h"
#include "worker/field_check.h"
#include "worker/limits.h"
#include "worker/page_decoder.h"
#include "worker/paginator.h"

namespace penstock::worker {
namespace {

using Release = v1::ReleaseWindowRequest;

// Answers that may be different next time (FAULTS 5.1-5.3, DATA_API 9).
bool IsPassing(int status) {
  return status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 504);
}

// A few words of the body, so that people see what the server said. Rows never get here: only refusals do.
std::string Said(const std::string& body) {
  std::string text = body.substr(0, 160);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text.empty() ? "" : absl::StrCat(": ", text);
}

std::string Redirection(const HttpResponse& response) {
  auto location = response.headers.find("location");
  if (location == response.headers.end()) return ": redirects are not followed";
  return absl::StrCat(": redirects are not followed (it leads to ", location->second.substr(0, 100), ")");
}

}  // namespace

FetchTask::FetchTask(v1::FetchAssignment assignment, std::string base_url, Random& random)
    : assignment_(std::move(assignment)),
      base_url_(std::move(base_url)),
      random_(random),
      page_(assignment_.page()),
      next_link_(assignment_.next_link()) {}

FetchAction FetchTask::Begin() { return GetPermit{}; }

std::string FetchTask::Where() const {
  return absl::StrCat(Name(FromProto(assignment_.endpoint())), " page ", page_);
}

Asked FetchTask::AskedFor() const {
  return {.axis = assignment_.axis(),
          .from = OptionalTime(assignment_.has_from(), assignment_.from()),
          .to = OptionalTime(assignment_.has_to(), assignment_.to()),
          .order = assignment_.order()};
}

std::string FetchTask::RequestUrl() const {
  const Asked asked = AskedFor();
  const Endpoint endpoint = FromProto(assignment_.endpoint());
  if (counting()) {
    return CountUrl(base_url_, endpoint, asked.axis, asked.from, asked.to,
                    OptionalTime(assignment_.has_created_from(), assignment_.created_from()));
  }
  return FirstPageUrl(base_url_, endpoint, asked.axis, asked.from, asked.to, asked.order,
                      !assignment_.no_count());
}

FetchAction FetchTask::OnPermit() {
  request_url_ = RequestUrl();
  if (next_link_.empty()) return SendPageRequest{request_url_};
  // Also links that an earlier worker committed pass the guard here, just before the credentials would go
  // out.
  absl::StatusOr<std::string> url = ResolveNextLink(base_url_, base_url_, next_link_);
  if (!url.ok()) return GiveBack{Release::PARKED, std::string(url.status().message())};
  request_url_ = *url;
  return SendPageRequest{request_url_};
}

FetchAction FetchTask::OnWaited() {
  if (waiting_to_commit_) {
    waiting_to_commit_ = false;
    return CommitThisPage{&*pending_};
  }
  return GetPermit{};
}

FetchAction FetchTask::OnWaitedInDrain(const Moment& now) {
  if (!draining_since_.has_value()) draining_since_ = now.boot;
  if (waiting_to_commit_ && now.boot - *draining_since_ < kDrainPatience) return OnWaited();
  return OnDrain();
}

FetchAction FetchTask::OnResponse(const HttpResult& result, bool authorized, const Moment& now) {
  if (result.fate != v1::ANSWERED) {
    // Never sent, or no byte came back: the source is not reachable. That ends by itself or by a person's
    // hand.
    if (absl::IsUnauthenticated(result.status)) {
      return TryAgain(kBackoffMax, std::string(result.status.message()));
    }
    if (absl::IsInvalidArgument(result.status)) {
      return GiveBack{Release::PARKED, std::string(result.status.message())};
    }
    return TryAgain(Backoff(outages_++), std::string(result.status.message()));
  }
  if (result.response.status != 200) return OnHttpStatus(result, authorized, now);
  if (absl::IsResourceExhausted(result.status)) {
    return GiveBack{Release::PARKED, absl::StrCat(Where(), ": ", result.status.message())};
  }
  if (!result.status.ok()) return CountAttempt(absl::StrCat(Where(), ": ", result.status.message()), now);
  return TakePage(result, now);
}

FetchAction FetchTask::OnHttpStatus(const HttpResult& result, bool authorized, const Moment& now) {
  const int status = result.response.status;
  const std::string what =
      absl::StrCat(Where(), ": the source answered ", status, Said(result.response.body));
  if (status == 429 || (status == 503 && result.response.headers.contains("retry-after"))) {
    return GetPermit{};  // the coordinator pauses the whole source: the next permit comes after that
  }
  if (IsPassing(status)) return CountAttempt(what, now);
  if (status == 401) {
    if (authorized && !renewed_) {
      renewed_ = true;
      return GetPermit{};
    }
    return GiveBack{Release::SOURCE_REFUSED,
                    absl::StrCat("the source refuses the credentials (401)", Said(result.response.body),
                                 "; check the key file, or create a new key")};
  }
  if (status == 403) {
    return GiveBack{Release::ENDPOINT_REFUSED, absl::StrCat("the credentials lack the scope for ",
                                                            Name(FromProto(assignment_.endpoint())), " (403)",
                                                            "; grant it to the key, then retry the job")};
  }
  if (!next_link_.empty() && (status == 400 || status == 404 || status == 410)) {
    return GiveBack{Release::CHAIN_BROKEN, absl::StrCat(what, " to a next link")};
  }
  if (counting() && (status == 400 || status == 404 || status == 405 || status == 501)) return NoCount(now);
  if (status == 400) return GiveBack{Release::REQUEST_REFUSED, what};
  if (status == 410) {
    return GiveBack{
        Release::SOURCE_REFUSED,
        absl::StrCat("the source has retired this version of the API (410); change the source's url")};
  }
  if (status >= 300 && status < 400)
    return GiveBack{Release::PARKED, absl::StrCat(what, Redirection(result.response))};
  return GiveBack{Release::PARKED, what};
}

FetchAction FetchTask::TakePage(const HttpResult& result, const Moment& now) {
  if (counting()) return TakeCount(result, now);
  absl::StatusOr<DecodedPage> decoded = DecodePage(result.response.body);
  if (absl::IsUnavailable(decoded.status())) {
    return CountAttempt(absl::StrCat(Where(), ": ", decoded.status().message()), now);
  }
  if (!decoded.ok())
    return GiveBack{Release::PARKED, absl::StrCat(Where(), ": ", decoded.status().message())};
  if (!decoded->has_value) {
    // Zero rows only where the server itself counts none; elsewhere rows would be missing (FAULTS 5.25).
    if (!next_link_.empty() || !decoded->next_link.empty() || decoded->count.value_or(0) != 0) {
      return CountAttempt(absl::StrCat(Where(), ": the answer has no 'value'"), now);
    }
    proving_empty_ = !decoded->count.has_value();
    if (proving_empty_) return GetPermit{};
  }
  if (!decoded->next_link.empty()) {
    absl::StatusOr<std::string> next = ResolveNextLink(base_url_, request_url_, decoded->next_link);
    if (!next.ok()) return GiveBack{Release::PARKED, absl::StrCat(Where(), ": ", next.status().message())};
    decoded->next_link = *std::move(next);
  }
  const std::string astray = CheckProgress(*decoded);
  if (!astray.empty()) return GiveBack{Release::PARKED, absl::StrCat(Where(), ": ", astray)};
  if (WasReadBefore(*decoded)) {
    return GiveBack{Release::CHAIN_BROKEN,
                    absl::StrCat(Where(), ": a new next link brought the records of an earlier page again")};
  }
  PageToCommit page;
  // The rows are rows all the same; what else to ask for is the coordinator's to decide.
  PageVerdict verdict = CheckPage(AskedFor(), *decoded);
  page.header.set_filter_ignored(verdict.filter_ignored);
  page.header.set_order_ignored(verdict.order_ignored);
  page.header.set_ignored(std::move(verdict.why));
  page.header.set_next_link(decoded->next_link);
  for (v1::OddField& field :
       OddFields(decoded->fields, destinations::GuideTable(FromProto(assignment_.endpoint())))) {
    *page.header.add_odd_fields() = std::move(field);
  }
  if (decoded->count.has_value() && page_ == 0) page.header.set_chain_records(*decoded->count);
  page.rows = std::move(decoded->rows);
  page.quarantined = std::move(decoded->quarantined);
  return Commit(std::move(page));
}

FetchAction FetchTask::TakeCount(const HttpResult& result, const Moment& now) {
  uint64_t count = 0;
  const std::string text(absl::StripAsciiWhitespace(absl::StripPrefix(result.response.body, "\xEF\xBB\xBF")));
  if (!absl::SimpleAtoi(text, &count)) {
    // A page or another document: the server took the path for something else. Anything but JSON may be a
    // proxy's word and is asked for again.
    if (absl::StartsWith(text, "{")) return NoCount(now);
    proving_empty_ = false;
    return CountAttempt(absl::StrCat(Where(), ": no number from $count"), now);
  }
  PageToCommit page;
  page.header.set_chain_records(count);
  if (assignment_.kind() == v1::COUNT) return Commit(std::move(page));
  proving_empty_ = false;
  if (count > 0) {
    return CountAttempt(absl::StrCat(Where(), ": no 'value' in the answer, but $count says ", count), now);
  }
  return Commit(std::move(page));
}

FetchAction FetchTask::NoCount(const Moment& now) {
  if (assignment_.kind() == v1::COUNT) return Commit(PageToCommit());
  proving_empty_ = false;
  return CountAttempt(
      absl::StrCat(Where(), ": no 'value' in the answer, and the source does not know $count"), now);
}

std::string FetchTask::CheckProgress(const DecodedPage& page) {
  if (page.next_link.empty()) return "";
  visited_.insert(absl::HashOf(request_url_));
  if (visited_.contains(absl::HashOf(page.next_link)))
    return "the next link leads to a page that was read before";
  if (page_ + 1 >= kChainPagesMax) return absl::StrCat("its chain has ", page_ + 1, " pages and goes on");
  empty_pages_ = page.rows.empty() && page.quarantined.empty() ? empty_pages_ + 1 : 0;
  if (empty_pages_ >= kEmptyPagesMax) {
    return absl::StrCat(empty_pages_, " pages in a row without a record, each with a next link");
  }
  return "";
}

bool FetchTask::WasReadBefore(const DecodedPage& page) {
  // One record may well be repeated from page to page.
  if (page.next_link.empty() || page.rows.size() < 2) return false;
  std::vector<absl::string_view> ids;
  for (const v1::Row& row : page.rows) ids.push_back(row.id());
  return !seen_.insert(absl::HashOf(ids)).second;
}

FetchAction FetchTask::Commit(PageToCommit page) {
  *page.header.mutable_token() = assignment_.token();
  page.header.set_window(assignment_.window());
  page.header.set_chain(assignment_.chain());
  page.header.set_page(page_);
  page.header.set_row_count(static_cast<uint32_t>(page.rows.size()));
  page.header.set_quarantined_count(static_cast<uint32_t>(page.quarantined.size()));
  pending_ = std::move(page);
  return CommitThisPage{&*pending_};
}

FetchAction FetchTask::OnCommitted(const v1::CommitPageResponse& response) {
  CHECK(pending_.has_value());
  next_link_ = pending_->header.next_link();
  pending_.reset();
  attempts_ = 0;
  outages_ = 0;
  renewed_ = false;
  ++page_;
  if (response.next() != v1::CommitPageResponse::CARRY_ON || next_link_.empty()) return Finished{};
  return GetPermit{};
}

FetchAction FetchTask::OnCommitFailed(const absl::Status& status) {
  CHECK(pending_.has_value());
  if (absl::IsAborted(status) || absl::IsFailedPrecondition(status)) return Finished{};
  if (absl::IsInvalidArgument(status)) {
    return GiveBack{Release::PARKED,
                    absl::StrCat(Where(), ": the coordinator refuses the page: ", status.message())};
  }
  waiting_to_commit_ = true;
  return TryAgain(Backoff(outages_++), absl::StrCat("cannot commit: ", status.message()),
                  absl::IsResourceExhausted(status));
}

FetchAction FetchTask::OnCredentialsFailed(const absl::Status& status, const Moment& now) {
  if (absl::IsUnavailable(status)) return TryAgain(Backoff(outages_++), std::string(status.message()));
  return GiveBack{Release::SOURCE_REFUSED, std::string(status.message())};
}

FetchAction FetchTask::TryAgain(absl::Duration wait, const std::string& trouble, bool local) {
  return WaitFirst{wait, trouble, local};
}

FetchAction FetchTask::CountAttempt(const std::string& trouble, const Moment& now) {
  if (attempts_ == 0) first_attempt_ = now.boot;
  ++attempts_;
  if (attempts_ >= kAttemptsMax || now.boot - first_attempt_ >= kAttemptsTime) {
    if (assignment_.kind() == v1::COUNT) return NoCount(now);  // nothing depends on a number
    return GiveBack{Release::PARKED, absl::StrCat(trouble, " (", attempts_, " times)")};
  }
  return TryAgain(Backoff(attempts_ - 1), trouble);
}

absl::Duration FetchTask::Backoff(uint32_t attempt) const {
  const absl::Duration most = std::min(kBackoffFirst * std::pow(2.0, std::min(attempt, 10u)), kBackoffMax);
  return most * (kBackoffLeast + (1 - kBackoffLeast) * random_.Fraction());
}

}  // namespace penstock::worker
