// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "destinations/destination.h"
#include "destinations/postgres/layout.h"
#include "destinations/table_profile.h"

namespace penstock::destinations::postgres {

// Rows in the bytes of COPY .. (FORMAT binary):
// https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.4
// What the server cannot keep is replaced and named (storable.h); the id stays as it is, so an id with U+0000 is
// refused by the server, and not taken for another one.
class CopyRows {
 public:
  CopyRows(const Table& table, const Layout& layout) : table_(table), layout_(layout) { Begin(); }

  void Begin();
  void Add(const TypedRow& row);
  // All that was added since Begin.
  const std::string& End();

 private:
  // True: what stands there is not all that the source said.
  bool Add(const Target& target, const Value& value, bool key);

  const Table& table_;
  const Layout& layout_;
  std::string bytes_;
  std::string kept_;  // room for what is replaced
};

}  // namespace penstock::destinations::postgres
