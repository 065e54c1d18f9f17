// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace penstock::worker {

struct BodyLimits {
  size_t max_bytes = size_t{64} << 20;        // after decompression
  size_t max_ratio = 100;                     // decompressed : received, ..
  size_t ratio_free_bytes = size_t{1} << 20;  // .. looked at only beyond this size
};

// Gathers one response body as its bytes come in and undoes gzip, the only encoding that we offer. The caps
// hold while decoding, so a bomb never takes more memory than max_bytes.
class BodyDecoder {
 public:
  explicit BodyDecoder(const BodyLimits& limits);
  ~BodyDecoder();

  // The response's Content-Encoding, before the first Add. FAILED_PRECONDITION: one that was not offered, or
  // several.
  absl::Status Start(absl::string_view content_encoding);
  // RESOURCE_EXHAUSTED: a cap is passed. UNAVAILABLE: broken gzip.
  absl::Status Add(absl::string_view received);
  // UNAVAILABLE: the gzip stream is cut.
  absl::Status Finish();
  std::string TakeBody() { return std::move(body_); }

 private:
  struct Inflater;
  absl::Status Inflate(absl::string_view received);
  absl::Status CheckCaps() const;

  const BodyLimits limits_;
  std::unique_ptr<Inflater> inflater_;  // null: the body comes as it is
  std::string body_;
  size_t received_ = 0;
};

}  // namespace penstock::worker
