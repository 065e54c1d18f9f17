// SPDX-License-Identifier: Apache-2.0
#include "worker/http_headers.h"

#include "tests/fakes/status_matchers.h"

namespace penstock::worker {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

HttpHeaders Read(std::initializer_list<const char*> lines) {
  HeaderReader reader;
  for (const char* line : lines) reader.Add(line);
  return reader.headers();
}

TEST(HeaderReader, NamesAreLowerCaseAndValuesTrimmed) {
  EXPECT_THAT(Read({"HTTP/1.1 200 OK\r\n", "Content-TYPE:  text/plain \t\r\n", "X:\r\n", "\r\n"}),
              UnorderedElementsAre(Pair("content-type", "text/plain"), Pair("x", "")));
}

TEST(HeaderReader, TheLastOfEqualNamesStays) {
  EXPECT_THAT(Read({"HTTP/1.1 200 OK\r\n", "Date: a\r\n", "date: b\r\n", "\r\n"}),
              UnorderedElementsAre(Pair("date", "b")));
}

TEST(HeaderReader, AFoldedLineGoesOn) {
  EXPECT_THAT(Read({"HTTP/1.1 200 OK\r\n", "  lost\r\n", "Server: a\r\n", "\tb\r\n", "no colon\r\n"}),
              UnorderedElementsAre(Pair("server", "a b")));
}

TEST(HeaderReader, AValueMayStandOnTheFoldedLineAlone) {
  EXPECT_THAT(Read({"HTTP/1.1 429 Slow\r\n", "Retry-After:\r\n", " 7\r\n", "\r\n"}),
              UnorderedElementsAre(Pair("retry-after", "7")));
}

TEST(HeaderReader, AnInterimAnswerIsForgotten) {
  EXPECT_THAT(Read({"HTTP/1.1 103 Early Hints\r\n", "Link: x\r\n", "\r\n", "HTTP/1.1 200 OK\r\n", "A: 1\r\n",
                    "\r\n"}),
              UnorderedElementsAre(Pair("a", "1")));
}

TEST(HeaderReader, TrailersChangeNothing) {
  EXPECT_THAT(Read({"HTTP/1.1 429 Slow\r\n", "Retry-After: 60\r\n", "\r\n", "Retry-After: 0\r\n",
                    "HTTP/1.1 200 OK\r\n"}),
              UnorderedElementsAre(Pair("retry-after", "60")));
}

TEST(CheckHeaders, ALineEndCannotBeSmuggledIn) {
  EXPECT_OK(CheckHeaders({{"Authorization", "Bearer a b\tc~"}, {"X-Empty", ""}}));
  for (const char* value : {"a\r\nHost: evil", "a\nb", "a\r", "\x01", "\x7f"}) {
    EXPECT_THAT(CheckHeaders({{"Authorization", value}}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("Authorization")));
  }
  EXPECT_THAT(CheckHeaders({{"Authorization", "geheim\r\n"}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("Authorization"), Not(HasSubstr("geheim")))));
  for (const char* name : {"", "a b", "a:", "a\r\nb", "é"}) {
    EXPECT_THAT(CheckHeaders({{name, "x"}}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("name")))
        << name;
  }
}

}  // namespace
}  // namespace penstock::worker
