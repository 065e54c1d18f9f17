// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/config.h"
#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kSource[] =
    "version: 1\nsources: {acme: {url: https://h/records}, beta: {url: https://i/records}}\n";

std::string Refusal(const std::string& more) {
  const absl::StatusOr<Config> config = ParseConfig(absl::StrCat(kSource, more), "p.yaml");
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << more;
  return std::string(config.status().message());
}

TEST(TlsConfig, NamesThreeFiles) {
  ASSERT_OK_AND_ASSIGN(const Config config,
                       ParseConfig(absl::StrCat(kSource, "coordinator: penstock.example.com:7417\n",
                                                "tls: {cert_file: /c, key_file: /k, ca_file: /a}\n"),
                                   "p.yaml"));
  EXPECT_EQ(config.coordinator, "penstock.example.com:7417");
  EXPECT_EQ(config.tls.cert_file, "/c");
  EXPECT_EQ(config.tls.key_file, "/k");
  EXPECT_EQ(config.tls.ca_file, "/a");
  EXPECT_THAT(Refusal("tls: {cert_file: /c, key_file: /k}\n"), HasSubstr("'tls' needs the key 'ca_file'"));
  EXPECT_THAT(Refusal("tls: {cert_file: /c, key_file: /k, ca: /a}\n"),
              HasSubstr("the keys are cert_file, key_file, ca_file"));
  EXPECT_THAT(Refusal("coordinator: nowhere\n"), HasSubstr("is not HOST:PORT"));
}

TEST(AccessConfig, GivesEachNameOneRole) {
  ASSERT_OK_AND_ASSIGN(
      const Config config,
      ParseConfig(absl::StrCat(kSource, "access:\n", "  spiffe://x/worker: {role: worker, sources: [acme]}\n",
                               "  \"spiffe://x:1/v\": {role: viewer}\n", "  admin.x.svc: {role: admin}\n"),
                  "p.yaml"));
  ASSERT_EQ(config.access.size(), 3u);
  EXPECT_EQ(config.access.at("spiffe://x/worker").role, AccessRole::kWorker);
  EXPECT_THAT(config.access.at("spiffe://x/worker").sources, ElementsAre("acme"));
  EXPECT_EQ(config.access.at("spiffe://x:1/v").role, AccessRole::kViewer);
  EXPECT_EQ(config.access.at("admin.x.svc").role, AccessRole::kAdmin);
}

TEST(AccessConfig, WhatIsNotClearIsRefusedAtItsLine) {
  EXPECT_THAT(Refusal("access:\n  a.b: {role: root}\n"),
              StartsWith("p.yaml:4: key 'role' cannot be 'root'; the choices are worker, viewer, admin"));
  EXPECT_THAT(Refusal("access:\n  a.b: {role: worker}\n"), HasSubstr("'a.b' needs the key 'sources'"));
  EXPECT_THAT(Refusal("access:\n  a.b: {role: worker, sources: []}\n"), HasSubstr("names no source"));
  EXPECT_THAT(Refusal("access:\n  a.b: {role: worker, sources: [acem]}\n"), HasSubstr("names acem, which"));
  EXPECT_THAT(Refusal("access:\n  a.b: {role: admin, sources: [acme]}\n"),
              HasSubstr("is for the role worker"));
  EXPECT_THAT(Refusal("access:\n  a.b: {role: admin}\n  a.b: {role: viewer}\n"),
              HasSubstr("stands there twice"));
  for (const char* name : {"CN=admin", "\"*.x\"", "\"a b\"", "\"spiffe://x/\\u00e4\"", "\"a\\nb\""}) {
    EXPECT_THAT(Refusal(absl::StrCat("access:\n  ", name, ": {role: admin}\n")),
                HasSubstr("is not a certificate's name"))
        << name;
  }
}

TEST(Config, OfOneWhoOnlyAsksACoordinatorNeedsNoSource) {
  const std::string asks = "version: 1\ncoordinator: penstock.example.com:7417\n";
  EXPECT_OK(ParseConfig(asks, "p.yaml"));
  EXPECT_THAT(ParseConfig(absl::StrCat(asks, "access: {a.b: {role: admin}}\n"), "p.yaml"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("needs the key 'sources'")));
}

}  // namespace
}  // namespace penstock
