// SPDX-License-Identifier: Apache-2.0
// The thread that erases, and the key's file.
#include "coordinator/eraser.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/keyed_hash.h"
#include "coordinator/admin_desk.h"
#include "coordinator/forget_key.h"
#include "coordinator/limits.h"
#include "store/memory_store.h"
#include "tests/fakes/await.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/kept_store.h"
#include "tests/fakes/status_matchers.h"
#include "tests/store/store_builders.h"

namespace penstock::coordinator {
namespace {

using ::testing::HasSubstr;

class EraserTest : public ::testing::Test {
 protected:
  EraserTest() {
    CoreOptions options;
    SourceSettings source;
    source.name = "acme";
    source.url = "https://api.example.com/export/v1/records";
    options.sources.push_back(source);
    options.forget_key = std::string(kHashKeyBytes, 'k');
    core_ = *Core::Open(std::make_unique<KeptStore>(store_, 2), clock_, random_, options);
    eraser_ = std::make_unique<Eraser>(*core_);
  }
  ~EraserTest() override {
    eraser_.reset();
    KeptStore::refuse_commits = absl::OkStatus();
  }
  void Forget() {
    v1::ForgetRequest request;
    request.add_users("77");
    ASSERT_OK(AdminDesk(*core_, "test").Forget(request));
  }
  v1::Erasure Erasure() {
    v1::GetErasureRequest request;
    request.set_number(1);
    return *AdminDesk(*core_, "test").GetErasure(request);
  }
  bool AwaitWhileTicking(const std::function<bool()>& condition) {
    return Await([&] {
      eraser_->Tick();
      return condition();
    });
  }

  FakeClock clock_;
  SeededRandom random_{1};
  std::shared_ptr<store::Store> store_ = store::NewMemoryStore("store", 1);
  std::unique_ptr<Core> core_;
  std::unique_ptr<Eraser> eraser_;
};

TEST_F(EraserTest, DoesWhatIsDueUntilNothingIs) {
  eraser_->Tick();
  Forget();
  EXPECT_TRUE(AwaitWhileTicking([&] { return Erasure().has_finished(); }));
}

TEST_F(EraserTest, TellsWhyItDoesNotGoOnAndTriesAgainLater) {
  Forget();
  KeptStore::refuse_commits = absl::ResourceExhaustedError("the disk is full");
  EXPECT_TRUE(AwaitWhileTicking([&] { return Erasure().trouble() == "the disk is full"; }));
  KeptStore::refuse_commits = absl::OkStatus();
  eraser_->Tick();
  EXPECT_EQ(Erasure().trouble(), "the disk is full") << "not before its time";
  clock_.Advance(kEraseAgain);
  EXPECT_TRUE(AwaitWhileTicking([&] { return Erasure().has_finished(); }));
  EXPECT_EQ(Erasure().trouble(), "");
}

TEST_F(EraserTest, EndsWithWorkUnderWay) {
  Forget();
  eraser_->Tick();
  eraser_.reset();
  eraser_ = std::make_unique<Eraser>(*core_);
  EXPECT_TRUE(AwaitWhileTicking([&] { return Erasure().has_finished(); }));
}

TEST(ForgetKeyFile, IsMadeOnceAndForItsOwnerAlone) {
  store::TestDirectory directory;
  std::filesystem::create_directory(directory.path());
  ASSERT_OK_AND_ASSIGN(const ForgetKey made, OpenForgetKey(directory.path()));
  EXPECT_TRUE(made.made);
  ASSERT_OK_AND_ASSIGN(const ForgetKey other, OpenForgetKey(directory.path()));
  EXPECT_NE(made.bytes, other.bytes) << "by chance, as long as none is saved";
  ASSERT_OK(SaveForgetKey(directory.path(), made));
  ASSERT_OK_AND_ASSIGN(const ForgetKey kept, OpenForgetKey(directory.path()));
  EXPECT_FALSE(kept.made);
  EXPECT_EQ(kept.bytes, made.bytes);
  struct stat info {};
  ASSERT_EQ(stat(absl::StrCat(directory.path(), "/forget-key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(ForgetKeyFile, HalfOfOneIsRefusedAndNotReplaced) {
  store::TestDirectory directory;
  std::filesystem::create_directory(directory.path());
  const std::string path = absl::StrCat(directory.path(), "/forget-key");
  { std::ofstream(path) << "0123456789abcdef"; }
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  EXPECT_THAT(OpenForgetKey(directory.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no key of 32 bytes")));
}

}  // namespace
}  // namespace penstock::coordinator
