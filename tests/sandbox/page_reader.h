// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sandbox/query.h"
#include "sandbox/service.h"

namespace penstock::sandbox {

// What a test wants to know of a page.
struct ReadPage {
  bool is_json = false;
  bool has_context = false;
  bool has_value = false;
  std::vector<std::string> ids;      // "(none)" for a record without one
  std::vector<std::string> records;  // minified
  std::string next;                  // of @odata.nextLink; empty: none
};

inline ReadPage Parse(const std::string& body) {
  ReadPage page;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(body).get(object)) return page;
  page.is_json = true;
  page.has_context = object["@odata.context"].error() == simdjson::SUCCESS;
  simdjson::dom::array value;
  page.has_value = object["value"].get(value) == simdjson::SUCCESS;
  if (page.has_value) {
    for (simdjson::dom::element record : value) {
      std::string_view id = "(none)";
      const auto ignored = record["id"].get(id);
      static_cast<void>(ignored);
      page.ids.emplace_back(id);
      page.records.push_back(simdjson::minify(record));
    }
  }
  std::string_view next;
  if (object["@odata.nextLink"].get(next) == simdjson::SUCCESS) page.next = std::string(next);
  return page;
}

// A GET of `path` (as in a link, percent signs allowed only in values) as the shell would hand it to the
// service.
inline HttpRequest Get(absl::string_view link, Parameters parameters = {}) {
  HttpRequest request;
  request.method = "GET";
  request.host = "sandbox.test:1";
  const size_t origin = link.find("http://sandbox.test:1");
  if (origin == 0) link.remove_prefix(21);
  const size_t query = link.find("?$skiptoken=");
  request.path = std::string(link.substr(0, query));
  if (query != absl::string_view::npos) {
    request.parameters.insert({"$skiptoken", std::string(link.substr(query + 12))});
  }
  request.parameters.insert(parameters.begin(), parameters.end());
  return request;
}

// {"value": [..]} with `count` users named u00, u01 .. , stamped minute by minute.
inline std::string UsersJson(int count) {
  std::string json = "{\"@odata.context\":\"x\",\"value\":[";
  for (int i = 0; i < count; ++i) {
    const std::string number = absl::StrCat(i / 10, i % 10);
    absl::StrAppend(&json, i == 0 ? "" : ",", "{\"email_addr\":null,\"id\":\"u", number,
                    "\",\"last_updated_time\":\"2026-03-01T00:", number, ":00.000Z\"}");
  }
  return json + "]}";
}

}  // namespace penstock::sandbox
