// SPDX-License-Identifier: Apache-2.0
#include "sandbox/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_split.h"

namespace penstock::sandbox {
namespace {

using ::testing::HasSubstr;

Report SampleReport() {
  Report report;
  report.endpoints[Endpoint::kUsers] = {3, 1200};
  report.endpoints[Endpoint::kPluginCalls] = {2, 7};
  report.statuses = {{200, 4}, {429, 1}};
  report.faults = {{"cut", 1}};
  report.limit_per_minute = 60;
  report.most_in_60s = 5;
  report.limited = 1;
  return report;
}

TEST(Report, TheJsonHasEveryEndpointAndNumber) {
  EXPECT_EQ(ReportJson(SampleReport()),
            R"({"requests":5,"rows":1207,"endpoints":{"users":{"requests":3,"rows":1200},)"
            R"("conversations":{"requests":0,"rows":0},"interactions":{"requests":0,"rows":0},)"
            R"("plugin-calls":{"requests":2,"rows":7},"plugin-resources":{"requests":0,"rows":0}},)"
            R"("statuses":{"200":4,"429":1},"sent_429":1,"limit_per_minute":60,"most_in_60s":5,"limited":1,)"
            R"("without_key":0,"token_requests":0,"faults":{"cut":1}})");
}

TEST(Report, TheTextFitsATerminal) {
  const std::string text = ReportText(SampleReport());
  EXPECT_THAT(text, HasSubstr("most requests in any 60 s: 5 (limit 60)"));
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(text, '\n'))) {
    EXPECT_LE(line.size(), 80u) << line;
  }
}

}  // namespace
}  // namespace penstock::sandbox
