// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/random.h"
#include "proto/worker_service.pb.h"
#include "worker/http_transport.h"
#include "worker/page_check.h"
#include "worker/page_decoder.h"

namespace penstock::worker {

// What a fetch task wants done next. Its shell (fetch_runner.h) does it and tells what came of it.
struct GetPermit {};      // then OnPermit, or OnLost
struct SendPageRequest {  // with a permit; then OnResponse
  std::string url;
};
struct PageToCommit {
  v1::PageHeader header;  // without the permit report, which the shell has
  std::vector<v1::Row> rows;
  std::vector<v1::QuarantinedRecord> quarantined;
};
struct CommitThisPage {      // then OnCommitted, OnCommitFailed or OnLost
  const PageToCommit* page;  // valid until the next event
};
struct WaitFirst {  // then OnWaited
  absl::Duration duration;
  std::string trouble;  // what fails and is tried again, for people
  bool local = false;   // it is the coordinator, not the source
};
struct GiveBack {  // the end: ReleaseWindow with this
  v1::ReleaseWindowRequest::Reason reason;
  std::string detail;
};
struct Finished {};  // the end: nothing is left to say
using FetchAction = std::variant<GetPermit, SendPageRequest, CommitThisPage, WaitFirst, GiveBack, Finished>;

// One leased window, page by page (or one count, which is committed as a page without rows), as a pure
// machine: events in, the next action out; no clock, no network, no thread.
//
//   GetPermit -> SendPageRequest -> CommitThisPage -> GetPermit .. until the chain ends
//
// Trouble: an unreachable source is waited for without end (an outage must not park anything); an answer that
// is no page (5xx, cut, HTML) is asked for again at most kAttemptsMax times within kAttemptsTime, then the
// window is parked; a next link that expired (400, 404, 410) or leads back breaks the chain; a first request
// that is refused (400) is given back: the coordinator decides what to ask for instead; 401 is asked again
// once with renewed credentials; 403 refuses the endpoint; everything else parks with its reason. A page
// that is not what was asked for (page_check.h) is committed and says so. A first answer without `value` is
// believed to be empty only when the server counts zero records for it. No trouble ever ends as "no more
// data".
class FetchTask {
 public:
  // `base_url` ends in /records. Waits are drawn from `random`.
  FetchTask(v1::FetchAssignment assignment, std::string base_url, Random& random);

  FetchAction Begin();

  FetchAction OnPermit();
  // `authorized`: 401 only: the shell has renewed or re-read the credentials, asking again may work.
  FetchAction OnResponse(const HttpResult& result, bool authorized, const Moment& now);
  FetchAction OnCommitted(const v1::CommitPageResponse& response);
  // The page is kept: committing it again is safe, the coordinator knows it.
  FetchAction OnCommitFailed(const absl::Status& status);
  FetchAction OnWaited();
  // The same when the worker stops: a page that is not committed yet is tried again, for kDrainPatience from the first
  // call. It would have to be fetched again.
  FetchAction OnWaitedInDrain(const Moment& now);
  // The credentials cannot be had: a secret file is missing, the token endpoint refuses or is down.
  FetchAction OnCredentialsFailed(const absl::Status& status, const Moment& now);
  // The lease ended.
  FetchAction OnLost() { return Finished{}; }
  // The worker stops: the window goes back; its committed pages stay.
  FetchAction OnDrain() { return GiveBack{v1::ReleaseWindowRequest::RETURNED, "the worker stops"}; }
  // It waits to commit a page.
  bool HoldsPage() const { return waiting_to_commit_; }

 private:
  FetchAction TakePage(const HttpResult& result, const Moment& now);
  FetchAction TakeCount(const HttpResult& result, const Moment& now);
  // The server cannot count.
  FetchAction NoCount(const Moment& now);
  // The next request asks for a number instead of a page.
  bool counting() const { return proving_empty_ || assignment_.kind() == v1::COUNT; }
  // Why the page's next link must not be followed; empty: it may.
  std::string CheckProgress(const DecodedPage& page);
  // Whether its chain leads back, by a link that is new each time. Remembers the page.
  bool WasReadBefore(const DecodedPage& page);
  FetchAction Commit(PageToCommit page);
  FetchAction TryAgain(absl::Duration wait, const std::string& trouble, bool local = false);
  // A failure that counts towards parking.
  FetchAction CountAttempt(const std::string& trouble, const Moment& now);
  FetchAction OnHttpStatus(const HttpResult& result, bool authorized, const Moment& now);
  absl::Duration Backoff(uint32_t attempt) const;
  Asked AskedFor() const;
  std::string RequestUrl() const;
  std::string Where() const;

  const v1::FetchAssignment assignment_;
  const std::string base_url_;
  Random& random_;

  uint32_t page_;
  std::string next_link_;                // verbatim, as committed
  std::string request_url_;              // of the page that is under way: relative links resolve against it
  bool proving_empty_ = false;           // the first answer had no `value`: the next request is a count
  std::optional<PageToCommit> pending_;  // fetched, not committed yet
  bool waiting_to_commit_ = false;
  std::optional<absl::Duration> draining_since_;  // boot clock
  uint32_t attempts_ = 0;                         // of this page, that count
  uint32_t outages_ = 0;                          // of this page, that do not
  absl::Duration first_attempt_;
  absl::flat_hash_set<size_t> visited_;  // hashes of the links this task followed
  absl::flat_hash_set<size_t> seen_;     // hashes of the pages' ids that it read
  uint32_t empty_pages_ = 0;             // in a row
  bool renewed_ = false;                 // this page was asked again after a 401
};

}  // namespace penstock::worker
