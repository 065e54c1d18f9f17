// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "proto/query.pb.h"

namespace penstock::cli {

// A value of an answer as scripts read it: numbers exact, so that reading them again gives the same.
std::string JsonCell(const v1::QueryValue& value);
// RFC 4180; null is empty.
std::string CsvCell(const v1::QueryValue& value);
std::string CsvField(const std::string& text);

// A row, the columns' names as keys.
std::string JsonObject(const v1::QueryHeader& header, const v1::QueryRow& row);

}  // namespace penstock::cli
