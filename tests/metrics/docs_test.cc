// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "metrics/catalogue.h"
#include "metrics/page.h"

namespace penstock::metrics {
namespace {

// With PENSTOCK_WRITE_DOCS set the file is written instead.
void ExpectPage(const std::string& name, const std::string& text) {
  const std::string file = absl::StrCat(PENSTOCK_SOURCE_DIR, "/docs/metrics/", name, ".md");
  if (std::getenv("PENSTOCK_WRITE_DOCS") != nullptr) std::ofstream(file) << text;
  std::ostringstream there;
  there << std::ifstream(file).rdbuf();
  EXPECT_EQ(there.str(), text)
      << file << " is old: PENSTOCK_WRITE_DOCS=1 build/dev/tests/metrics_answer_test writes it";
}

TEST(MetricPages, AreThoseOfTheEntries) {
  for (const Metric& metric : AllMetrics()) ExpectPage(metric.name, MarkdownPage(metric));
  ExpectPage("README", MarkdownIndex());
}

}  // namespace
}  // namespace penstock::metrics
