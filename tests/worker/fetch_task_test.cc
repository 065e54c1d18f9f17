// SPDX-License-Identifier: Apache-2.0
#include "worker/fetch_task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/instant.h"
#include "base/random.h"
#include "proto/convert.h"
#include "tests/fakes/fake_clock.h"
#include "worker/limits.h"

namespace penstock::worker {
namespace {

using ::testing::HasSubstr;
using Release = v1::ReleaseWindowRequest;

constexpr char kBase[] = "https://api.example.com/export/v1/records";
constexpr char kNext[] = "https://api.example.com/export/v1/records/interactions?$skiptoken=abc";

std::string Page(const std::string& next_link, const std::string& records = R"({"id":"a"})") {
  std::string page = R"({"@odata.context":"c","value":[)" + records + "]";
  if (!next_link.empty()) page += R"(,"@odata.nextLink":")" + next_link + "\"";
  return page + "}";
}

// One task and the world as the test tells it.
class FetchTaskTest : public ::testing::Test {
 protected:
  static v1::FetchAssignment Window() {
    v1::FetchAssignment window;
    window.mutable_token()->set_counter(1);
    window.set_window(1001);
    window.set_endpoint(v1::INTERACTIONS);
    window.set_axis(v1::CREATED_TIME);
    *window.mutable_from() = ToProto(*ParseDate("2026-03-01"));
    return window;
  }

  FetchAction Answer(int status, const std::string& body, std::map<std::string, std::string> headers = {}) {
    HttpResult result;
    result.fate = v1::ANSWERED;
    result.response = {status, std::move(headers), body};
    return task_.OnResponse(result, /*authorized=*/authorized_, clock_.Now());
  }
  FetchAction Fail(absl::Status status, v1::PermitFate fate) {
    HttpResult result;
    result.fate = fate;
    result.status = std::move(status);
    return task_.OnResponse(result, false, clock_.Now());
  }
  FetchAction Committed(v1::CommitPageResponse::Next next = v1::CommitPageResponse::CARRY_ON) {
    v1::CommitPageResponse response;
    response.set_next(next);
    return task_.OnCommitted(response);
  }
  std::string Url(const FetchAction& action) {
    const auto* send = std::get_if<SendPageRequest>(&action);
    return send == nullptr ? "(no request)" : send->url;
  }
  template <typename Action>
  static Action As(const FetchAction& action) {
    EXPECT_TRUE(std::holds_alternative<Action>(action)) << "action " << action.index();
    return std::holds_alternative<Action>(action) ? std::get<Action>(action) : Action{};
  }

  FakeClock clock_;
  SeededRandom random_{1};
  bool authorized_ = false;
  FetchTask task_{Window(), kBase, random_};
};

TEST_F(FetchTaskTest, EveryRequestHasAPermitAndEveryPageIsCommittedBeforeTheNext) {
  As<GetPermit>(task_.Begin());
  EXPECT_THAT(Url(task_.OnPermit()), HasSubstr("/interactions?$filter=created_time%20ge%20"));
  const auto first = As<CommitThisPage>(Answer(200, Page(kNext)));
  EXPECT_EQ(first.page->header.page(), 0u);
  EXPECT_EQ(first.page->header.next_link(), kNext);
  EXPECT_EQ(first.page->header.row_count(), 1u);
  As<GetPermit>(Committed());
  EXPECT_EQ(Url(task_.OnPermit()), kNext);
  const auto second = As<CommitThisPage>(Answer(200, Page("")));
  EXPECT_EQ(second.page->header.page(), 1u);
  EXPECT_EQ(second.page->header.next_link(), "");
  As<Finished>(Committed(v1::CommitPageResponse::STOP));
}

TEST_F(FetchTaskTest, APageTellsWhichFieldsItsTableDoesNotHave) {
  task_.Begin();
  task_.OnPermit();
  const auto page = As<CommitThisPage>(Answer(200, Page("", R"({"id":"a","actor":"Bot","mood":"good"})")));
  ASSERT_EQ(page.page->header.odd_fields_size(), 1);
  EXPECT_EQ(page.page->header.odd_fields(0).name(), "mood");
}

TEST_F(FetchTaskTest, ALeaseInMidChainGoesOnAtItsLink) {
  v1::FetchAssignment window = Window();
  window.set_page(7);
  window.set_next_link(kNext);
  FetchTask task(window, kBase, random_);
  task.Begin();
  EXPECT_EQ(Url(task.OnPermit()), kNext);
}

TEST_F(FetchTaskTest, AStopAfterAPageEndsTheTask) {
  task_.Begin();
  task_.OnPermit();
  Answer(200, Page(kNext));
  As<Finished>(Committed(v1::CommitPageResponse::STOP));
}

TEST_F(FetchTaskTest, AnEmptyPageWithANextLinkIsNotTheEnd) {
  task_.Begin();
  task_.OnPermit();
  EXPECT_EQ(As<CommitThisPage>(Answer(200, Page(kNext, ""))).page->header.next_link(), kNext);
}

TEST_F(FetchTaskTest, BrokenAnswersAreAskedForAgainAndThenParkedNeverTakenForTheEnd) {
  for (const std::string& body :
       {std::string("<html>502</html>"), std::string(""), std::string(R"({"value":[{"id":"a"})"),
        std::string(R"({"error":{"code":"x","message":"y"}})"), std::string("[]")}) {
    FetchTask task(Window(), kBase, random_);
    FetchAction action = task.Begin();
    for (uint32_t attempt = 1; attempt <= kAttemptsMax; ++attempt) {
      task.OnPermit();
      HttpResult result;
      result.fate = v1::ANSWERED;
      result.response = {200, {}, body};
      action = task.OnResponse(result, false, clock_.Now());
      if (attempt < kAttemptsMax) {
        EXPECT_GT(As<WaitFirst>(action).duration, absl::ZeroDuration());
        As<GetPermit>(task.OnWaited());
      }
    }
    EXPECT_EQ(As<GiveBack>(action).reason, Release::PARKED) << body;
    EXPECT_THAT(As<GiveBack>(action).detail, HasSubstr("8 times"));
  }
}

TEST_F(FetchTaskTest, AServersErrorIsAskedForAgainEightTimesAndThenParkedWithNothingKept) {
  for (int status : {500, 502, 503, 504}) {
    FetchTask task(Window(), kBase, random_);
    FetchAction action = task.Begin();
    for (uint32_t attempt = 1; attempt <= kAttemptsMax; ++attempt) {
      task.OnPermit();
      HttpResult result;
      result.fate = v1::ANSWERED;
      result.response = {status, {}, "<html>bad gateway</html>"};
      action = task.OnResponse(result, false, clock_.Now());
      EXPECT_FALSE(std::holds_alternative<CommitThisPage>(action));
      if (attempt < kAttemptsMax) task.OnWaited();
    }
    EXPECT_EQ(As<GiveBack>(action).reason, Release::PARKED) << status;
    EXPECT_THAT(As<GiveBack>(action).detail, HasSubstr("bad gateway"));
  }
}

TEST_F(FetchTaskTest, AnAnswerThatIsNeitherPageNorErrorIsParked) {
  for (int status : {204, 206, 207, 226, 418, 451, 505, 599}) {
    FetchTask task(Window(), kBase, random_);
    task.Begin();
    task.OnPermit();
    HttpResult result;
    result.fate = v1::ANSWERED;
    result.response = {status, {}, Page("")};
    const auto release = As<GiveBack>(task.OnResponse(result, false, clock_.Now()));
    EXPECT_EQ(release.reason, Release::PARKED) << status;
    EXPECT_THAT(release.detail, HasSubstr("answered " + std::to_string(status)));
  }
}

TEST_F(FetchTaskTest, ABodyBeyondTheCapIsParkedAndAStrangeEncodingAskedForAgain) {
  HttpResult result;
  result.fate = v1::ANSWERED;
  result.response.status = 200;
  result.status = absl::ResourceExhaustedError("a decompression bomb");
  FetchTask task(Window(), kBase, random_);
  task.Begin();
  task.OnPermit();
  EXPECT_EQ(As<GiveBack>(task.OnResponse(result, false, clock_.Now())).reason, Release::PARKED);
  result.status = absl::FailedPreconditionError("encoding \"br\"");
  task_.Begin();
  task_.OnPermit();
  EXPECT_THAT(As<WaitFirst>(task_.OnResponse(result, false, clock_.Now())).trouble, HasSubstr("br"));
}

TEST_F(FetchTaskTest, AttemptsAreBoundedInTimeToo) {
  task_.Begin();
  task_.OnPermit();
  As<WaitFirst>(Answer(500, ""));
  clock_.Advance(kAttemptsTime);
  EXPECT_EQ(As<GiveBack>(Answer(500, "")).reason, Release::PARKED);
}

TEST_F(FetchTaskTest, AnUnreachableSourceIsWaitedForWithoutEnd) {
  task_.Begin();
  for (int i = 0; i < 200; ++i) {
    task_.OnPermit();
    const auto wait = As<WaitFirst>(Fail(absl::UnavailableError("cannot connect"), v1::NEVER_SENT));
    EXPECT_LE(wait.duration, kBackoffMax);
    EXPECT_EQ(wait.trouble, "cannot connect");
    clock_.Advance(wait.duration);
    As<GetPermit>(task_.OnWaited());
  }
}

TEST_F(FetchTaskTest, AConnectionThatTakesLongerThanAPermitIsATroubleThatIsSeen) {
  task_.Begin();
  task_.OnPermit();
  const auto wait = As<WaitFirst>(Fail(absl::DeadlineExceededError("the permit ran out"), v1::NEVER_SENT));
  EXPECT_EQ(wait.trouble, "the permit ran out");
  EXPECT_GT(wait.duration, absl::ZeroDuration());
}

TEST_F(FetchTaskTest, ARateLimitIsNoFailureHoweverOftenItComes) {
  task_.Begin();
  for (int i = 0; i < 50; ++i) {
    task_.OnPermit();
    As<GetPermit>(Answer(i % 2 == 0 ? 429 : 503, "", {{"retry-after", "1"}}));
  }
}

TEST_F(FetchTaskTest, A401IsAskedAgainOnceWithRenewedCredentials) {
  authorized_ = true;
  task_.Begin();
  task_.OnPermit();
  As<GetPermit>(Answer(401, ""));
  task_.OnPermit();
  EXPECT_EQ(As<GiveBack>(Answer(401, "no such key")).reason, Release::SOURCE_REFUSED);
}

TEST_F(FetchTaskTest, ARefusedKeyBlocksTheSourceAndSaysWhatToDo) {
  task_.Begin();
  task_.OnPermit();
  const auto release = As<GiveBack>(Answer(401, ""));
  EXPECT_EQ(release.reason, Release::SOURCE_REFUSED);
  EXPECT_THAT(release.detail, HasSubstr("check the key file"));
}

TEST_F(FetchTaskTest, AMissingScopeRefusesTheEndpointAlone) {
  task_.Begin();
  task_.OnPermit();
  const auto release = As<GiveBack>(Answer(403, ""));
  EXPECT_EQ(release.reason, Release::ENDPOINT_REFUSED);
  EXPECT_THAT(release.detail, HasSubstr("scope for interactions"));
}

TEST_F(FetchTaskTest, AnExpiredLinkBreaksTheChainButAFirstRequestParks) {
  for (int status : {400, 404, 410}) {
    v1::FetchAssignment window = Window();
    window.set_page(3);
    window.set_next_link(kNext);
    FetchTask task(window, kBase, random_);
    task.Begin();
    task.OnPermit();
    HttpResult result;
    result.fate = v1::ANSWERED;
    result.response = {status, {}, ""};
    EXPECT_EQ(As<GiveBack>(task.OnResponse(result, false, clock_.Now())).reason, Release::CHAIN_BROKEN);
  }
  task_.Begin();
  task_.OnPermit();
  EXPECT_EQ(As<GiveBack>(Answer(404, "")).reason, Release::PARKED);
}

TEST_F(FetchTaskTest, AFirstRequestThatIsRefusedIsGivenBackToBeAskedOtherwise) {
  task_.Begin();
  EXPECT_THAT(Url(task_.OnPermit()), HasSubstr("$count=true"));
  const auto release = As<GiveBack>(Answer(400, "unknown option $count"));
  EXPECT_EQ(release.reason, Release::REQUEST_REFUSED);
  EXPECT_THAT(release.detail, HasSubstr("unknown option"));
  v1::FetchAssignment window = Window();
  window.set_no_count(true);
  FetchTask task(window, kBase, random_);
  task.Begin();
  EXPECT_THAT(Url(task.OnPermit()), ::testing::Not(HasSubstr("$count")));
}

TEST_F(FetchTaskTest, ALinkToAnotherOriginIsParkedAndNothingIsSentThere) {
  task_.Begin();
  task_.OnPermit();
  const auto release =
      As<GiveBack>(Answer(200, Page("https://evil.example.org/export/v1/records/interactions?x")));
  EXPECT_EQ(release.reason, Release::PARKED);
  EXPECT_THAT(release.detail, HasSubstr("evil.example.org"));
}

TEST_F(FetchTaskTest, AStoredLinkPassesTheGuardAgain) {
  v1::FetchAssignment window = Window();
  window.set_page(1);
  window.set_next_link("https://evil.example.org/x");
  FetchTask task(window, kBase, random_);
  task.Begin();
  EXPECT_EQ(As<GiveBack>(task.OnPermit()).reason, Release::PARKED);
}

TEST_F(FetchTaskTest, LinksThatGoInCirclesAreParked) {
  const std::string other = std::string(kNext) + "d";
  task_.Begin();
  task_.OnPermit();
  Answer(200, Page(kNext));
  Committed();
  task_.OnPermit();
  As<CommitThisPage>(Answer(200, Page(other)));
  Committed();
  task_.OnPermit();
  EXPECT_THAT(As<GiveBack>(Answer(200, Page(kNext))).detail, HasSubstr("read before"));
}

TEST_F(FetchTaskTest, NewLinksThatBringAnOldPageBreakTheChain) {
  const std::string two = R"({"id":"b"},{"id":"a"})";
  task_.Begin();
  task_.OnPermit();
  As<CommitThisPage>(Answer(200, Page(std::string(kNext) + "1", two)));
  Committed();
  task_.OnPermit();
  const auto release = As<GiveBack>(Answer(200, Page(std::string(kNext) + "2", two)));
  EXPECT_EQ(release.reason, Release::CHAIN_BROKEN);
  EXPECT_THAT(release.detail, HasSubstr("the records of an earlier page again"));
}

TEST_F(FetchTaskTest, AChainThatNeverEndsIsParked) {
  v1::FetchAssignment window = Window();
  window.set_page(kChainPagesMax - 1);
  window.set_next_link(kNext);
  FetchTask task(window, kBase, random_);
  task.Begin();
  task.OnPermit();
  HttpResult result;
  result.fate = v1::ANSWERED;
  result.response = {200, {}, Page(std::string(kNext) + "d")};
  EXPECT_THAT(As<GiveBack>(task.OnResponse(result, false, clock_.Now())).detail,
              HasSubstr("1000000 pages and goes on"));
}

TEST_F(FetchTaskTest, ThatTheServerIgnoresFilterOrOrderIsToldWithThePage) {
  const std::string old = R"({"id":"b","created_time":"2026-02-01T00:00:00.000Z"})";
  const std::string older = R"({"id":"a","created_time":"2026-01-31T00:00:00.000Z"})";
  task_.Begin();
  task_.OnPermit();
  const auto filter = As<CommitThisPage>(Answer(200, Page(kNext, absl::StrCat(old, ",", older))));
  EXPECT_TRUE(filter.page->header.filter_ignored());
  EXPECT_THAT(filter.page->header.ignored(), HasSubstr("the source ignores $filter"));
  FetchTask task(Window(), kBase, random_);
  task.Begin();
  task.OnPermit();
  HttpResult result;
  result.fate = v1::ANSWERED;
  result.response = {200, {}, Page(kNext, R"({"id":"a"},{"id":"b"},{"id":"c"})")};
  const FetchAction action = task.OnResponse(result, false, clock_.Now());
  EXPECT_TRUE(As<CommitThisPage>(action).page->header.order_ignored());
}

TEST_F(FetchTaskTest, EmptyPagesWithLinksComeToAnEnd) {
  task_.Begin();
  FetchAction action;
  for (uint32_t i = 0; i < kEmptyPagesMax; ++i) {
    task_.OnPermit();
    action = Answer(200, Page(std::string(kNext) + std::to_string(i), ""));
    if (std::holds_alternative<CommitThisPage>(action)) Committed();
  }
  EXPECT_THAT(As<GiveBack>(action).detail, HasSubstr("50 pages in a row"));
}

TEST_F(FetchTaskTest, AnAnswerWithoutValueIsEmptyOnlyWhenTheServerCountsNone) {
  task_.Begin();
  task_.OnPermit();
  As<GetPermit>(Answer(200, R"({"@odata.context":"c"})"));
  EXPECT_THAT(Url(task_.OnPermit()), HasSubstr("/interactions/$count?$filter=created_time%20ge"));
  EXPECT_EQ(As<CommitThisPage>(Answer(200, "0")).page->header.row_count(), 0u);
}

TEST_F(FetchTaskTest, AnAnswerWithoutValueIsAskedForAgainWhenTheServerCountsSome) {
  task_.Begin();
  task_.OnPermit();
  Answer(200, R"({"@odata.context":"c"})");
  task_.OnPermit();
  EXPECT_THAT(As<WaitFirst>(Answer(200, "12")).trouble, HasSubstr("$count says 12"));
}

TEST_F(FetchTaskTest, AFullDiskAtTheCoordinatorKeepsThePageAndCommitsItLater) {
  task_.Begin();
  task_.OnPermit();
  Answer(200, Page(""));
  As<WaitFirst>(task_.OnCommitFailed(absl::ResourceExhaustedError("disk full")));
  EXPECT_EQ(As<CommitThisPage>(task_.OnWaited()).page->header.row_count(), 1u);
  As<Finished>(Committed(v1::CommitPageResponse::STOP));
}

TEST_F(FetchTaskTest, ALostLeaseAtTheCommitEndsTheTask) {
  task_.Begin();
  task_.OnPermit();
  Answer(200, Page(""));
  As<Finished>(task_.OnCommitFailed(absl::AbortedError("lease")));
}

TEST_F(FetchTaskTest, ARecordWithoutAnIdIsQuarantinedWithThePage) {
  task_.Begin();
  task_.OnPermit();
  const auto commit = As<CommitThisPage>(Answer(200, Page("", R"({"id":"a"},{"name":"nobody"})")));
  EXPECT_EQ(commit.page->header.quarantined_count(), 1u);
  EXPECT_EQ(commit.page->quarantined[0].raw(), R"({"name":"nobody"})");
}

TEST_F(FetchTaskTest, ARedirectIsNotFollowed) {
  for (int status : {301, 302, 303, 307, 308}) {
    FetchTask task(Window(), kBase, random_);
    task.Begin();
    task.OnPermit();
    HttpResult result;
    result.fate = v1::ANSWERED;
    result.response = {status, {{"location", "https://login.example.org/"}}, ""};
    EXPECT_THAT(As<GiveBack>(task.OnResponse(result, false, clock_.Now())).detail,
                HasSubstr("redirects are not followed (it leads to https://login.example.org/)"));
  }
}

TEST_F(FetchTaskTest, CredentialsThatCannotBeHadBlockTheSourceUnlessThatMayPass) {
  task_.Begin();
  task_.OnPermit();
  As<WaitFirst>(task_.OnCredentialsFailed(absl::UnavailableError("token endpoint is down"), clock_.Now()));
  EXPECT_EQ(As<GiveBack>(task_.OnCredentialsFailed(absl::NotFoundError("no key file"), clock_.Now())).reason,
            Release::SOURCE_REFUSED);
}

}  // namespace
}  // namespace penstock::worker
