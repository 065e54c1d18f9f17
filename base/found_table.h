// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/endpoint.h"

namespace penstock {

// How a destination's table stood before Penstock took it over.
struct FoundTable {
  Endpoint endpoint = Endpoint::kConversations;
  std::string name;
  bool exists = false;
  std::string
      refusal;  // why it cannot take the rows, and what to do; empty: it can. The rest is not known then

  std::vector<std::string> missing;  // columns that the next load adds
  struct OtherType {
    std::string column;
    std::string type;  // as the system writes it
    std::string ours;
  };
  std::vector<OtherType> other_types;  // they take the values in their own form

  bool unique_key = false;
  uint64_t rows = 0;
  uint64_t without_id = 0;
  uint64_t duplicate_ids = 0;  // ids that several rows have
  uint64_t surplus = 0;        // rows beyond one of each id
  struct Duplicate {
    std::string id;
    uint64_t rows = 0;
  };
  std::vector<Duplicate> examples;  // the most frequent ones

  uint64_t removed = 0;  // rows, because it was asked for
  bool key_added = false;
};
inline constexpr int kDuplicatesNamed = 5;

// What is to be done with the tables. Nothing: they are only looked at.
struct AdoptOptions {
  // Of the rows of one id the one with the latest stamp stays; of equal ones the one that was loaded last.
  bool remove_duplicates = false;
  // A unique key on the id, where there is none and no id is there twice.
  bool add_key = false;
};

}  // namespace penstock
