// SPDX-License-Identifier: Apache-2.0
#include "base/keyed_hash.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kKeyInHex[] = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";

class KeyFile : public ::testing::Test {
 protected:
  ~KeyFile() override { std::remove(path_.c_str()); }
  absl::StatusOr<std::string> Read(const std::string& text, mode_t mode = 0600) {
    std::ofstream(path_) << text;
    chmod(path_.c_str(), mode);
    return ReadHashKeyFile(path_);
  }
  const std::string path_ = absl::StrCat(::testing::TempDir(), "/hash_key.", getpid());
};

TEST(KeyedHash, IsWhatOpensslSaysOnTheCommandLine) {
  EXPECT_EQ(KeyedHash(absl::HexStringToBytes(kKeyInHex), "Doe"),
            "3d839960042711635911bee22004754fb21ad8dce9e20caf75501240d099d1d7");
}

TEST(KeyedHash, AnotherKeyOrAnotherTextGivesAnotherHash) {
  const std::string key(kHashKeyBytes, 'k');
  EXPECT_EQ(KeyedHash(key, "Doe"), KeyedHash(key, "Doe"));
  EXPECT_NE(KeyedHash(key, "Doe"), KeyedHash(key, "doe"));
  EXPECT_NE(KeyedHash(key, "Doe"), KeyedHash(std::string(kHashKeyBytes, 'l'), "Doe"));
}

TEST_F(KeyFile, HoldsTheKeyAsHexDigitsOrAsBase64) {
  ASSERT_OK_AND_ASSIGN(const std::string hex, Read(absl::StrCat(kKeyInHex, "\n")));
  EXPECT_EQ(hex, absl::HexStringToBytes(kKeyInHex));
  ASSERT_OK_AND_ASSIGN(const std::string base64, Read(absl::StrCat(absl::Base64Escape(hex), "\n")));
  EXPECT_EQ(base64, hex);
}

TEST_F(KeyFile, AKeyOfAnotherLengthIsRefusedAndNeverRepeated) {
  const std::string hex = kKeyInHex;
  for (const std::string& text :
       {hex.substr(2), hex + "20", "z" + hex.substr(1), absl::Base64Escape(std::string(31, 'k')),
        absl::Base64Escape(std::string(33, 'k')), std::string("correct horse battery staple")}) {
    EXPECT_THAT(Read(text), StatusIs(absl::StatusCode::kFailedPrecondition,
                                     AllOf(HasSubstr(path_), HasSubstr("openssl rand -hex 32"),
                                           ::testing::Not(HasSubstr(text)))))
        << text;
  }
}

TEST_F(KeyFile, OneThatOthersMayReadIsRefused) {
  EXPECT_THAT(Read(kKeyInHex, 0644),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("chmod 0600")));
}

}  // namespace
}  // namespace penstock
