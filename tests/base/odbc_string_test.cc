// SPDX-License-Identifier: Apache-2.0
#include "base/odbc_string.h"

#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

TEST(OdbcString, ValuesMayStandInBraces) {
  ASSERT_OK_AND_ASSIGN(
      const OdbcPairs pairs,
      ParseOdbcString(" Driver={ODBC Driver 18 for SQL Server}; Server = db,1433 ;;UID=a=b;PWD={x}};y};"));
  EXPECT_THAT(pairs, ElementsAre(Pair("Driver", "ODBC Driver 18 for SQL Server"), Pair("Server", "db,1433"),
                                 Pair("UID", "a=b"), Pair("PWD", "x};y")));
  EXPECT_THAT(*ParseOdbcString(""), IsEmpty());
}

TEST(OdbcString, IsReadAsItWasWritten) {
  for (const std::string& value :
       {"plain", "with blank", " at its ends ", "a;b", "}", "{x}", "p@ss=w;o}}rd"}) {
    const OdbcPairs pairs = {{"UID", "me"}, {"PWD", value}, {"APP", "penstock"}};
    ASSERT_OK_AND_ASSIGN(const OdbcPairs again, ParseOdbcString(FormatOdbcString(pairs)));
    EXPECT_EQ(again, pairs) << FormatOdbcString(pairs);
  }
  EXPECT_EQ(FormatOdbcString({{"Server", "db"}, {"PWD", "a}b;c"}}), "Server=db;PWD={a}}b;c}");
}

TEST(OdbcString, KeysAreFoundInAnyCase) {
  const OdbcPairs pairs = {{"SERVER", "db"}, {"Database", "dwh"}};
  EXPECT_EQ(OdbcValue(pairs, {"Servername", "Server"}), "db");
  EXPECT_EQ(OdbcValue(pairs, {"UID"}), "");
}

TEST(OdbcString, WhatIsNoneIsRefusedAndNeverRepeated) {
  for (const char* bad : {"hunter2", "UID=x;hunter2", "PWD={hunter2", "PWD={hunter}2;UID=x", "=hunter2"}) {
    EXPECT_THAT(ParseOdbcString(bad), StatusIs(absl::StatusCode::kInvalidArgument,
                                               AllOf(HasSubstr("KEY=VALUE"), Not(HasSubstr("hunter")))))
        << bad;
  }
}

}  // namespace
}  // namespace penstock
