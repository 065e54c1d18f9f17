// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "destinations/destination.h"
#include "destinations/snowflake/layout.h"

namespace penstock::destinations::snowflake {

// A value of Snowflake's has 16 MiB at most (VARCHAR and VARIANT as they are declared without a length):
// https://docs.snowflake.com/en/sql-reference/data-types-text
inline constexpr size_t kRowMax = 16'000'000;
// Of a piece as it stands in a request, so that the request stays within kMaxRequest with room for the rest.
inline constexpr size_t kPieceMax = 900'000;
// Rows share a chunk up to here; a request has many chunks. Flattening one may cost the square of its length.
inline constexpr size_t kChunkMax = 32'000;

// What a piece holds that is not of an endpoint.
inline constexpr char kCoverageRows[] = "coverage";

// What a piece holds that is of an endpoint's erased rows.
std::string ErasedRows(Endpoint endpoint);

// A part of a chunk, which is a JSON array of rows: [{"n":7,"c0":"id","c1":"2026-03-16T06:02:51.061",..},..]. n is the
// row's number in its round, cN the text of the layout's column N; NULLs are left out. A chunk has one piece unless it
// is a single row that is too long for one.
struct Piece {
  std::string of;  // the endpoint's name, ErasedRows of it, or kCoverageRows
  uint64_t chunk = 0;
  uint64_t piece = 0;
  std::string data;
  size_t quoted = 0;  // its length as a JSON string
};

// Rows on their way into the stage. What the system cannot keep is replaced and named (storable.h), but for the
// id: a row with U+0000 in its id is refused, and so is one longer than kRowMax.
class Pieces {
 public:
  // `number`: of the table's first row; the others count on.
  void Add(const Table& table, const Layout& layout, absl::Span<const TypedRow* const> rows, uint64_t number);

  // As rows with two columns: the id, where this system can have it as a key, and as it reads in PENSTOCK_SET_ASIDE.
  void AddErased(Endpoint endpoint, absl::Span<const absl::string_view> ids);

  // As rows with the columns of PENSTOCK_COVERAGE.
  void Add(const std::vector<CoverageDay>& days);

  const std::vector<Piece>& all() const { return all_; }
  const std::vector<SetAsideRow>& refused() const { return refused_; }

 private:
  std::string Encode(const Table& table, const Layout& layout, const TypedRow& row, uint64_t number);
  void Append(absl::string_view row, absl::string_view of);
  void Close(absl::string_view of);

  std::vector<Piece> all_;
  std::vector<SetAsideRow> refused_;
  std::string chunk_;  // the rows of the open one, with commas between
  size_t quoted_ = 0;
  uint64_t chunks_ = 0;
  std::string kept_;  // room for what is replaced
};

}  // namespace penstock::destinations::snowflake
