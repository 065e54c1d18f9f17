// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::HasSubstr;

class Rows : public CliTest {
 protected:
  void SetUp() override {
    v1::Row row;
    row.set_id("-aB_3");
    row.set_raw("{ \"id\": \"-aB_3\",\n  \"text\": \"a, \\\"b\\\"  c\" }");
    *row.mutable_created_time() = Time("2026-03-18T06:02:11.5Z");
    *row.mutable_last_updated_time() = Time("2026-03-19T01:00:00Z");
    admin.rows[v1::PLUGIN_CALLS].push_back(row);
    v1::Row bare;
    bare.set_id("18446744073709551616");
    bare.set_raw("{\"id\":18446744073709551616}");
    admin.rows[v1::PLUGIN_CALLS].push_back(bare);
  }
};

TEST_F(Rows, ExportIsOneObjectForEachRow) {
  ASSERT_EQ(Run({"rows", "export", "--endpoint", "plugin-calls"}), 0) << err.str();
  EXPECT_EQ(
      out.str(),
      R"({"id":"-aB_3","created_time":"2026-03-18T06:02:11.500Z","last_updated_time":"2026-03-19T01:00:00.000Z",)"
      R"("record":{"id":"-aB_3","text":"a, \"b\"  c"}})"
      "\n"
      R"({"id":"18446744073709551616","created_time":null,"last_updated_time":null,)"
      R"("record":{"id":18446744073709551616}})"
      "\n");
}

TEST_F(Rows, ExportRawIsTheRecordsAlone) {
  ASSERT_EQ(Run({"rows", "export", "--endpoint", "plugin-calls", "--raw"}), 0);
  EXPECT_EQ(out.str(),
            "{\"id\":\"-aB_3\",\"text\":\"a, \\\"b\\\"  c\"}\n"
            "{\"id\":18446744073709551616}\n");
}

TEST_F(Rows, ExportAsCsvQuotesEverything) {
  ASSERT_EQ(Run({"rows", "export", "--endpoint", "plugin-calls", "--format", "csv"}), 0);
  EXPECT_EQ(out.str(),
            "id,created_time,last_updated_time,record\n"
            "\"-aB_3\",\"2026-03-18T06:02:11.500Z\",\"2026-03-19T01:00:00.000Z\","
            "\"{\"\"id\"\":\"\"-aB_3\"\",\"\"text\"\":\"\"a, \\\"\"b\\\"\"  c\"\"}\"\n"
            "\"18446744073709551616\",\"\",\"\",\"{\"\"id\"\":18446744073709551616}\"\n");
}

TEST_F(Rows, ExportOfNothingStillHasItsHeading) {
  ASSERT_EQ(Run({"rows", "export", "--endpoint", "users", "--format", "csv"}), 0);
  EXPECT_EQ(out.str(), "id,created_time,last_updated_time,record\n");
}

TEST_F(Rows, AnExportThatBreaksOffIsAnError) {
  admin.failure = grpc::Status(grpc::DATA_LOSS, "a stored value cannot be read");
  EXPECT_EQ(Run({"rows", "export", "--endpoint", "plugin-calls"}), 6);
  EXPECT_THAT(err.str(), HasSubstr("cannot be read"));
}

TEST_F(Rows, ExportRefusesWhatMakesNoSense) {
  EXPECT_EQ(Run({"rows", "export"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("--endpoint is required"));
  EXPECT_EQ(Run({"rows", "export", "--endpoint", "calls"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("'calls'"));
  EXPECT_EQ(Run({"rows", "export", "--endpoint", "users", "--format", "xml"}), 2);
  EXPECT_EQ(Run({"rows", "export", "--endpoint", "users", "--format", "csv", "--raw"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("--raw: is for --format jsonl"));
  EXPECT_EQ(Run({"rows", "export", "--endpoint", "users", "--format", "csv", "--output", "json"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("contradicts --format csv"));
}

TEST_F(Rows, GetIsTheRecordByteForByte) {
  ASSERT_EQ(Run({"rows", "get", "--endpoint", "plugin-calls", "--id", "-aB_3"}), 0) << err.str();
  EXPECT_EQ(out.str(), admin.rows[v1::PLUGIN_CALLS][0].raw() + "\n");
  ASSERT_EQ(Run({"rows", "get", "--endpoint", "plugin-calls", "--id=-aB_3", "--output", "json"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("\"created_time\":\"2026-03-18T06:02:11.500Z\""));
  EXPECT_EQ(Run({"rows", "get", "--endpoint", "plugin-calls", "--id", "none"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("'none'"));
}

TEST_F(Rows, CountAddsUp) {
  admin.rows[v1::USERS].resize(1234);
  admin.quarantine.add_entries()->set_endpoint(v1::USERS);
  ASSERT_EQ(Run({"rows", "count"}), 0);
  EXPECT_EQ(out.str(),
            "ENDPOINT       ROWS  QUARANTINED\n"
            "plugin-calls      2            0\n"
            "users         1,234            1\n"
            "all           1,236            1\n"
            "penstock quarantine list\n");
  ASSERT_EQ(Run({"rows", "count", "--endpoint", "plugin-calls", "--output", "json"}), 0);
  EXPECT_EQ(out.str(), "{\"counts\":[{\"endpoint\":\"plugin-calls\",\"rows\":2,\"quarantined\":0}]}\n");
}

}  // namespace
}  // namespace penstock::cli
