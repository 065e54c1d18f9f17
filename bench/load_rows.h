// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "destinations/destination.h"
#include "proto/convert.h"
#include "worker/normaliser.h"

// What the load benchmarks load.
namespace penstock::bench {

inline constexpr size_t kBatch = 2000;
inline constexpr Endpoint kEndpoint = Endpoint::kInteractions;

inline std::string RandomId(Random& random) {
  static constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string id;
  for (int i = 0; i < 12; ++i) id += kLetters[random.Next() % 64];
  return id;
}

// Records of the size and shape of the interactions endpoint, ids in random order, one stamp per batch.
class Source {
 public:
  std::vector<v1::Change> NextBatch() {
    const absl::Time stamp = absl::FromUnixSeconds(1'772'000'000) + absl::Seconds(number_);
    std::vector<v1::Change> batch(kBatch);
    for (v1::Change& change : batch) {
      change.set_number(++number_);
      change.set_endpoint(ToProto(kEndpoint));
      change.mutable_row()->set_id(RandomId(random_));
      *change.mutable_row()->mutable_last_updated_time() = ToProto(stamp);
      change.mutable_row()->set_raw(absl::StrCat(
          R"({"actor":"user","conversation_id":")", RandomId(random_), R"(","created_time":")",
          FormatStamp(stamp - absl::Milliseconds(random_.Next() % 86'400'000)), R"(","detail":{"content":")",
          std::string(random_.Next() % 400, 'c'), R"(","domain":"IT","entity":null},"id":")",
          change.row().id(), R"(","label":null,"last_updated_time":")", FormatStamp(stamp),
          R"(","parent_interaction_id":")", RandomId(random_),
          R"(","platform":"slack","type":"INTERACTION_TYPE_FREE_TEXT","user_id":"3168001185076940254"})"));
    }
    return batch;
  }

 private:
  SeededRandom random_{1};
  uint64_t number_ = 0;
};

inline std::vector<destinations::TypedRow> Normalised(const std::vector<v1::Change>& batch) {
  std::vector<destinations::TypedRow> rows;
  rows.reserve(batch.size());
  for (const v1::Change& change : batch) {
    absl::StatusOr<worker::Normalised> result =
        worker::Normalise(change, destinations::GuideTable(kEndpoint));
    CHECK(result.ok() && result->irregular == 0);
    rows.push_back(std::move(result->row));
  }
  return rows;
}

}  // namespace penstock::bench
