// SPDX-License-Identifier: Apache-2.0
#include "worker/body_decoder.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/json_text.h"
#include "base/status_macros.h"

namespace penstock::worker {

struct BodyDecoder::Inflater {
  Inflater() {
    // 16 + the window bits: the gzip wrapper and nothing else.
    CHECK(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);
  }
  ~Inflater() { inflateEnd(&stream); }

  z_stream stream{};
  bool between_members = false;  // a whole gzip member was read; another may follow
};

BodyDecoder::BodyDecoder(const BodyLimits& limits) : limits_(limits) {}
BodyDecoder::~BodyDecoder() = default;

absl::Status BodyDecoder::Start(absl::string_view content_encoding) {
  const std::string encoding = absl::AsciiStrToLower(absl::StripAsciiWhitespace(content_encoding));
  if (encoding.empty() || encoding == "identity") return absl::OkStatus();
  if (encoding == "gzip" || encoding == "x-gzip") {
    inflater_ = std::make_unique<Inflater>();
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the answer has the Content-Encoding ", QuoteJson(encoding.substr(0, 60)),
                   " although only gzip was offered; is a proxy re-encoding answers?"));
}

absl::Status BodyDecoder::CheckCaps() const {
  if (body_.size() > limits_.max_bytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the answer's body is larger than ", limits_.max_bytes >> 20, " MiB; ask for a smaller range"));
  }
  if (inflater_ != nullptr && body_.size() > limits_.ratio_free_bytes &&
      body_.size() / limits_.max_ratio > received_) {
    return absl::ResourceExhaustedError(absl::StrCat("the answer's body unpacks to more than ",
                                                     limits_.max_ratio,
                                                     " times its size, as a decompression bomb does"));
  }
  return absl::OkStatus();
}

absl::Status BodyDecoder::Add(absl::string_view received) {
  received_ += received.size();
  if (inflater_ != nullptr) return Inflate(received);
  body_.append(received.data(), received.size());
  return CheckCaps();
}

absl::Status BodyDecoder::Inflate(absl::string_view received) {
  std::array<unsigned char, 16384> out;
  z_stream& stream = inflater_->stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(received.data()));
  stream.avail_in = static_cast<uInt>(received.size());
  do {
    if (inflater_->between_members) {
      if (stream.avail_in == 0) return absl::OkStatus();
      inflateReset(&stream);
      inflater_->between_members = false;
    }
    stream.next_out = out.data();
    stream.avail_out = out.size();
    const int result = inflate(&stream, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) return absl::ResourceExhaustedError("no memory left to unpack the answer");
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      return absl::UnavailableError("the answer's gzip stream is broken; asking again may help");
    }
    body_.append(reinterpret_cast<char*>(out.data()), out.size() - stream.avail_out);
    RETURN_IF_ERROR(CheckCaps());
    inflater_->between_members = result == Z_STREAM_END;
  } while (stream.avail_in > 0 || stream.avail_out == 0);
  return absl::OkStatus();
}

absl::Status BodyDecoder::Finish() {
  if (inflater_ == nullptr || received_ == 0 || inflater_->between_members) return absl::OkStatus();
  return absl::UnavailableError("the answer's gzip stream is cut; asking again may help");
}

}  // namespace penstock::worker
