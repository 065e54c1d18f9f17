// SPDX-License-Identifier: Apache-2.0
#include "tests/destinations/postgres/postgres_warehouse.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "destinations/postgres/postgres_destination.h"
#include "tests/destinations/postgres/postgres_server.h"
#include "tests/fakes/relay.h"

namespace penstock::destinations {
namespace {

class PostgresWarehouse final : public ServerWarehouse {
 public:
  std::unique_ptr<Destination> Open(const Clock& clock) override {
    return std::make_unique<postgres::PostgresDestination>(server_.Config(schema_), clock);
  }
  std::unique_ptr<Destination> OpenLosingTheCommit(const Clock& clock, bool applied) override {
    relay_.emplace(server_.socket());
    relay_->CutAt(std::string("\0COMMIT\0", 8), applied);
    PostgresConfig config = server_.Config(schema_);
    config.host = "127.0.0.1";
    config.port = static_cast<uint32_t>(relay_->port());
    config.tls = TlsMode::kDisable;
    return std::make_unique<postgres::PostgresDestination>(config, clock);
  }
  void Execute(const std::string& sql) override { server_.Execute(InSchema(sql)); }
  std::vector<std::vector<std::string>> Query(const std::string& sql) override {
    return server_.Query(InSchema(sql));
  }
  void RefuseKey(const std::string& table, const std::string& key_column, const std::string& key) override {
    Execute(absl::StrCat("CREATE FUNCTION refuse_", key,
                         "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.", key_column, " = '", key,
                         "' THEN RAISE 'refused by the test'; END IF; RETURN NEW; END $$; "
                         "CREATE TRIGGER refuse_",
                         key, " BEFORE INSERT ON ", table, " FOR EACH ROW EXECUTE FUNCTION ", schema_,
                         ".refuse_", key, "()"));
  }
  void AcceptKey(const std::string& table, const std::string& key) override {
    Execute(absl::StrCat("DROP TRIGGER refuse_", key, " ON ", table));
  }
  void TakeInsertAway(const std::string& table) override {
    Execute(absl::StrCat("REVOKE INSERT ON ", table, " FROM loader"));
  }
  std::string TextType() const override { return "VARCHAR"; }
  bool KeepsNul() const override { return false; }

 private:
  std::string InSchema(const std::string& sql) const {
    return absl::StrCat("SET ROLE loader; SET search_path TO ", schema_, "; ", sql);
  }

  PostgresServer& server_ = PostgresServer::Shared();
  const std::string schema_ = server_.NewSchema();
  std::optional<Relay> relay_;
};

}  // namespace

std::unique_ptr<Warehouse> MakePostgresWarehouse() { return std::make_unique<PostgresWarehouse>(); }

}  // namespace penstock::destinations
