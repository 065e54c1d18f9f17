// SPDX-License-Identifier: Apache-2.0
// What a fetch task asks the source for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/instant.h"
#include "base/random.h"
#include "proto/convert.h"
#include "tests/fakes/fake_clock.h"
#include "worker/fetch_task.h"

namespace penstock::worker {
namespace {

using ::testing::HasSubstr;

constexpr char kBase[] = "https://api.example.com/export/v1/records";

class FetchRequest : public ::testing::Test {
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
  static std::string Url(const FetchAction& action) {
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
};

TEST_F(FetchRequest, ACountIsOneRequestAndAPageWithoutRows) {
  v1::FetchAssignment window = Window();
  window.set_kind(v1::COUNT);
  FetchTask task(window, kBase, random_);
  As<GetPermit>(task.Begin());
  EXPECT_EQ(Url(task.OnPermit()), std::string(kBase) +
                                      "/interactions/$count?$filter=created_time%20ge%20%272026-03-01T00:00:"
                                      "00.000Z%27");
  HttpResult result;
  result.fate = v1::ANSWERED;
  result.response = {200, {}, "\xEF\xBB\xBF 1234\n"};
  const auto commit = As<CommitThisPage>(task.OnResponse(result, false, clock_.Now()));
  EXPECT_EQ(commit.page->header.chain_records(), 1234u);
  EXPECT_EQ(commit.page->header.next_link(), "");
}

TEST_F(FetchRequest, AServerThatCannotCountIsBelieved) {
  const std::pair<int, std::string> answers[] = {
      {404, ""}, {400, "what?"}, {200, R"({"@odata.context":"c","value":[]})"}};
  for (const auto& [status, body] : answers) {
    v1::FetchAssignment window = Window();
    window.set_kind(v1::COUNT);
    FetchTask task(window, kBase, random_);
    task.Begin();
    task.OnPermit();
    HttpResult result;
    result.fate = v1::ANSWERED;
    result.response = {status, {}, body};
    const auto commit = As<CommitThisPage>(task.OnResponse(result, false, clock_.Now()));
    EXPECT_FALSE(commit.page->header.has_chain_records()) << status;
  }
}

TEST_F(FetchRequest, TheOrderIsTheOneThatTheWindowNames) {
  const std::pair<v1::PageOrder, std::string> orders[] = {
      {v1::CREATED_TIME_DESC, "$orderby=created_time%20desc,id%20desc"}, {v1::ID_DESC, "$orderby=id%20desc"}};
  for (const auto& [order, text] : orders) {
    v1::FetchAssignment window = Window();
    window.set_order(order);
    FetchTask task(window, kBase, random_);
    task.Begin();
    EXPECT_THAT(Url(task.OnPermit()), HasSubstr(text));
  }
  v1::FetchAssignment window = Window();
  window.set_order(v1::NO_ORDER);
  FetchTask task(window, kBase, random_);
  task.Begin();
  EXPECT_THAT(Url(task.OnPermit()), ::testing::Not(HasSubstr("orderby")));
}

}  // namespace
}  // namespace penstock::worker
