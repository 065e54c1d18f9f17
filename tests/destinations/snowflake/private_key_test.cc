// SPDX-License-Identifier: Apache-2.0
#include "destinations/snowflake/private_key.h"

#include <sys/stat.h>

#include <cstdio>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "destinations/snowflake/token.h"
#include "tests/destinations/sqlite/sqlite_warehouse.h"
#include "tests/fakes/self_signed.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations::snowflake {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

class PrivateKeyTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) {
    FILE* file = fopen((folder_ / name).c_str(), "w");
    ASSERT_TRUE(file != nullptr && chmod((folder_ / name).c_str(), 0600) == 0);
    fputs(text.c_str(), file);
    fclose(file);
  }
  void WriteEncrypted(const std::string& name, const std::string& passphrase) {
    Write(name, "");
    FILE* file = fopen((folder_ / name).c_str(), "w");
    PEM_write_PKCS8PrivateKey(file, key_.key(), EVP_aes_256_cbc(), passphrase.data(),
                              static_cast<int>(passphrase.size()), nullptr, nullptr);
    fclose(file);
  }

  const TemporaryFolder folder_;
  const SelfSigned key_;
};

TEST_F(PrivateKeyTest, SignsWhatItsPublicHalfVerifies) {
  key_.WriteKey(folder_ / "key.pem");
  ASSERT_OK_AND_ASSIGN(const PrivateKey key, PrivateKey::Read(folder_ / "key.pem", ""));
  const std::string signature = key.Sign("a.b");
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key_.key());
  EXPECT_EQ(EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()),
                             signature.size(), reinterpret_cast<const unsigned char*>("a.b"), 3),
            1);
  EVP_MD_CTX_free(context);
  EXPECT_THAT(key.fingerprint(), StartsWith("SHA256:"));
  EXPECT_THAT(key.fingerprint(), SizeIs(7 + 44));
}

TEST_F(PrivateKeyTest, AnEncryptedKeyNeedsItsPassphrase) {
  WriteEncrypted("key.p8", "open sesame");
  Write("good", "open sesame\n");
  Write("bad", "close sesame\n");
  EXPECT_OK(PrivateKey::Read(folder_ / "key.p8", folder_ / "good"));
  EXPECT_THAT(PrivateKey::Read(folder_ / "key.p8", folder_ / "bad"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("does not open it")));
  EXPECT_THAT(PrivateKey::Read(folder_ / "key.p8", ""),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("private_key_passphrase_file")));
}

TEST_F(PrivateKeyTest, WhatIsNoRsaKeyIsRefusedByName) {
  Write("text", "not a key\n");
  EXPECT_THAT(PrivateKey::Read(folder_ / "text", ""),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no RSA private key")));
  EVP_PKEY* curve = EVP_EC_gen("P-256");
  Write("ec", "");
  FILE* file = fopen((folder_ / "ec").c_str(), "w");
  PEM_write_PrivateKey(file, curve, nullptr, nullptr, 0, nullptr, nullptr);
  fclose(file);
  EVP_PKEY_free(curve);
  EXPECT_THAT(PrivateKey::Read(folder_ / "ec", ""),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no RSA private key")));
}

TEST_F(PrivateKeyTest, AKeyThatOthersMayReadIsRefused) {
  key_.WriteKey(folder_ / "key.pem");
  ASSERT_EQ(chmod((folder_ / "key.pem").c_str(), 0644), 0);
  EXPECT_THAT(PrivateKey::Read(folder_ / "key.pem", ""),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("chmod 0600")));
}

TEST_F(PrivateKeyTest, ATokenSaysWhoForAnHourAtMost) {
  key_.WriteKey(folder_ / "key.pem");
  ASSERT_OK_AND_ASSIGN(const PrivateKey key, PrivateKey::Read(folder_ / "key.pem", ""));
  const std::vector<std::string> parts = absl::StrSplit(
      MakeToken("xy1.eu-central-1", "penstock", key, absl::FromUnixSeconds(1'772'000'030)), '.');
  ASSERT_THAT(parts, SizeIs(3));
  std::string claims;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(parts[1], &claims));
  EXPECT_EQ(claims, "{\"iss\":\"XY1.PENSTOCK." + key.fingerprint() +
                        "\",\"sub\":\"XY1.PENSTOCK\",\"iat\":1772000000,\"exp\":1772003540}");
}

}  // namespace
}  // namespace penstock::destinations::snowflake
