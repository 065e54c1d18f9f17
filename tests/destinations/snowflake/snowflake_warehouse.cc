// SPDX-License-Identifier: Apache-2.0
#include "tests/destinations/snowflake/snowflake_warehouse.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "destinations/snowflake/snowflake_destination.h"
#include "tests/destinations/snowflake/snowflake_server.h"

namespace penstock::destinations {
namespace {

class SnowflakeWarehouse final : public ServerWarehouse {
 public:
  std::unique_ptr<Destination> Open(const Clock& clock) override { return Open(clock, {}); }
  std::unique_ptr<Destination> OpenLosingTheCommit(const Clock& clock, bool applied) override {
    server_.Tell(absl::StrCat("{\"", applied ? "lose_after" : "lose_before", "\": 1}"));
    return Open(clock, {.lost = absl::ZeroDuration()});
  }
  void Execute(const std::string& sql) override { server_.Query(schema_, sql); }
  std::vector<std::vector<std::string>> Query(const std::string& sql) override {
    return server_.Query(schema_, sql);
  }
  void RefuseKey(const std::string& table, const std::string& key_column, const std::string& key) override {
    server_.Tell(
        absl::Substitute(R"({"refuse": ["$0", "$1", "$2", "$3"]})", schema_, table, key_column, key));
  }
  void AcceptKey(const std::string&, const std::string& key) override {
    server_.Tell(absl::Substitute(R"({"accept": "$0"})", key));
  }
  void TakeInsertAway(const std::string& table) override {
    server_.Tell(absl::Substitute(R"({"deny": ["$0", "$1", "INSERT"]})", schema_, table));
  }
  std::string TextType() const override { return "VARCHAR(16777216)"; }
  bool KeepsNul() const override { return false; }

 private:
  std::unique_ptr<Destination> Open(const Clock& clock, const snowflake::Patience& patience) {
    return std::make_unique<snowflake::SnowflakeDestination>(
        server_.Config(schema_), clock, TableNames::kGuide, SystemRandom(), server_.Http(clock), patience);
  }

  SnowflakeServer& server_ = SnowflakeServer::Shared();
  const std::string schema_ = server_.NewSchema();
};

}  // namespace

std::unique_ptr<Warehouse> MakeSnowflakeWarehouse() { return std::make_unique<SnowflakeWarehouse>(); }

}  // namespace penstock::destinations
