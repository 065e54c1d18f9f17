// SPDX-License-Identifier: Apache-2.0
// One HTTP body through decoder and normaliser. The oracle is a splitter that knows strings and brackets and
// nothing else: whatever it cuts out of the page must be a row or a quarantined record, byte for byte, in order.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "destinations/table_profile.h"
#include "simdjson.h"
#include "worker/json_value.h"
#include "worker/normaliser.h"
#include "worker/page_decoder.h"

namespace penstock::worker {
namespace {

using Spans = std::vector<absl::string_view>;

absl::string_view Trimmed(absl::string_view text) {
  constexpr absl::string_view kSpace = " \t\r\n";
  while (!text.empty() && absl::StrContains(kSpace, text.front())) text.remove_prefix(1);
  while (!text.empty() && absl::StrContains(kSpace, text.back())) text.remove_suffix(1);
  return text;
}

// The elements of each array that is a member of the outermost object.
std::vector<Spans> MemberArrays(absl::string_view body) {
  std::vector<Spans> arrays;
  int depth = 0;
  bool in_array = false;
  size_t begin = 0;
  for (size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (c == '"') {
      for (++i; i < body.size() && body[i] != '"'; ++i) i += body[i] == '\\';
    } else if (c == '{' || c == '[') {
      if (++depth == 2 && c == '[') {
        in_array = true;
        arrays.emplace_back();
        begin = i + 1;
      }
    } else if (c == '}' || c == ']' || c == ',') {
      const bool ends = c != ',' && depth == 2;
      if (in_array && (ends || (c == ',' && depth == 2))) {
        const absl::string_view element = Trimmed(body.substr(begin, i - begin));
        if (!element.empty()) arrays.back().push_back(element);
        begin = i + 1;
      }
      if (c != ',') --depth;
      if (ends) in_array = false;
    }
  }
  return arrays;
}

// Whether the page's records are these spans: each one a row or quarantined, all of them, in order.
bool Holds(const DecodedPage& page, const Spans& spans) {
  size_t rows = 0;
  size_t quarantined = 0;
  for (const absl::string_view span : spans) {
    if (rows < static_cast<size_t>(page.rows.size()) && page.rows[rows].raw() == span) {
      ++rows;
    } else if (quarantined < page.quarantined.size() && page.quarantined[quarantined].raw() == span) {
      ++quarantined;
    } else {
      return false;
    }
  }
  return rows == page.rows.size() && quarantined == page.quarantined.size();
}

int Depth(absl::string_view json) {
  int depth = 0;
  int deepest = 0;
  for (size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '"') {
      for (++i; i < json.size() && json[i] != '"'; ++i) i += json[i] == '\\';
    } else if (json[i] == '{' || json[i] == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (json[i] == '}' || json[i] == ']') {
      --depth;
    }
  }
  return deepest;
}

void CheckRow(const v1::Row& row) {
  CHECK(!row.id().empty() && row.id().size() <= 1024);
  CHECK(simdjson::validate_utf8(row.id()));
  CHECK(simdjson::validate_utf8(row.raw()));
  CHECK(row.raw().front() == '{');
  // IsJson is another reader of the same grammar; it goes less deep.
  if (Depth(row.raw()) <= 500) CHECK(IsJson(row.raw()));
  v1::Change change;
  *change.mutable_row() = row;
  for (const Endpoint endpoint : kAllEndpoints) {
    const destinations::Table& table = destinations::GuideTable(endpoint);
    const absl::StatusOr<Normalised> normalised = Normalise(change, table);
    CHECK(normalised.ok());
    CHECK(normalised->row.values.size() == table.columns.size());
    CHECK(normalised->row.extra.empty() || IsJson(normalised->row.extra));
    for (const destinations::Value& value : normalised->row.values) {
      if (const auto* json = std::get_if<destinations::JsonText>(&value)) CHECK(IsJson(json->text));
    }
  }
}

std::string Summary(const absl::StatusOr<DecodedPage>& page) {
  if (!page.ok()) return std::string(page.status().ToString());
  std::string text = absl::StrCat(page->next_link, "|", page->has_value, "|", page->count.value_or(~0ull));
  for (const v1::Row& row : page->rows) absl::StrAppend(&text, "\nrow ", row.SerializeAsString());
  for (const auto& record : page->quarantined) absl::StrAppend(&text, "\nq ", record.SerializeAsString());
  return text;
}

void CheckPage(const std::string& body, const DecodedPage& page) {
  const std::vector<Spans> arrays = MemberArrays(body);
  const bool found =
      std::any_of(arrays.begin(), arrays.end(), [&](const Spans& spans) { return Holds(page, spans); });
  CHECK(page.has_value ? found : page.rows.empty() && page.quarantined.empty());
  for (const v1::Row& row : page.rows) CheckRow(row);

  // A cut body is never a page, whatever was cut off.
  const std::string whole(Trimmed(body));
  for (const size_t part : {whole.size() / 3, whole.size() / 2, whole.size() - 1}) {
    CHECK(!DecodePage(whole.substr(0, part)).ok());
  }
  // The rows alone make the same rows.
  const std::string rows = absl::StrJoin(
      page.rows, ",\n", [](std::string* out, const v1::Row& row) { absl::StrAppend(out, row.raw()); });
  const absl::StatusOr<DecodedPage> again = DecodePage(absl::StrCat("{\"value\":[", rows, "]}"));
  CHECK(again.ok() && again->quarantined.empty() && again->rows.size() == page.rows.size());
  for (size_t i = 0; i < page.rows.size(); ++i) {
    CHECK(again->rows[i].SerializeAsString() == page.rows[i].SerializeAsString());
  }
}

void Fuzz(absl::string_view data) {
  std::string body(data);
  body.shrink_to_fit();
  const absl::StatusOr<DecodedPage> page = DecodePage(body);
  // With room behind it the body is read in place, otherwise from a copy: it may make no difference.
  std::string roomy;
  roomy.reserve(body.size() + 128);
  roomy = body;
  CHECK(Summary(page) == Summary(DecodePage(roomy)));
  if (page.ok()) {
    CheckPage(body, *page);
  } else {
    CHECK(absl::IsUnavailable(page.status()) || absl::IsFailedPrecondition(page.status()));
  }
}

}  // namespace
}  // namespace penstock::worker

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  penstock::worker::Fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
