// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/served_records.h"

#include <httplib.h>
#include <simdjson.h>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

constexpr size_t kMostNamed = 3;

// "http://HOST:PORT" and the rest.
std::pair<std::string, std::string> SplitOrigin(const std::string& url) {
  const size_t path = url.find('/', url.find("://") + 3);
  return {url.substr(0, path), url.substr(path)};
}

// Adds the page's records; returns its next link.
std::string AddPage(const std::string& page, Records& records) {
  simdjson::ondemand::parser parser;
  const simdjson::padded_string json(page);
  simdjson::ondemand::document document = parser.iterate(json);
  for (simdjson::ondemand::object record : document["value"]) {
    const std::string raw(std::string_view(record.raw_json()));
    record.reset();
    const std::string_view id = record["id"];
    CHECK(records.emplace(id, Minified(raw)).second);
  }
  document.rewind();
  std::string_view next;
  return document["@odata.nextLink"].get(next) == simdjson::SUCCESS ? std::string(next) : "";
}

}  // namespace

std::string Minified(absl::string_view json) {
  std::string minified(json.size() + simdjson::SIMDJSON_PADDING, '\0');
  size_t size = 0;
  CHECK(simdjson::minify(json.data(), json.size(), minified.data(), size) == simdjson::SUCCESS);
  minified.resize(size);
  return minified;
}

Records MinifiedAll(Records records) {
  for (auto& [id, record] : records) record = Minified(record);
  return records;
}

Records ReadServed(const std::string& base_url, Endpoint endpoint, const std::string& key) {
  httplib::Client client(SplitOrigin(base_url).first);
  client.set_url_encode(false);
  httplib::Headers headers;
  if (!key.empty()) headers.emplace("Authorization", absl::StrCat("Bearer ", key));
  Records records;
  std::string next = absl::StrCat(base_url, "/", Name(endpoint), "?$orderby=id%20asc");
  while (!next.empty()) {
    const httplib::Result result = client.Get(SplitOrigin(next).second, headers);
    CHECK(result && result->status == 200);
    next = AddPage(result->body, records);
  }
  return records;
}

Records RecordsOf(const std::string& page) {
  Records records;
  CHECK(AddPage(page, records).empty());
  return records;
}

std::vector<std::string> Differences(const Records& got, const Records& expected) {
  std::vector<std::string> missing, foreign, different;
  const auto note = [](std::vector<std::string>& list, const std::string& text) {
    if (list.size() < kMostNamed) list.push_back(text);
  };
  for (const auto& [id, record] : expected) {
    const auto found = got.find(id);
    if (found == got.end()) {
      note(missing, absl::StrCat("missing: ", id));
    } else if (found->second != record) {
      note(different, absl::StrCat("different: got ", found->second, ", expected ", record));
    }
  }
  for (const auto& [id, record] : got) {
    if (!expected.contains(id)) note(foreign, absl::StrCat("never served: ", id));
  }
  std::vector<std::string> all = std::move(missing);
  all.insert(all.end(), foreign.begin(), foreign.end());
  all.insert(all.end(), different.begin(), different.end());
  if (!all.empty()) all.push_back(absl::StrCat("got ", got.size(), " of ", expected.size(), " records"));
  return all;
}

}  // namespace penstock
