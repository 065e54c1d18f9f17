// SPDX-License-Identifier: Apache-2.0
#include "store/directory_lock.h"

#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/fakes/status_matchers.h"
#include "tests/store/store_builders.h"

namespace penstock::store {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Touches files as an ordinary user while it lives, also when the tests run as root.
class AsNobody {
 public:
  AsNobody() : uid_(::setfsuid(65534)) {}
  ~AsNobody() { ::setfsuid(uid_); }

 private:
  const int uid_;
};

TEST(DirectoryLock, ASecondOneIsRefusedAndNamesTheHolder) {
  TestDirectory directory;
  ASSERT_OK(PrepareStateDirectory(directory.path()));
  auto first = DirectoryLock::Take(directory.path());
  ASSERT_OK(first);
  EXPECT_THAT(
      DirectoryLock::Take(directory.path()),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               AllOf(HasSubstr(directory.path()), HasSubstr(absl::StrCat("pid ", ::getpid(), " on ")))));
}

TEST(DirectoryLock, ANameWithoutAPathIsADirectoryHere) {
  TestDirectory directory;
  ASSERT_OK(PrepareStateDirectory(directory.path()));
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(directory.path());
  EXPECT_OK(PrepareStateDirectory("state"));
  EXPECT_TRUE(std::filesystem::is_directory("state"));
  std::filesystem::current_path(before);
}

TEST(DirectoryLock, EndsWithItsHolderAndIsTakenOver) {
  TestDirectory directory;
  ASSERT_OK(PrepareStateDirectory(directory.path()));
  ASSERT_OK(DirectoryLock::Take(directory.path()));  // released at the end of the statement
  {
    std::ofstream(directory.path() + "/LOCK") << "pid 1 on a-machine-with-a-much-longer-name-than-this-one\n";
  }
  auto second = DirectoryLock::Take(directory.path());
  ASSERT_OK(second);
  std::string text;
  std::getline(std::ifstream(directory.path() + "/LOCK"), text);
  EXPECT_THAT(text, HasSubstr(absl::StrCat("pid ", ::getpid(), " on ")));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("longer")));
  const DirectoryLock moved = *std::move(second);
  EXPECT_FALSE(DirectoryLock::Take(directory.path()).ok());
}

TEST(StateDirectory, IsMadeWithItsParentsForItsOwnerOnly) {
  TestDirectory directory;
  const std::string deep = directory.path() + "/a/b";
  ASSERT_OK(PrepareStateDirectory(deep));
  struct stat info {};
  ASSERT_EQ(::stat(deep.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST(StateDirectory, AFreshVolumeMayBecomeOne) {
  TestDirectory directory;
  std::filesystem::create_directories(directory.path() + "/lost+found");
  EXPECT_OK(PrepareStateDirectory(directory.path()));
}

TEST(StateDirectory, AForeignOneIsRefusedAndUntouched) {
  TestDirectory directory;
  std::filesystem::create_directory(directory.path());
  { std::ofstream(directory.path() + "/thesis.tex") << "x"; }
  EXPECT_THAT(PrepareStateDirectory(directory.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("not a penstock state directory: it holds 'thesis.tex'")));
  { std::ofstream(directory.path() + "/commit-mark") << "x"; }
  EXPECT_OK(PrepareStateDirectory(directory.path()));
}

TEST(StateDirectory, OneThatABackupWasRestoredIntoOnlyInPartIsRefused) {
  TestDirectory directory;
  std::filesystem::create_directories(directory.path() + "/restoring/db");
  EXPECT_THAT(PrepareStateDirectory(directory.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("only in part")));
  std::filesystem::create_directory(directory.path() +
                                    "/db");  // the last step: what is left over harms nobody
  EXPECT_OK(PrepareStateDirectory(directory.path()));
}

TEST(StateDirectory, AFileInItsPlaceIsRefused) {
  TestDirectory directory;
  { std::ofstream(directory.path()) << "x"; }
  EXPECT_THAT(PrepareStateDirectory(directory.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("Not a directory")));
}

TEST(StateDirectory, ADirectoryThatIsNotOursToWriteIsPermissionDenied) {
  TestDirectory directory;
  std::filesystem::create_directory(directory.path());
  ASSERT_EQ(::chmod(directory.path().c_str(), 0555), 0);
  const AsNobody nobody;
  EXPECT_THAT(DirectoryLock::Take(directory.path()),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("another --state")));
  EXPECT_THAT(PrepareStateDirectory(directory.path() + "/below"),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("another --state")));
}

}  // namespace
}  // namespace penstock::store
