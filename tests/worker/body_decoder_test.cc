// SPDX-License-Identifier: Apache-2.0
#include "worker/body_decoder.h"

#include "tests/fakes/status_matchers.h"
#include "tests/worker/gzip.h"

namespace penstock::worker {
namespace {

using ::testing::HasSubstr;

// The body that `received` stands for, given in pieces of `step` bytes.
absl::StatusOr<std::string> Decode(absl::string_view encoding, const std::string& received,
                                   size_t step = 1 << 16, const BodyLimits& limits = {}) {
  BodyDecoder decoder(limits);
  RETURN_IF_ERROR(decoder.Start(encoding));
  for (size_t at = 0; at < received.size(); at += step)
    RETURN_IF_ERROR(decoder.Add(received.substr(at, step)));
  RETURN_IF_ERROR(decoder.Finish());
  return decoder.TakeBody();
}

// Compresses badly, so that no ratio is reached.
std::string Noise(size_t size) {
  std::string noise;
  for (uint32_t x = 1; noise.size() < size; x = x * 1664525 + 1013904223) noise += static_cast<char>(x >> 24);
  return noise;
}

TEST(BodyDecoder, APlainBodyStaysAsItIs) {
  EXPECT_EQ(*Decode("", "abc"), "abc");
  EXPECT_EQ(*Decode(" Identity ", "abc", 1), "abc");
}

TEST(BodyDecoder, GzipIsUndoneHoweverItIsCutIntoPieces) {
  const std::string text = Noise(100000) + std::string(50000, 'x');
  for (size_t step : {1, 7, 1000, 1 << 20}) EXPECT_EQ(*Decode("gzip", Gzip(text), step), text) << step;
  EXPECT_EQ(*Decode("X-GZIP", Gzip("")), "");
  EXPECT_EQ(*Decode("gzip", ""), "");
}

TEST(BodyDecoder, GzipMembersFollowOneAnother) {
  for (size_t step : {1, 1 << 20}) EXPECT_EQ(*Decode("gzip", Gzip("ab") + Gzip("") + Gzip("c"), step), "abc");
}

TEST(BodyDecoder, ACutGzipBodyIsAnError) {
  const std::string packed = Gzip(Noise(1000));
  for (size_t length = 1; length < packed.size(); ++length) {
    EXPECT_THAT(Decode("gzip", packed.substr(0, length)),
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cut")));
  }
}

TEST(BodyDecoder, ABrokenGzipBodyIsAnError) {
  std::string packed = Gzip(Noise(1000));
  packed[packed.size() - 6] ^= 1;  // the checksum
  EXPECT_THAT(Decode("gzip", packed), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("broken")));
  EXPECT_THAT(Decode("gzip", "{\"value\":[]}"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("broken")));
  EXPECT_THAT(Decode("gzip", Gzip("a") + "tail"), StatusIs(absl::StatusCode::kUnavailable, ::testing::_));
}

TEST(BodyDecoder, OtherEncodingsAreRefused) {
  for (const char* odd : {"deflate", "br", "gzip, gzip", "gzip,identity", "zstd", "\"\xFF"}) {
    EXPECT_THAT(Decode(odd, "x"),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("Content-Encoding")))
        << odd;
  }
}

TEST(BodyDecoder, TheCapHoldsForPlainAndPackedBodies) {
  const BodyLimits limits{.max_bytes = 100000};
  EXPECT_OK(Decode("", std::string(100000, 'x'), 999, limits));
  EXPECT_THAT(Decode("", std::string(100001, 'x'), 999, limits),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("larger")));
  EXPECT_OK(Decode("gzip", Gzip(Noise(100000)), 999, limits));
  EXPECT_THAT(Decode("gzip", Gzip(Noise(100001)), 999, limits),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("larger")));
}

TEST(BodyDecoder, ABombIsStoppedLongBeforeTheCap) {
  const std::string bomb = Gzip(std::string(size_t{8} << 20, '\0'));
  EXPECT_THAT(Decode("gzip", bomb), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("bomb")));
  EXPECT_OK(Decode("gzip", Gzip(std::string(1 << 20, '\0'))));  // a small page of equal rows is no bomb
}

}  // namespace
}  // namespace penstock::worker
