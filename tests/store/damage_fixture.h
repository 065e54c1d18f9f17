// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "tests/store/rocks_fixture.h"

namespace penstock::store {

namespace fs = std::filesystem;

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
inline void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// The files of a store are damaged, cut, missing or old when it starts. The one rule: it opens with every
// acknowledged commit, or it refuses and says what to do. It never opens quietly with less.
class RocksDamage : public RocksFixture {
 protected:
  // Small buffers, so that tables and several log files exist after a few pages.
  RocksDamage() { write_buffer_bytes_ = 256 << 10; }
  ~RocksDamage() override {
    fs::remove_all(work());
    fs::remove_all(old());
  }

  std::string work() const { return path() + ".work"; }
  std::string old() const { return path() + ".old"; }

  // The files as a crash leaves them: copied while the store is open.
  void CrashAfter(uint64_t pages) {
    OpenNew();
    CommitPages(pages);
    fs::copy(path(), old(), fs::copy_options::recursive);
    store_.reset();
    fs::remove_all(path());
    fs::rename(old(), path());
  }
  void FreshCopy() {
    fs::remove_all(work());
    fs::copy(path(), work(), fs::copy_options::recursive);
  }
  // File names relative to the state directory whose name ends in `suffix`, without RocksDB's diary.
  std::vector<std::string> Files(const std::string& suffix) {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(path())) {
      const std::string name = fs::relative(entry.path(), path()).string();
      if (entry.is_regular_file() && absl::EndsWith(name, suffix) && !absl::EndsWith(name, "/LOG"))
        names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  // A refused start says where the trouble is and what to do.
  void ExpectClear(const absl::Status& refusal, const std::string& what) {
    const absl::string_view words = refusal.message();
    EXPECT_TRUE(absl::StrContains(words, work())) << what << ": " << refusal;
    EXPECT_TRUE(absl::StrContains(words, "restore") || absl::IsUnimplemented(refusal))
        << what << ": " << refusal;
  }

  enum class Outcome { kWhole, kRefused };
  // The rule, for the store in work(). Twice: a refused start must not have removed the evidence.
  Outcome OpensWholeOrRefuses(const std::string& what) {
    Outcome outcome = Outcome::kWhole;
    for (int attempt = 0; attempt < 2; ++attempt) {
      auto store = TryOpen(work());
      const absl::Status checked = store.ok() ? CheckPages(**store, pages_) : store.status();
      const bool refused = absl::IsDataLoss(checked) || absl::IsUnimplemented(checked);
      EXPECT_TRUE(checked.ok() || refused) << what << ", attempt " << attempt << ": " << checked;
      if (!store.ok()) ExpectClear(store.status(), what);
      EXPECT_TRUE(!store.ok() || (*store)->last_commit() >= pages_ + 1) << what;
      EXPECT_TRUE(attempt == 0 || outcome == Outcome::kWhole || refused)
          << what << ": refused once, then opened";
      if (refused) outcome = Outcome::kRefused;
    }
    return outcome;
  }
};

}  // namespace penstock::store
