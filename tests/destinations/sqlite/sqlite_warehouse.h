// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/contracts/destination_contract_test.h"

namespace penstock::destinations {

// A folder of its own under the test's temporary folder, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A plain SQLite connection beside the destination's, as another program has it. A failing statement fails
// the test.
void ExecuteSql(const std::string& file, const std::string& sql);
std::vector<std::vector<std::string>> QuerySql(const std::string& file, const std::string& sql);

std::unique_ptr<Warehouse> MakeSqliteWarehouse();

}  // namespace penstock::destinations
