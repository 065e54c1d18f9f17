// SPDX-License-Identifier: Apache-2.0
#include "cli/row_format.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/instant.h"
#include "base/json_text.h"
#include "cli/json_output.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

std::string Stamp(bool has, const google::protobuf::Timestamp& time) {
  return has ? FormatExactStamp(FromProto(time)) : "";
}

std::string StampJson(bool has, const google::protobuf::Timestamp& time) {
  return has ? QuoteJson(Stamp(has, time)) : "null";
}

std::string Csv(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

}  // namespace

std::string RawLine(const v1::Row& row) { return CompactJson(row.raw()); }

std::string JsonLine(const v1::Row& row) {
  return absl::StrCat(
      "{\"id\":", QuoteJson(row.id()),
      ",\"created_time\":", StampJson(row.has_created_time(), row.created_time()),
      ",\"last_updated_time\":", StampJson(row.has_last_updated_time(), row.last_updated_time()),
      ",\"record\":", RawLine(row), "}");
}

std::string CsvLine(const v1::Row& row) {
  return absl::StrCat(Csv(row.id()), ",", Csv(Stamp(row.has_created_time(), row.created_time())), ",",
                      Csv(Stamp(row.has_last_updated_time(), row.last_updated_time())), ",",
                      Csv(RawLine(row)));
}

}  // namespace penstock::cli
