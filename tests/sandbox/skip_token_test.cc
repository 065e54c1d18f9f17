// SPDX-License-Identifier: Apache-2.0
#include "sandbox/skip_token.h"

#include "tests/fakes/status_matchers.h"

namespace penstock::sandbox {
namespace {

using ::testing::HasSubstr;

SkipToken SampleToken() {
  SkipToken token;
  token.endpoint = Endpoint::kPluginCalls;
  token.query.filter = {{"created_time", Comparison::kGe, "2026-03-01"},
                        {"plugin_name", Comparison::kEq, "a\n'b'"}};
  token.query.order = {{"created_time", true}, {"id", false}};
  token.query.select = {"id", "used"};
  token.query.top = 1200;
  token.query.count = true;
  token.rank = 500;
  token.order_version = 3;
  return token;
}

TEST(SkipToken, CarriesTheWholeQuestion) {
  ASSERT_OK_AND_ASSIGN(const SkipToken token, DecodeSkipToken(EncodeSkipToken(SampleToken())));
  EXPECT_EQ(token.endpoint, Endpoint::kPluginCalls);
  EXPECT_EQ(FilterText(token.query.filter), FilterText(SampleToken().query.filter));
  EXPECT_EQ(OrderText(token.query.order), "created_time desc,id asc");
  EXPECT_EQ(token.query.select, SampleToken().query.select);
  EXPECT_EQ(token.query.top, 1200u);
  EXPECT_TRUE(token.query.count);
  EXPECT_EQ(token.rank, 500u);
  EXPECT_EQ(token.order_version, 3u);
}

TEST(SkipToken, AnEmptyQuestionSurvivesToo) {
  ASSERT_OK_AND_ASSIGN(const SkipToken token, DecodeSkipToken(EncodeSkipToken({})));
  EXPECT_TRUE(token.query.filter.empty() && token.query.order.empty() && token.query.select.empty());
  EXPECT_FALSE(token.query.top.has_value());
}

TEST(SkipToken, NeedsNoEscapingInAUrl) {
  const std::string text = EncodeSkipToken(SampleToken());
  EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
}

TEST(SkipToken, OneThatWasAlteredCutOrInventedIsRefused) {
  const std::string text = EncodeSkipToken(SampleToken());
  for (size_t i = 0; i < text.size(); i += 7) {
    std::string altered = text;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_THAT(DecodeSkipToken(altered),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("$skiptoken")))
        << i;
  }
  EXPECT_FALSE(DecodeSkipToken(text.substr(0, text.size() - 4)).ok());
  EXPECT_FALSE(DecodeSkipToken("500").ok());
  EXPECT_FALSE(DecodeSkipToken("%%%").ok());
  EXPECT_FALSE(DecodeSkipToken("").ok());
}

}  // namespace
}  // namespace penstock::sandbox
