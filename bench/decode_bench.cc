// SPDX-License-Identifier: Apache-2.0
// How fast a page becomes records. With a file name as argument, that page; otherwise one of 500 made-up
// plugin-resources rows. The API gives under 1 MB/s, so this stage must only never be the one that matters.
#include <benchmark/benchmark.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "worker/page_decoder.h"

namespace penstock::worker {
namespace {

std::string MadeUpPage() {
  std::string page =
      R"({"@odata.context":"https://h/export/v1/records/$metadata#plugin-resources","value":[)";
  for (int i = 0; i < 500; ++i) {
    absl::StrAppend(
        &page, i == 0 ? "" : ",", R"({"cited":true,"conversation_id":"0B4ZobXF4L)", i,
        R"(","created_time":"2026-03-01T16:45:27.511Z","detail":{"domain":"IT","external_resource_id":"KB00)",
        i, R"(","name":"How to \"reset\" it","snippet":")", std::string(400, 's'),
        R"(","url":"https://h/kb"},"id":"9f86d081884c7d659a2feaa0c55ad)", i,
        R"(","interaction_id":"sy1_XwqBDHrp","last_updated_time":"2026-03-02T06:17:06.051Z",)",
        R"("plugin_call_id":null,"resource_id":"0","type":"RESOURCE_TYPE_KNOWLEDGE","user_id":"3263211580452466396"})");
  }
  return page + R"(],"@odata.nextLink":"https://h/export/v1/records/plugin-resources?$skiptoken=abc"})";
}

void Decode(benchmark::State& state, const std::string& page) {
  size_t rows = 0;
  for (auto _ : state) {
    const auto decoded = DecodePage(page);
    if (!decoded.ok()) state.SkipWithError(decoded.status().ToString().c_str());
    rows += decoded->rows.size();
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * page.size()));
  state.counters["rows"] = benchmark::Counter(static_cast<double>(rows), benchmark::Counter::kIsRate);
}

}  // namespace
}  // namespace penstock::worker

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  std::string page = penstock::worker::MadeUpPage();
  if (argc > 1) {
    std::ostringstream text;
    text << std::ifstream(argv[1]).rdbuf();
    page = text.str();
  }
  benchmark::RegisterBenchmark("Decode",
                               [&](benchmark::State& state) { penstock::worker::Decode(state, page); });
  benchmark::RunSpecifiedBenchmarks();
}
