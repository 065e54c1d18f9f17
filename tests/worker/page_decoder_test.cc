// SPDX-License-Identifier: Apache-2.0
#include "worker/page_decoder.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/log.h"
#include "proto/convert.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::worker {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kContext[] = R"("@odata.context":"https://h/export/v1/records/$metadata#users")";

// A page around `records`.
std::string Page(const std::string& records) {
  return absl::StrCat("{", kContext, ",\"value\":[", records, "]}");
}

// The reason why the only record of a page is quarantined; empty when it is a row.
std::string WhyQuarantined(const std::string& record) {
  const absl::StatusOr<DecodedPage> page = DecodePage(Page(record));
  EXPECT_OK(page);
  if (!page.ok() || page->quarantined.size() != 1) return "";
  EXPECT_EQ(page->quarantined[0].raw(), record);
  return page->quarantined[0].reason();
}

// The id of the only record of a page.
std::string IdOf(const std::string& record) {
  const absl::StatusOr<DecodedPage> page = DecodePage(Page(record));
  EXPECT_OK(page);
  if (!page.ok() || page->rows.size() != 1) return "(no row)";
  EXPECT_EQ(page->rows[0].raw(), record);
  return page->rows[0].id();
}

// The next link of an empty page whose envelope holds `fields` as well.
std::string LinkOf(const std::string& fields) {
  const absl::StatusOr<DecodedPage> page = DecodePage(absl::StrCat("{", fields, ",\"value\":[]}"));
  EXPECT_OK(page);
  return page.ok() ? page->next_link : "(no page)";
}

std::string Nested(int levels) {
  std::string text;
  for (int i = 0; i < levels; ++i) text += i % 2 == 0 ? "[" : R"({"a":)";
  text += "1";
  for (int i = levels - 1; i >= 0; --i) text += i % 2 == 0 ? "]" : "}";
  return text;
}

TEST(PageDecoder, APageGivesItsRecordsAndItsNextLink) {
  const std::string first = R"({"id":"qOdGXRtLDPhr" , "created_time":"2026-03-01T00:11:55.444Z",
      "detail":{"content":"é \"x\" \\","n":[1,2,{}]},"last_updated_time":"2026-03-02T06:03:42.571Z"})";
  const std::string second = R"({"id":"-_A","created_time":null,"last_updated_time":"soon"})";
  ASSERT_OK_AND_ASSIGN(
      const DecodedPage page,
      DecodePage(absl::StrCat("{\"@odata.nextLink\" : \"https:\\/\\/h/export?$skiptoken=a%2Fb\", ", kContext,
                              ", \"value\" : [\n ", first, " ,\n", second, "\n ] }\n")));
  EXPECT_TRUE(page.has_value);
  EXPECT_EQ(page.next_link, "https://h/export?$skiptoken=a%2Fb");
  EXPECT_EQ(page.count, std::nullopt);
  EXPECT_THAT(page.quarantined, IsEmpty());
  ASSERT_THAT(page.rows, SizeIs(2));
  EXPECT_EQ(page.rows[0].id(), "qOdGXRtLDPhr");
  EXPECT_EQ(page.rows[0].raw(), first);
  EXPECT_EQ(FormatStamp(FromProto(page.rows[0].created_time())), "2026-03-01T00:11:55.444Z");
  EXPECT_EQ(FormatStamp(FromProto(page.rows[0].last_updated_time())), "2026-03-02T06:03:42.571Z");
  EXPECT_EQ(page.rows[1].raw(), second);
  EXPECT_FALSE(page.rows[1].has_created_time());
  EXPECT_FALSE(page.rows[1].has_last_updated_time());
}

TEST(PageDecoder, AnEmptyPageMayHaveANextLink) {
  ASSERT_OK_AND_ASSIGN(const DecodedPage page,
                       DecodePage(R"({"value":[],"@odata.nextLink":"?$skiptoken=7"})"));
  EXPECT_THAT(page.rows, IsEmpty());
  EXPECT_TRUE(page.has_value);
  EXPECT_EQ(page.next_link, "?$skiptoken=7");
}

TEST(PageDecoder, EverySpellingOfTheNextLinkIsUnderstood) {
  for (const char* key : {"@odata.nextLink", "odata.nextLink", "@nextLink", "nextLink", "odata.nextlink",
                          "@ODATA.NEXTLINK", "\\u0040odata.nextLink"}) {
    EXPECT_EQ(LinkOf(absl::StrCat("\"", key, "\":\"L\"")), "L") << key;
  }
  EXPECT_EQ(LinkOf(R"("@odata.nextLink":null)"), "");
  EXPECT_EQ(LinkOf(R"("@odata.nextLink":"")"), "");
  EXPECT_EQ(LinkOf(R"("@odata.nextLink":"","nextLink":"L","odata.nextLink":null)"), "L");
  EXPECT_EQ(LinkOf(R"("@odata.nextLink":"L","odata.nextlink":"\u004c")"), "L");
  EXPECT_EQ(LinkOf(R"("next":"L","detail":{"nextLink":"M"})"), "");
}

TEST(PageDecoder, NextLinksThatContradictEachOtherAreNotFollowed) {
  EXPECT_THAT(DecodePage(R"({"@odata.nextLink":"L","odata.nextLink":"M","value":[]})"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("two different next links")));
  EXPECT_THAT(DecodePage(R"({"@odata.nextLink":7,"value":[]})"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("next link")));
  EXPECT_THAT(DecodePage(R"({"@odata.nextLink":{"href":"L"},"value":[]})"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("next link")));
  EXPECT_THAT(DecodePage(R"({"@odata.nextLink":"\ud800","value":[]})"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("next link")));
  EXPECT_THAT(DecodePage("{\"@odata.nextLink\":\"https://h/\xFF\",\"value\":[]}"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("next link")));
  EXPECT_THAT(DecodePage(R"({"value":[{"id":"1"}],"value":[{"id":"2"}]})"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("two keys named 'value'")));
}

TEST(PageDecoder, TheCountIsANumberOrAString) {
  const auto count = [](const std::string& text) { return DecodePage(text)->count; };
  EXPECT_EQ(count(R"({"@odata.count":12,"value":[]})"), 12u);
  EXPECT_EQ(count(R"({"@count":"12","value":[]})"), 12u);
  EXPECT_EQ(count(R"({"odata.count":18446744073709551615,"value":[]})"), 18446744073709551615u);
  for (const char* odd : {"-1", "1.5", "\"\"", "\"many\"", "null", "[1]", "18446744073709551616", "\" 1\""}) {
    EXPECT_EQ(count(absl::StrCat(R"({"@odata.count":)", odd, R"(,"value":[]})")), std::nullopt) << odd;
  }
}

TEST(PageDecoder, AContextWithoutValueIsToldApartFromAnEmptyPage) {
  ASSERT_OK_AND_ASSIGN(const DecodedPage page, DecodePage(absl::StrCat("{", kContext, "}")));
  EXPECT_FALSE(page.has_value);
  EXPECT_THAT(page.rows, IsEmpty());
}

TEST(PageDecoder, AnErrorInADisguiseOfSuccessIsAnError) {
  EXPECT_THAT(DecodePage(R"({"error":{"code":"E42","message":"too many","inner":{"x":[1]}}})"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("E42: too many")));
  EXPECT_THAT(DecodePage(R"({"error":"no such thing"})"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no such thing")));
  EXPECT_THAT(DecodePage(R"({"code":"E7","message":"sorry"})"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("E7: sorry")));
  EXPECT_THAT(DecodePage(R"({"value":[{"id":"1"}],"error":{"message":"broke off"}})"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("broke off")));
  EXPECT_OK(DecodePage(R"({"value":[],"error":null})"));
  EXPECT_OK(DecodePage(R"({"value":[],"code":"200","message":"fine"})"));
}

TEST(PageDecoder, AnErrorThatRepeatsASecretDoesNotShowIt) {
  HideInLogs("sesame-open-1234");
  EXPECT_THAT(DecodePage(R"({"error":"bad key sesame-open-1234"})"),
              StatusIs(absl::StatusCode::kUnavailable,
                       ::testing::AllOf(HasSubstr("bad key"), ::testing::Not(HasSubstr("sesame")))));
}

TEST(PageDecoder, WhatIsNoPageIsAskedForAgain) {
  for (const char* body : {"",
                           " \n",
                           "null",
                           "7",
                           "\"value\"",
                           "[]",
                           "[{\"id\":\"1\"}]",
                           "{}",
                           "{\"a\":1}",
                           "OK",
                           "<html></html>",
                           R"({"value":{}})",
                           R"({"value":null})",
                           R"({"value":"x"})",
                           R"({"value":[]} x)",
                           R"({"value":[]}{"value":[]})",
                           R"({"value":[]}})",
                           R"({"value":[],})",
                           R"({"value":[{"id":"1"}{"id":"2"}]})",
                           R"({"value":[{"id":"1"},]})",
                           R"({"value":[,]})",
                           R"({"value":[{"id":"1",}]})",
                           R"({"value":[{"id" "1"}]})",
                           R"({"value":[{id:"1"}]})",
                           R"({"value":[{"a":[}]}]})",
                           R"({"value":[{"a":1 "b":2}]})",
                           R"({"value":[{"id":}]})",
                           R"({"value":[]]})",
                           R"({"value":[{"id":"1"]})",
                           R"({value:[]})",
                           R"({"value":[],"x":NaN})",
                           "{\"value\":[]}\xEF\xBB\xBF",
                           "{\"value\":[{\"id\":1\f}]}",
                           "\xFF\xFE{",
                           R"({"value":[],"x":[1}})",
                           R"({"value":[{"id":"1","t":x\"},{"id":"2","u":"}"}]})",
                           R"({"value":[{"id":"1"},\"]})",
                           R"({"value":[{"id":"1","a":"\q":1},x},{"id":"2"}]})",
                           R"({"value":[{"id":"1","\q":"a":1},x},{"id":"2"}]})",
                           R"({"value":[{"a":"\q" 1,{"id":"2"}]})",
                           R"({"value":[{"a":NaN],{"id":"2"}]})",
                           R"({"value":["\q":1},{"id":"2"}]})",
                           R"({"value":["s":1},{"id":"2"}]})",
                           R"({"value":[{"id":"1"}],"x":"unclosed})"}) {
    EXPECT_THAT(DecodePage(body), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("asking again")))
        << body;
  }
}

TEST(PageDecoder, AByteOrderMarkIsTolerated) {
  ASSERT_OK_AND_ASSIGN(const DecodedPage page, DecodePage("\xEF\xBB\xBF" + Page(R"({"id":"1"})")));
  EXPECT_THAT(page.rows, SizeIs(1));
}

// Cuts a page with every kind of value at every byte: whatever is missing, the rest is no page.
TEST(PageDecoder, ACutBodyIsNeverTheEndOfData) {
  const std::string record =
      R"({"id":"a\\","n":[1.5e3,-0,true,false,null],"o":{"p":{},"q":"é\u00e9"},"k":{"id":"}]}"}})";
  const std::string page = absl::StrCat(
      "{", kContext, R"(,"value":[)", record, ",", record,
      R"(],"@odata.count":2,"@odata.nextLink":"https://h/export/v1/records/users?$skiptoken=x"})");
  ASSERT_OK(DecodePage(page));
  for (size_t length = 0; length < page.size(); ++length) {
    EXPECT_THAT(DecodePage(page.substr(0, length)), StatusIs(absl::StatusCode::kUnavailable, ::testing::_))
        << page.substr(0, length);
  }
}

// The same with what a server may leave behind in a buffer after the cut.
TEST(PageDecoder, BytesBehindTheBodyAreNotRead) {
  std::string body = Page(R"({"id":"1"},{"id":"2"})");
  const std::string whole = body;
  body.reserve(whole.size() + 200);
  for (size_t length = 1; length < whole.size(); ++length) {
    body.assign(whole);   // the bytes stay in the buffer ..
    body.resize(length);  // .. behind the end
    EXPECT_THAT(DecodePage(body), StatusIs(absl::StatusCode::kUnavailable, ::testing::_)) << body;
  }
}

TEST(PageDecoder, AnyTextUpTo1024BytesIsAnId) {
  EXPECT_EQ(IdOf(R"({"id":"x"})"), "x");
  EXPECT_EQ(IdOf(R"({"\u0069d":"x"})"), "x");
  EXPECT_EQ(IdOf(R"({"id":"\u00e9\ud83d\ude00\n"})"), "é😀\n");
  EXPECT_EQ(IdOf(R"({"id":" "})"), " ");
  EXPECT_EQ(IdOf(R"({"id":"\u0000"})"), std::string(1, '\0'));
  EXPECT_EQ(IdOf(absl::StrCat(R"({"id":")", std::string(1024, 'i'), R"("})")), std::string(1024, 'i'));
}

TEST(PageDecoder, ANumberIsAnIdByItsToken) {
  EXPECT_EQ(IdOf(R"({"id":18446744073709551616})"), "18446744073709551616");
  EXPECT_EQ(IdOf(R"({"id":1.50})"), "1.50");
  EXPECT_EQ(IdOf(R"({"id":-0})"), "-0");
  EXPECT_EQ(IdOf(R"({"id": 7 ,"a":1})"), "7");
}

TEST(PageDecoder, TheLastOfDuplicateKeysWins) {
  EXPECT_EQ(IdOf(R"({"id":"1","id":"2"})"), "2");
  EXPECT_THAT(WhyQuarantined(R"({"id":"1","id":null})"), HasSubstr("null"));
  ASSERT_OK_AND_ASSIGN(
      const DecodedPage page,
      DecodePage(Page(R"({"id":"1","last_updated_time":"2026-03-02T06:03:42.571Z","last_updated_time":3})")));
  EXPECT_FALSE(page.rows.at(0).has_last_updated_time());
}

TEST(PageDecoder, ARecordWithoutAUsableIdIsQuarantinedWithItsReason) {
  EXPECT_THAT(WhyQuarantined(R"({"name":"x"})"), HasSubstr("no id"));
  EXPECT_THAT(WhyQuarantined(R"({})"), HasSubstr("no id"));
  EXPECT_THAT(WhyQuarantined(R"({"ID":"x","detail":{"id":"1"}})"), HasSubstr("no id"));
  EXPECT_THAT(WhyQuarantined(R"({"id":null})"), HasSubstr("null"));
  EXPECT_THAT(WhyQuarantined(R"({"id":""})"), HasSubstr("empty"));
  EXPECT_THAT(WhyQuarantined(R"({"id":true})"), HasSubstr("neither a string nor a number"));
  EXPECT_THAT(WhyQuarantined(R"({"id":{"id":"1"}})"), HasSubstr("neither a string nor a number"));
  EXPECT_THAT(WhyQuarantined(R"({"id":["1"]})"), HasSubstr("neither a string nor a number"));
  EXPECT_THAT(WhyQuarantined(absl::StrCat(R"({"id":")", std::string(1025, 'i'), R"("})")), HasSubstr("1024"));
  EXPECT_THAT(WhyQuarantined(absl::StrCat(R"({"id":)", std::string(1025, '1'), "}")), HasSubstr("1024"));
  for (const char* lone : {"\\ud800", "\\udc00", "\\ud800\\u0041", "\\ud800x", "\\ude00\\ud83d"}) {
    EXPECT_THAT(WhyQuarantined(absl::StrCat(R"({"id":")", lone, R"("})")), HasSubstr("no character")) << lone;
  }
}

TEST(PageDecoder, WhatIsNoObjectIsQuarantined) {
  for (const char* odd : {"null", "7", "\"x\"", "[]", R"([{"id":"1"},[[]]])", "true"}) {
    EXPECT_THAT(WhyQuarantined(odd), HasSubstr("not a JSON object")) << odd;
  }
}

TEST(PageDecoder, AnUnreadableRecordDoesNotTakeItsPageAlong) {
  const auto neighbours = [](const std::string& bad) {
    const absl::StatusOr<DecodedPage> page =
        DecodePage(Page(absl::StrCat(R"({"id":"1"},)", bad, R"(,{"id":"é"})")));
    EXPECT_OK(page) << bad;
    if (!page.ok()) return std::string();
    EXPECT_THAT(page->quarantined, SizeIs(1)) << bad;
    EXPECT_THAT(page->rows, SizeIs(2)) << bad;
    if (page->quarantined.size() != 1) return std::string();
    EXPECT_EQ(page->quarantined[0].raw(), bad);
    return page->quarantined[0].reason();
  };
  for (const char* scalar : {"NaN", "Infinity", "nulx", "truefalse", "01", "1.", ".5", "+1", "1e", "0x10",
                             "--1", "-", "\"\\x\"", "\"\\u12g4\"", "'a'"}) {
    EXPECT_THAT(neighbours(absl::StrCat(R"({"id":"2","a":{"b":[)", scalar, R"(]},"c":1})")),
                HasSubstr("not JSON"))
        << scalar;
  }
  for (const char* space : {"\x01", "\v", "\x7f"}) {
    EXPECT_THAT(neighbours(absl::StrCat("{\"id\":\"2\",\"a\":1", space, ",\"c\":1}")), HasSubstr("not JSON"));
  }
  EXPECT_THAT(neighbours(R"({"id":"2","\q":1})"), HasSubstr("key"));
  EXPECT_THAT(neighbours("{\"id\":\"2\",\"a\":\"\xFF\xC3\"}"), HasSubstr("UTF-8"));
  EXPECT_THAT(neighbours("{\"id\":\"\xED\xA0\x80\"}"), HasSubstr("UTF-8"));
  EXPECT_THAT(neighbours("{\"id\":\"2\",\"a\":\"tab\there\\\"\n\"}"), HasSubstr("control"));
  EXPECT_THAT(neighbours(absl::StrCat(R"({"id":"2","a":)", Nested(1000), "}")), HasSubstr("deep"));
  EXPECT_THAT(neighbours(absl::StrCat(R"({"id":"2","a":)", Nested(100000), "}")), HasSubstr("deep"));
}

TEST(PageDecoder, WhatIsOddButJsonIsARow) {
  EXPECT_EQ(IdOf(absl::StrCat(R"({"id":"2","a":)", Nested(999), "}")), "2");
  EXPECT_EQ(IdOf(R"({"id":"2","a":[1e400,-1E-400,0.000,123456789012345678901234567890,-0]})"), "2");
  EXPECT_EQ(IdOf(R"({"id":"2","a":"\ud800 lone \u0000 \/"})"), "2");
  EXPECT_EQ(IdOf(R"({"id":"2","a":1,"a":{"a":2}})"), "2");
  EXPECT_EQ(IdOf(absl::StrCat(R"({"id":"2","a":")", std::string(5 << 20, 'x'), "\"}")), "2");
}

TEST(PageDecoder, ABrokenRecordNeverHidesBehindAMendedOne) {
  // A mended key might be the next link's.
  EXPECT_THAT(DecodePage("{\"value\":[],\"@odata.next\x01Link\":\"L\"}"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("beside its records")));
  EXPECT_THAT(DecodePage("{\"value\":[{\"id\":\"\xFF\"}],\"note\":\"\xFF\"}"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("beside its records")));
  // Outside of strings nothing is mended.
  EXPECT_THAT(DecodePage(Page("{\"id\":\"1\"},\xFF{\"id\":\"2\"}")),
              StatusIs(absl::StatusCode::kUnavailable, ::testing::_));
  EXPECT_THAT(DecodePage(Page("{\"id\":\"1\", \x01 \"a\":\"\xFF\"}")),
              StatusIs(absl::StatusCode::kUnavailable, ::testing::_));
}

TEST(PageDecoder, ABigPageIsReadWhole) {
  std::string records;
  for (int i = 0; i < 100000; ++i)
    absl::StrAppend(&records, i == 0 ? "" : ",", R"({"id":")", i, R"(","a":[{},[]]})");
  ASSERT_OK_AND_ASSIGN(const DecodedPage page, DecodePage(Page(records)));
  ASSERT_THAT(page.rows, SizeIs(100000));
  EXPECT_EQ(page.rows.back().id(), "99999");
}

}  // namespace
}  // namespace penstock::worker
