// SPDX-License-Identifier: Apache-2.0
#include "destinations/postgres/copy_rows.h"

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "destinations/storable.h"

namespace penstock::destinations::postgres {
namespace {

constexpr absl::string_view kSignature("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr absl::string_view kTrailer("\377\377", 2);
constexpr absl::string_view kNull("\377\377\377\377", 4);

template <typename Unsigned>
void AppendBigEndian(Unsigned number, std::string* bytes) {
  for (int shift = 8 * (sizeof(Unsigned) - 1); shift >= 0; shift -= 8) {
    bytes->push_back(static_cast<char>(number >> shift));
  }
}

void AppendField(absl::string_view field, std::string* bytes) {
  AppendBigEndian(static_cast<uint32_t>(field.size()), bytes);
  bytes->append(field.data(), field.size());
}

void AppendInteger(int64_t number, std::string* bytes) {
  AppendBigEndian(uint32_t{sizeof number}, bytes);
  AppendBigEndian(static_cast<uint64_t>(number), bytes);
}

// jsonb travels as its text behind the version of this form.
void AppendJsonb(absl::string_view json, std::string* bytes) {
  AppendBigEndian(static_cast<uint32_t>(json.size() + 1), bytes);
  bytes->push_back(1);
  bytes->append(json.data(), json.size());
}

// Microseconds since 2000-01-01 UTC.
int64_t ServerMicros(absl::Time time) {
  static const absl::Time kBeginning = absl::FromUnixSeconds(946'684'800);
  return absl::ToInt64Microseconds(absl::Floor(time - kBeginning, absl::Microseconds(1)));
}

}  // namespace

void CopyRows::Begin() { bytes_ = std::string(kSignature); }

const std::string& CopyRows::End() {
  bytes_.append(kTrailer.data(), kTrailer.size());
  return bytes_;
}

void CopyRows::Add(const TypedRow& row) {
  CHECK(row.values.size() == table_.columns.size() && row.values.size() + 2 == layout_.targets.size());
  AppendBigEndian(static_cast<uint16_t>(layout_.targets.size()), &bytes_);
  std::string replaced;
  for (size_t i = 0; i < row.values.size(); ++i) {
    if (Add(layout_.targets[i], row.values[i], /*key=*/i == 0)) {
      absl::StrAppend(&replaced, replaced.empty() ? "" : ",", QuoteJson(table_.columns[i].name));
    }
  }
  const Target& extra = layout_.targets[row.values.size()];
  if (extra.wire == Wire::kJsonb && StorableJson(row.extra, &kept_)) {
    absl::StrAppend(&replaced, replaced.empty() ? "" : ",", QuoteJson(kExtraColumn));
  } else {
    kept_ = row.extra;
  }
  if (!replaced.empty()) kept_ = WithReplaced(kept_, replaced);
  if (kept_.empty()) {
    bytes_.append(kNull.data(), kNull.size());
  } else {
    extra.wire == Wire::kJsonb ? AppendJsonb(kept_, &bytes_) : AppendField(kept_, &bytes_);
  }
  AppendInteger(static_cast<int64_t>(row.change), &bytes_);
}

bool CopyRows::Add(const Target& target, const Value& value, bool key) {
  bool changed = false;
  if (const auto* text = std::get_if<std::string>(&value)) {
    changed = !key && StorableText(*text, &kept_);
    AppendField(changed ? kept_ : *text, &bytes_);
  } else if (const auto* json = std::get_if<JsonText>(&value)) {
    changed = target.wire == Wire::kJsonb && StorableJson(json->text, &kept_);
    const std::string& stored = changed ? kept_ : json->text;
    target.wire == Wire::kJsonb ? AppendJsonb(stored, &bytes_) : AppendField(stored, &bytes_);
  } else if (const auto* time = std::get_if<absl::Time>(&value)) {
    target.wire == Wire::kInstant ? AppendInteger(ServerMicros(*time), &bytes_)
                                  : AppendField(FormatExactStamp(*time), &bytes_);
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    AppendField(target.wire == Wire::kBoolean ? absl::string_view(*flag ? "\1" : "\0", 1)
                                              : absl::string_view(*flag ? "true" : "false"),
                &bytes_);
  } else {
    bytes_.append(kNull.data(), kNull.size());
  }
  return changed;
}

}  // namespace penstock::destinations::postgres
