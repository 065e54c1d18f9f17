// SPDX-License-Identifier: Apache-2.0
#include "base/secret_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class SecretFile : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = absl::StrCat(::testing::TempDir(), "/secret_file_test.", getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& text, mode_t mode = 0600) {
    const std::string path = folder_ + "/key";
    std::ofstream(path, std::ios::trunc) << text;
    chmod(path.c_str(), mode);
    return path;
  }

  std::string folder_;
};

TEST_F(SecretFile, WhiteSpaceAtTheEndsIsTrimmed) {
  EXPECT_EQ(*ReadSecretFile(Write("  s3cret-key \r\n")), "s3cret-key");
}

TEST_F(SecretFile, ASecretIsHiddenInLogsOnceItWasRead) {
  ASSERT_OK(ReadSecretFile(Write("key-that-nobody-sees\n")));
  EXPECT_EQ(Redact("Bearer key-that-nobody-sees"), "Bearer [hidden]");
}

TEST_F(SecretFile, AMissingFileIsNamed) {
  EXPECT_THAT(ReadSecretFile(folder_ + "/none"),
              StatusIs(absl::StatusCode::kNotFound, AllOf(HasSubstr("/none"), HasSubstr("create it"))));
}

TEST_F(SecretFile, AFileThatOthersMayReadIsRefusedWithTheCommandThatHelps) {
  for (mode_t mode : {0644, 0604, 0660, 0602}) {
    const std::string path = Write("s3cret-key", mode);
    EXPECT_THAT(ReadSecretFile(path), StatusIs(absl::StatusCode::kFailedPrecondition,
                                               HasSubstr(absl::StrCat("chmod 0600 ", path).c_str())));
  }
  EXPECT_OK(ReadSecretFile(Write("s3cret-key", 0640)));  // how Kubernetes mounts secrets with an fsGroup
}

TEST_F(SecretFile, AnEmptyLongOrBinaryFileIsRefused) {
  EXPECT_THAT(ReadSecretFile(Write(" \n")),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("is empty")));
  EXPECT_THAT(ReadSecretFile(Write(std::string(65 * 1024, 'x'))),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("64 KiB")));
  EXPECT_THAT(ReadSecretFile(Write("ab\x01"
                                   "cd")),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("control character")));
}

TEST_F(SecretFile, AFolderIsNotASecret) { EXPECT_FALSE(ReadSecretFile(folder_).ok()); }

TEST_F(SecretFile, TheVersionChangesWhenTheFileIsReplaced) {
  const std::string path = Write("first-secret");
  const uint64_t first = SecretFileVersion(path);
  EXPECT_NE(first, 0u);
  EXPECT_EQ(SecretFileVersion(path), first);
  std::ofstream(folder_ + "/new") << "second-secret-is-longer";
  std::filesystem::rename(folder_ + "/new", path);
  EXPECT_NE(SecretFileVersion(path), first);
  std::filesystem::remove(path);
  EXPECT_EQ(SecretFileVersion(path), 0u);
}

}  // namespace
}  // namespace penstock
