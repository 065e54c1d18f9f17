// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "proto/row.pb.h"

namespace penstock::cli {

// One row as one line, without the line break at its end.

// The record as the API sent it, without the white space between its tokens.
std::string RawLine(const v1::Row& row);

// {"id":"..","created_time":"..","last_updated_time":"..","record":{..}}; times are null when the row has
// none.
std::string JsonLine(const v1::Row& row);

// id,created_time,last_updated_time,record: each in quotes (RFC 4180), times empty when the row has none.
std::string CsvLine(const v1::Row& row);
inline constexpr char kCsvHeading[] = "id,created_time,last_updated_time,record";

}  // namespace penstock::cli
