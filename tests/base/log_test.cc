// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace penstock {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Logged(LogFormat format, absl::string_view message, const LogFields& fields = {}) {
  SetUpLog(LogLevel::kInfo, format);
  ::testing::internal::CaptureStderr();
  Log(LogLevel::kWarning, message, fields);
  return ::testing::internal::GetCapturedStderr();
}

TEST(Log, ATextLineHasTheSentenceAndItsFields) {
  EXPECT_THAT(Logged(LogFormat::kText, "page committed", {{"window", "w-1043"}, {"rows", "500"}}),
              EndsWith(" W page committed window=w-1043 rows=500\n"));
}

TEST(Log, AJsonLineQuotesItsFields) {
  EXPECT_THAT(Logged(LogFormat::kJson, "say \"hi\"", {{"reason", "a\nb"}}),
              EndsWith(R"("level":"warning","message":"say \"hi\"","reason":"a\nb"})"
                       "\n"));
}

TEST(Log, BelowTheLevelNothingIsWritten) {
  SetUpLog(LogLevel::kWarning, LogFormat::kText);
  ::testing::internal::CaptureStderr();
  Log(LogLevel::kInfo, "quiet");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(Log, ASecretIsHiddenInMessageAndFields) {
  HideInLogs("hunter2-hunter2");
  const std::string line =
      Logged(LogFormat::kText, "key hunter2-hunter2", {{"header", "Bearer hunter2-hunter2"}});
  EXPECT_THAT(line, Not(HasSubstr("hunter2")));
  EXPECT_THAT(line, EndsWith("key [hidden] header=Bearer [hidden]\n"));
}

TEST(Redact, HidesEverySecretEverywhere) {
  HideInLogs("first-secret");
  HideInLogs("second-secret");
  EXPECT_EQ(Redact("first-secret,second-secret,first-secret"), "[hidden],[hidden],[hidden]");
}

TEST(Redact, ASecretThatBeginsWithAnotherLeavesNoTail) {
  HideInLogs("prefix-of-a-key");
  HideInLogs("prefix-of-a-key-and-more");
  EXPECT_EQ(Redact("x prefix-of-a-key-and-more y"), "x [hidden] y");
}

TEST(Redact, AShortTextIsNoSecretBecauseItWouldBlotOutWords) {
  HideInLogs("rows");
  EXPECT_EQ(Redact("500 rows"), "500 rows");
}

TEST(Log, ASecretThatJsonEscapesIsHiddenToo) {
  HideInLogs("back\\slash-secret");
  EXPECT_THAT(Logged(LogFormat::kJson, "key back\\slash-secret"), Not(HasSubstr("slash-secret")));
}

TEST(Log, AServersLineBreakCannotForgeALineOfText) {
  const std::string line =
      Logged(LogFormat::kText, "refused", {{"body", "x\n2026-01-01T00:00:00Z E forged"}});
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
}

}  // namespace
}  // namespace penstock
