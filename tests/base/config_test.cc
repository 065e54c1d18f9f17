// SPDX-License-Identifier: Apache-2.0
#include "base/config.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "absl/strings/str_cat.h"
#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kSmallest[] = "version: 1\nsources:\n  acme: {url: https://host/export/v1/records}\n";

// The message of a file that must be refused.
std::string Refusal(const std::string& yaml) {
  const absl::StatusOr<Config> config = ParseConfig(yaml, "p.yaml");
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << yaml;
  return std::string(config.status().message());
}
std::string SourceRefusal(const std::string& more) {
  return Refusal(absl::StrCat("version: 1\nsources:\n  acme:\n    url: https://host/records\n", more));
}

TEST(Config, TheSmallestFileHasTheDefaultsOfTheDesign) {
  ASSERT_OK_AND_ASSIGN(Config config, ParseConfig(kSmallest, "p.yaml"));
  const SourceConfig& source = config.sources.at("acme");
  EXPECT_EQ(source.name, "acme");
  EXPECT_EQ(source.url, "https://host/export/v1/records");
  EXPECT_EQ(source.auth.type, AuthType::kNone);
  EXPECT_EQ(source.budget.per_minute, 60u);
  EXPECT_EQ(source.budget.users_per_minute, 30u);
  EXPECT_EQ(source.retention, absl::Hours(720));
  EXPECT_EQ(source.publication_lag, absl::Hours(48));
  EXPECT_EQ(source.alarms.forgotten_within, absl::Hours(240));
  EXPECT_EQ(source.alarms.no_batch_within, absl::Hours(72));
  EXPECT_EQ(source.heartbeat_url, "");
  EXPECT_EQ(config.state, "");
  EXPECT_TRUE(config.destinations.empty());
}

TEST(Config, BackupsAreKeptForAWeekAndLateAfterTwoUnlessItIsSaid) {
  const auto read = [](const std::string& keys) {
    return ParseConfig(
        absl::StrCat("version: 1\nbackup: {", keys, "}\nsources:\n  a: {url: https://h/records}\n"),
        "p.yaml");
  };
  EXPECT_FALSE(ParseConfig(kSmallest, "p.yaml")->backup.has_value());
  ASSERT_OK_AND_ASSIGN(Config config, read("dir: /b"));
  EXPECT_EQ(config.backup->dir, "/b");
  EXPECT_EQ(config.backup->keep, 7u);
  EXPECT_EQ(config.backup->every, absl::ZeroDuration());
  EXPECT_EQ(config.backup->max_age, absl::Hours(48));
  EXPECT_EQ(read("dir: /b, every: 6h")->backup->max_age, absl::Hours(12));
  ASSERT_OK_AND_ASSIGN(config, read("dir: /b, every: 6h, keep: 3, max_age: 7h"));
  EXPECT_EQ(config.backup->keep, 3u);
  EXPECT_EQ(config.backup->max_age, absl::Hours(7));
  EXPECT_THAT(read("keep: 3").status().message(), HasSubstr("p.yaml:2: 'backup' needs the key 'dir'"));
  EXPECT_THAT(read("dir: /b, keep: 0").status().message(), HasSubstr("p.yaml:2: key 'keep'"));
  EXPECT_THAT(read("dir: /b, every: 6h, max_age: 5h").status().message(),
              HasSubstr("p.yaml:2: key 'max_age' is shorter than 'every'"));
}

TEST(Config, EveryKeyIsRead) {
  ASSERT_OK_AND_ASSIGN(Config config, ParseConfig(R"(
version: 1
state: /var/lib/penstock
sources:
  acme:
    url: https://host/export/v1/records/
    auth: {type: oauth, client_id_file: /s/id, client_secret_file: /s/k, token_url: "https://host/t"}
    budget: {per_minute: 40, users_per_minute: 10, backfill_share: 0.3}
    retention: 90d
    publication_lag: 24h
    sync: {schedule: "30 5 * * Mon-Fri", time_zone: Europe/Berlin}
    alarms: {forgotten_within: 5d, no_batch_within: 24h}
    heartbeat_url: https://monitor/ping/s3cret
    http: {proxy: "http://proxy:3128", ca_file: /etc/corp.pem}
  other:
    url: https://host2/records
    auth: {type: api_key, api_key_file: /s/key, scheme: raw}
destinations:
  db: {type: sqlite, path: /d/w.db, source: other}
)",
                                                  "p.yaml"));
  EXPECT_EQ(config.state, "/var/lib/penstock");
  const SourceConfig& acme = config.sources.at("acme");
  EXPECT_EQ(acme.url, "https://host/export/v1/records");
  EXPECT_EQ(acme.auth.type, AuthType::kOauth);
  EXPECT_EQ(acme.auth.client_id_file, "/s/id");
  EXPECT_EQ(acme.auth.client_secret_file, "/s/k");
  EXPECT_EQ(acme.auth.token_url, "https://host/t");
  EXPECT_EQ(acme.budget.per_minute, 40u);
  EXPECT_EQ(acme.budget.users_per_minute, 10u);
  EXPECT_EQ(acme.budget.backfill_share, 0.3);
  EXPECT_EQ(acme.retention, absl::Hours(24 * 90));
  EXPECT_EQ(acme.publication_lag, absl::Hours(24));
  EXPECT_EQ(acme.sync->schedule, "30 5 * * Mon-Fri");
  EXPECT_EQ(acme.sync->time_zone, "Europe/Berlin");
  EXPECT_FALSE(config.sources.at("other").sync.has_value());
  EXPECT_EQ(acme.alarms.forgotten_within, absl::Hours(120));
  EXPECT_EQ(acme.alarms.no_batch_within, absl::Hours(24));
  EXPECT_EQ(acme.heartbeat_url, "https://monitor/ping/s3cret");
  EXPECT_EQ(acme.http.proxy, "http://proxy:3128");
  EXPECT_EQ(acme.http.ca_file, "/etc/corp.pem");
  EXPECT_EQ(config.sources.at("other").auth.type, AuthType::kApiKey);
  EXPECT_EQ(config.sources.at("other").auth.api_key_file, "/s/key");
  EXPECT_FALSE(config.sources.at("other").auth.bearer);
  EXPECT_EQ(config.destinations.at("db").path, "/d/w.db");
  EXPECT_EQ(config.destinations.at("db").source, "other");
}

TEST(Config, TheExampleIsAccepted) {
  ASSERT_OK_AND_ASSIGN(Config config, ParseConfig(ExampleConfig(), "example"));
  EXPECT_EQ(config.sources.size(), 1u);
  EXPECT_EQ(config.destinations.size(), 1u);
}

TEST(Config, AnUnknownKeyIsNamedWithItsLineAndTheNearestOne) {
  EXPECT_EQ(SourceRefusal("    retenton: 30d\n"),
            "p.yaml:5: key 'retenton' is not known in 'acme'; did you mean 'retention'?");
  EXPECT_EQ(Refusal("version: 1\nfrobnicate: 2\n"),
            "p.yaml:2: key 'frobnicate' is not known in 'the file'; the keys are version, state, backup, "
            "coordinator, tls, access, sources, destinations, metrics");
}

TEST(Config, AHeartbeatsUrlIsCheckedAndItsPathNotRepeated) {
  const std::string refusal = SourceRefusal("    heartbeat_url: http://monitor/ping/s3cret\n");
  EXPECT_THAT(refusal, StartsWith("p.yaml:5: key 'heartbeat_url' is not a URL that begins with https://"));
  EXPECT_THAT(refusal, ::testing::Not(HasSubstr("s3cret")));
}

TEST(Config, AKeyThatStandsThereTwiceIsRefused) {
  EXPECT_EQ(SourceRefusal("    retention: 30d\n    retention: 60d\n"),
            "p.yaml:6: key 'retention' of 'acme' stands there twice");
}

TEST(Config, ABadValueIsRefusedAtItsLine) {
  const struct {
    const char* yaml;
    const char* message;
  } cases[] = {
      {"    retention: 30\n", "p.yaml:5: key 'retention' needs a duration"},
      {"    retention: 0d\n", "p.yaml:5: key 'retention' needs a duration"},
      {"    retention: [30d]\n", "p.yaml:5: key 'retention' needs a duration"},
      {"    budget: {per_minute: 0}\n", "p.yaml:5: key 'per_minute' needs a whole number from 1 to 60000"},
      {"    budget: {per_minute: 20, users_per_minute: 30}\n", "needs a whole number from 1 to 20"},
      {"    budget: {backfill_share: 0}\n",
       "p.yaml:5: key 'backfill_share' needs a number from 0.05 to 0.95"},
      {"    budget: {backfill_share: nan}\n", "needs a number from 0.05 to 0.95"},
      {"    budget:\n      per_minute: many\n", "p.yaml:6: key 'per_minute' needs a whole number"},
      {"    budget: 60\n", "p.yaml:5: 'budget' must be a mapping"},
      {"    sync: {schedule: 0 7 * *}\n", "p.yaml:5: key 'schedule' '0 7 * *' has 4 words"},
      {"    sync:\n      time_zone: Berlin\n", "p.yaml:6: key 'time_zone' 'Berlin' is no time zone"},
      {"    sync: daily\n", "p.yaml:5: 'sync' must be a mapping"},
      {"    http: {proxy: ''}\n", "p.yaml:5: key 'proxy' needs a text"},
      {"    http: {proxy: \"a\\nb\"}\n", "holds a control character"},
      {"    auth: {api_key_file: f}\n", "'auth' needs the key 'type'"},
      {"    auth: {type: kerberos}\n", "key 'type' cannot be 'kerberos'; the choices are api_key, oauth"},
      {"    auth: {type: api_key}\n", "'auth' needs the key 'api_key_file'"},
      {"    auth: {type: oauth, client_id_file: f}\n", "'auth' needs the key 'client_secret_file'"},
      {"    auth: {type: api_key, api_key_file: f, token_url: x}\n",
       "key 'token_url' does nothing with type api_key"},
      {"    auth: {type: oauth, client_id_file: f, client_secret_file: f, token_url: 'http://h/'}\n",
       "in the clear"},
  };
  for (const auto& [yaml, message] : cases) EXPECT_THAT(SourceRefusal(yaml), HasSubstr(message));
}

TEST(Config, TheUsersShareFollowsABudgetThatDoesNotNameIt) {
  ASSERT_OK_AND_ASSIGN(Config config, ParseConfig("version: 1\nsources:\n  a:\n    url: https://h/records\n"
                                                  "    budget: {per_minute: 1}\n",
                                                  "p.yaml"));
  EXPECT_EQ(config.sources.at("a").budget.users_per_minute, 1u);
}

TEST(Config, AFileNeedsItsVersionAndASource) {
  EXPECT_THAT(Refusal("sources: {a: {url: https://h/records}}"), HasSubstr("needs the key 'version'"));
  EXPECT_THAT(Refusal("version: 2\nsources: {a: {url: https://h/records}}"), HasSubstr("from 1 to 1"));
  EXPECT_THAT(Refusal("version: 1\n"), HasSubstr("needs the key 'sources'"));
  EXPECT_THAT(Refusal("version: 1\nsources: {}\n"), StartsWith("p.yaml:2: key 'sources' names no source"));
  EXPECT_THAT(Refusal("version: 1\nsources: {a: {}}\n"), HasSubstr("'a' needs the key 'url'"));
  EXPECT_THAT(Refusal("version: 1\nsources: {'A b': {url: https://h/records}}\n"),
              HasSubstr("is not a name"));
  EXPECT_THAT(Refusal(""), HasSubstr("must be a mapping"));
}

TEST(Config, WhatIsNotYamlIsRefusedAtItsLine) {
  EXPECT_THAT(Refusal("version: 1\nsources: [\n"),
              AllOf(StartsWith("p.yaml:"), HasSubstr("this is not YAML")));
  EXPECT_THAT(Refusal("\tversion: 1"), HasSubstr("this is not YAML"));
}

TEST(Config, ADestinationOfSeveralSourcesMustNameOneOfThem) {
  const std::string two = "version: 1\nsources: {a: {url: https://h/records}, b: {url: https://i/records}}\n";
  EXPECT_THAT(Refusal(two + "destinations:\n  d: {type: sqlite, path: x}\n"),
              HasSubstr("key 'source' is needed"));
  EXPECT_THAT(Refusal(two + "destinations:\n  d: {type: sqlite, path: x, source: c}\n"),
              HasSubstr("p.yaml:4: key 'source' names 'c'"));
}

TEST(Config, AFileThatCannotBeReadIsNamed) {
  EXPECT_THAT(LoadConfig("/nowhere/p.yaml"),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("/nowhere/p.yaml"), HasSubstr("config example"))));
}

TEST(Config, IsReadFromAFileWhoseNameStandsInItsErrors) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/config_test.", getpid(), ".yaml");
  std::ofstream(path) << kSmallest;
  EXPECT_OK(LoadConfig(path));
  std::ofstream(path) << "version: x\n";
  EXPECT_THAT(LoadConfig(path), StatusIs(absl::StatusCode::kInvalidArgument, StartsWith(path + ":1: ")));
  std::filesystem::remove(path);
}

TEST(Destination, IsAFileOrANameOfTheConfig) {
  ASSERT_OK_AND_ASSIGN(Config config, ParseConfig(ExampleConfig(), "example"));
  ASSERT_OK_AND_ASSIGN(DestinationConfig file, ParseDestination("sqlite:/tmp/a.db", config));
  EXPECT_EQ(file.path, "/tmp/a.db");
  EXPECT_EQ(file.name, "sqlite:/tmp/a.db");
  ASSERT_OK_AND_ASSIGN(DestinationConfig named, ParseDestination("warehouse", config));
  EXPECT_EQ(named.path, "/var/lib/penstock/warehouse.db");
}

TEST(Destination, AnUnknownOneIsNamedWithWhatIsPossible) {
  ASSERT_OK_AND_ASSIGN(Config config, ParseConfig(ExampleConfig(), "example"));
  EXPECT_THAT(ParseDestination("warehose", config),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("did you mean 'warehouse'?")));
  EXPECT_THAT(
      ParseDestination("oracle:x", config),
      StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("'oracle:x'"), HasSubstr("sqlite:FILE"))));
  EXPECT_THAT(ParseDestination("sqlite:", config),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("names no file")));
}

TEST(Destination, IsAPostgresUrl) {
  const Config none;
  ASSERT_OK_AND_ASSIGN(
      DestinationConfig named,
      ParseDestination("postgresql://loader@db.example.com:5433/dwh?schema=My%20Api&password_file=/run/s/pg"
                       "&tls=verify-ca&ca_file=/ca",
                       none));
  EXPECT_EQ(named.type, DestinationType::kPostgres);
  const PostgresConfig& postgres = named.postgres;
  EXPECT_EQ(postgres.host, "db.example.com");
  EXPECT_EQ(postgres.port, 5433u);
  EXPECT_EQ(postgres.database, "dwh");
  EXPECT_EQ(postgres.schema, "My Api");
  EXPECT_EQ(postgres.user, "loader");
  EXPECT_EQ(postgres.password_file, "/run/s/pg");
  EXPECT_EQ(postgres.tls, TlsMode::kVerifyCa);
  EXPECT_EQ(postgres.ca_file, "/ca");
  EXPECT_EQ(ParseDestination("postgresql://l@[::1]:5433/d", none)->postgres.host, "::1");
  EXPECT_EQ(ParseDestination("postgres://l@/d?host=/run/pg", none)->postgres.host, "/run/pg");
}

TEST(Destination, HasTheGuidesTablesUnlessTheVendorsAreWanted) {
  const Config none;
  EXPECT_EQ(ParseDestination("sqlite:w.db", none)->tables, TableNames::kGuide);
  ASSERT_OK_AND_ASSIGN(const DestinationConfig file, ParseDestination("sqlite:w.db?tables=vendor", none));
  EXPECT_EQ(file.tables, TableNames::kVendor);
  EXPECT_EQ(file.path, "w.db");
  EXPECT_EQ(file.name, "sqlite:w.db?tables=vendor");
  EXPECT_EQ(ParseDestination("sqlite:what?.db", none)->path, "what?.db");
  EXPECT_EQ(ParseDestination("postgresql://l@db/d?tables=vendor&schema=s", none)->tables,
            TableNames::kVendor);
  EXPECT_EQ(ParseDestination("postgresql://l@db/d?tables=guide", none)->tables, TableNames::kGuide);
  for (const char* bad : {"sqlite:w.db?tables=mine", "postgresql://l@db/d?tables=mine"}) {
    EXPECT_THAT(ParseDestination(bad, none),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the choices are guide, vendor")));
  }
  const std::string file_text =
      "version: 1\nsources:\n  a: {url: \"https://h/records\"}\ndestinations:\n  w: {type: sqlite, path: "
      "w.db, tables: ";
  EXPECT_EQ(ParseConfig(file_text + "vendor}\n", "f")->destinations.at("w").tables, TableNames::kVendor);
  EXPECT_THAT(ParseConfig(file_text + "vendors}\n", "f"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("vendor")));
}

TEST(Destination, AwayFromThisMachineTheServerMustProveWhoItIs) {
  const Config none;
  EXPECT_EQ(ParseDestination("postgresql://l@db/d", none)->postgres.tls, TlsMode::kVerifyFull);
  EXPECT_EQ(ParseDestination("postgresql://l@localhost/d", none)->postgres.tls, TlsMode::kPrefer);
  EXPECT_EQ(ParseDestination("postgresql://l@db/d?tls=require", none)->postgres.tls, TlsMode::kRequire);
}

TEST(Destination, ABadPostgresUrlIsRefusedAndNeverRepeated) {
  const Config none;
  for (const auto& [url, what] : std::map<std::string, std::string>{
           {"postgresql://l:hunter2@db/d", "put it into a file"},
           {"postgres://l:hunter2@db:x/d", "password"},
           {"postgresql://l@db:70000/d", "port"},
           {"postgresql://db/d", "no user"},
           {"postgresql://l@/d", "no host"},
           {"postgresql://l@db", "no database"},
           {"postgresql://l@db/d?password=hunter2", "a parameter that is not"},
           {"postgresql://l@db/d?tls=sometimes", "verify-full"},
           {"postgresql://l@db/d?cert_file=x", "together"},
           {"postgresql://l@db/%zz", "'%'"},
           {"postgresq://l:hunter2@db/d", "unknown destination 'postgresq'"}}) {
    EXPECT_THAT(ParseDestination(url, none), StatusIs(absl::StatusCode::kInvalidArgument,
                                                      AllOf(HasSubstr(what), Not(HasSubstr("hunter2")))))
        << url;
  }
}

TEST(Destination, OfPostgresStandsInTheFile) {
  const std::string source =
      "version: 1\nsources:\n  a: {url: \"https://h/records\"}\ndestinations:\n  pg: {";
  ASSERT_OK_AND_ASSIGN(
      Config config,
      ParseConfig(source + "type: postgres, host: db, database: dwh, schema: data_api, user: penstock, "
                           "password_file: /run/s/pg, tls: verify-full}\n",
                  "f"));
  EXPECT_EQ(config.destinations.at("pg").postgres.password_file, "/run/s/pg");
  EXPECT_EQ(config.destinations.at("pg").postgres.port, 5432u);
  for (const auto& [entry, what] : std::map<std::string, std::string>{
           {"type: postgres, host: db, user: u", "needs the key 'database'"},
           {"type: postgres, host: db, user: u, database: d, path: x", "does nothing with type postgres"},
           {"type: sqlite, path: x, host: db", "does nothing with type sqlite"},
           {"type: postgres, host: db, user: u, database: d, key_file: k", "stands alone"},
           {"type: postgres, host: db, user: u, database: d, password: p", "is not known"},
           {"type: postgres, host: db, user: u, database: d, tls: maybe", "the choices are"}}) {
    EXPECT_THAT(ParseConfig(source + entry + "}\n", "f"),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(what)))
        << entry;
  }
}

TEST(Destination, IsASnowflakeUrl) {
  ASSERT_OK_AND_ASSIGN(
      DestinationConfig named,
      ParseDestination("snowflake://xy1.eu-central-1/DWH/My%20Api?user=PENSTOCK&role=LOADER&warehouse=LOAD_XS"
                       "&private_key_file=/run/s/p8&private_key_passphrase_file=/run/s/word&interval=30m"
                       "&proxy=http://proxy:3128&ca_file=/ca&tables=vendor",
                       Config()));
  EXPECT_EQ(named.tables, TableNames::kVendor);
  EXPECT_EQ(named.type, DestinationType::kSnowflake);
  EXPECT_EQ(named.interval, absl::Minutes(30));
  const SnowflakeConfig& snowflake = named.snowflake;
  EXPECT_EQ(snowflake.account, "xy1.eu-central-1");
  EXPECT_EQ(snowflake.database, "DWH");
  EXPECT_EQ(snowflake.schema, "My Api");
  EXPECT_EQ(snowflake.user, "PENSTOCK");
  EXPECT_EQ(snowflake.role, "LOADER");
  EXPECT_EQ(snowflake.warehouse, "LOAD_XS");
  EXPECT_EQ(snowflake.private_key_file, "/run/s/p8");
  EXPECT_EQ(snowflake.private_key_passphrase_file, "/run/s/word");
  EXPECT_EQ(snowflake.proxy, "http://proxy:3128");
  EXPECT_EQ(snowflake.ca_file, "/ca");
  EXPECT_EQ(snowflake.url, "https://xy1.eu-central-1.snowflakecomputing.com");
}

TEST(Destination, ABadSnowflakeUrlIsRefusedWithWhatIsWrong) {
  const std::string rest = "?user=U&role=R&warehouse=W&private_key_file=F";
  for (const auto& [url, what] : std::map<std::string, std::string>{
           {"ORG-ACC/DWH" + rest, "ACCOUNT/DATABASE/SCHEMA"},
           {"ORG-ACC/DWH/S?user=U&role=R&warehouse=W", "names no private_key_file"},
           {"ORG-ACC//S" + rest, "names no database"},
           {"ORG-ACC/DWH/S" + rest + "&rol=x", "did you mean 'role'?"},
           {"ORG-ACC/DWH/S" + rest + "&role=", "leaves role empty"},
           {"ORG-ACC/DWH/S" + rest + "&interval=soon", "interval"},
           {"ORG-ACC/DWH/S" + rest + "&tables=mine", "guide or vendor"},
           {"ORG-ACC/DWH/S%zz" + rest, "'%'"},
           {"acc.snowflakecomputing.com/DWH/S" + rest, "only the account"},
           {"evil.example.com%2f/DWH/S" + rest, "only the account"},
           {"a.b.c.d.e/DWH/S" + rest, "not the name of an account"},
           {"a@b/DWH/S" + rest, "not the name of an account"},
           {"ORG-ACC/DWH/S" + rest + "&url=http://evil.example.com", "wrong url"},
           {"ORG-ACC/DWH/S" + rest + "&url=https://link.example.com/path", "write https://HOST"}}) {
    EXPECT_THAT(ParseDestination("snowflake://" + url, Config()),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(what)))
        << url;
  }
}

TEST(Destination, OfSnowflakeStandsInTheFile) {
  const std::string source =
      "version: 1\nsources:\n  a: {url: \"https://h/records\"}\ndestinations:\n  sf: {type: snowflake, ";
  const std::string rest = "database: D, user: U, role: R, warehouse: W, private_key_file: /k";
  ASSERT_OK_AND_ASSIGN(Config config, ParseConfig(source + "account: my_org-acc, " + rest + "}\n", "f"));
  const DestinationConfig& named = config.destinations.at("sf");
  EXPECT_EQ(named.snowflake.schema, "DATA_API");
  EXPECT_EQ(named.snowflake.url, "https://my-org-acc.snowflakecomputing.com") << "a host has no underscores";
  EXPECT_EQ(named.interval, absl::Minutes(10));
  EXPECT_EQ(
      ParseConfig(source + "account: a, url: \"https://a.privatelink.example.com\", " + rest + "}\n", "f")
          ->destinations.at("sf")
          .snowflake.url,
      "https://a.privatelink.example.com");
  for (const auto& [entry, what] : std::map<std::string, std::string>{
           {"account: a, database: D", "needs the key 'user'"},
           {"account: \"a/b\", " + rest, "f:5: key 'account' is a host or a URL"},
           {"account: a, url: \"http://x.example.com\", " + rest, "key 'url'"},
           {"account: a, path: x, " + rest, "does nothing with type snowflake"},
           {"account: a, host: x, " + rest, "does nothing with type snowflake"},
           {"account: a, pasword: x, " + rest, "is not known"},
           {"account: a, interval: 0m, " + rest, "interval"}}) {
    EXPECT_THAT(ParseConfig(source + entry + "}\n", "f"),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(what)))
        << entry;
  }
}

TEST(SourceUrl, LosesItsTrailingSlash) {
  EXPECT_EQ(*CheckSourceUrl("https://api.moveworks.ai/export/v1/records//"),
            "https://api.moveworks.ai/export/v1/records");
  EXPECT_OK(CheckSourceUrl("http://127.0.0.1:8080/export/v1/records"));
}

TEST(SourceUrl, MustEndInRecordsWithoutAQuery) {
  EXPECT_THAT(CheckSourceUrl("https://api.moveworks.ai/export/v1"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("/records")));
  EXPECT_THAT(CheckSourceUrl("https://host/records?x=/records"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("query")));
}

}  // namespace
}  // namespace penstock
