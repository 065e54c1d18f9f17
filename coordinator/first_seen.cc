// SPDX-License-Identifier: Apache-2.0
#include "coordinator/first_seen.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/json_text.h"
#include "coordinator/limits.h"
#include "coordinator/page_shape.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

// What the source, or a worker, calls a field, made safe to keep and to print: control characters and bytes that are
// not UTF-8 are escaped or replaced, as in JSON.
std::string SafeName(absl::string_view name) {
  name = name.substr(0, kSeenNameBytesMax);
  while (true) {
    const std::string quoted = QuoteJson(name);
    if (quoted.size() <= kSeenNameBytesMax + 2) return quoted.substr(1, quoted.size() - 2);
    name.remove_suffix(1);
  }
}

std::string TypeWord(v1::JsonType type) {
  const std::string name = v1::JsonType_IsValid(type) ? v1::JsonType_Name(type) : "JSON_?";
  return absl::AsciiStrToLower(absl::StripPrefix(name, "JSON_"));
}

bool IsSame(const storage::SeenField& a, const storage::SeenField& b) {
  // What no column takes is new once, whatever its type is.
  return a.name() == b.name() && a.column() == b.column() && (a.column().empty() || a.type() == b.type());
}

}  // namespace

std::vector<storage::SeenField> NoteFirstSeen(storage::SourceRecord& source, int endpoint,
                                              const v1::PageHeader& header, const std::vector<v1::Row>& rows,
                                              absl::Time now) {
  const absl::Time limit = header.permit().has_server_date() ? FromProto(header.permit().server_date()) : now;
  const std::optional<absl::Time> newest = NewestStamp(rows, limit);
  if (!newest.has_value() && header.odd_fields().empty()) return {};
  storage::EndpointSeen& seen = (*source.mutable_seen())[endpoint];
  if (newest.has_value() && (!seen.has_newest_stamp() || *newest > FromProto(seen.newest_stamp()))) {
    *seen.mutable_newest_stamp() = ToProto(*newest);
  }
  std::vector<storage::SeenField> fresh;
  for (const v1::OddField& odd : header.odd_fields()) {
    if (seen.fields_size() >= kSeenFieldsMax) break;
    storage::SeenField field;
    field.set_name(SafeName(odd.name()));
    field.set_type(TypeWord(odd.type()));
    field.set_column(SafeName(odd.column()));
    *field.mutable_first_seen() = ToProto(now);
    const auto same = [&](const storage::SeenField& known) { return IsSame(known, field); };
    if (std::any_of(seen.fields().begin(), seen.fields().end(), same)) continue;
    *seen.add_fields() = field;
    fresh.push_back(std::move(field));
  }
  return fresh;
}

std::string SeenWords(const storage::SeenField& field) {
  if (field.column().empty())
    return absl::StrCat("'", field.name(), "' (", field.type(), "), which no column takes");
  return absl::StrCat("'", field.name(), "' as ", field.type(), ", which ", field.column(), " does not take");
}

}  // namespace penstock::coordinator
