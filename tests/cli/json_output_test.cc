// SPDX-License-Identifier: Apache-2.0
#include "cli/json_output.h"

#include <gtest/gtest.h>

#include "base/instant.h"
#include "proto/admin_service.pb.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

TEST(Json, AJobInItsPromisedShape) {
  v1::Job job;
  job.set_number(12);
  job.set_source("acme");
  job.set_kind("backfill");
  job.set_state(v1::JOB_RUNNING);
  job.add_endpoints(v1::USERS);
  job.add_endpoints(v1::PLUGIN_CALLS);
  *job.mutable_from() = ToProto(*ParseDate("2026-03-01"));
  job.set_windows(7);
  job.set_pages(UINT64_MAX);
  job.mutable_counts()->set_fetched(500);
  job.set_progress(0.58);
  job.set_priority(-7);
  *job.mutable_time_left() = ToProto(absl::Minutes(25));
  EXPECT_EQ(
      ToJson(job),
      R"({"number":"job-12","source":"acme","kind":"backfill","state":"running",)"
      R"("endpoints":["users","plugin-calls"],"from":"2026-03-01T00:00:00.000Z","to":null,"created":null,)"
      R"("finished":null,"windows":7,"done_windows":0,"parked_windows":0,"running_windows":0,)"
      R"("pages":18446744073709551615,"counts":{"fetched":500,"inserted":0,"updated":0,"identical":0,"older":0,)"
      R"("quarantined":0},"progress":0.58,"time_left_seconds":1500,"requests":0,"priority":-7})");
}

TEST(Json, AWindowIsNamedAsPeopleNameIt) {
  v1::Window window;
  window.set_number(1043);
  window.set_job(12);
  window.set_endpoint(v1::PLUGIN_RESOURCES);
  window.set_axis(v1::LAST_UPDATED_TIME);
  window.set_state(v1::WINDOW_PARKED);
  window.set_reason("say \"why\"\n");
  EXPECT_EQ(ToJson(window),
            R"({"number":"w-1043","job":"job-12","endpoint":"plugin-resources","axis":"last_updated_time",)"
            R"("state":"parked","from":null,"to":null,"worker":"","chain":0,"pages":0,"counts":null,)"
            R"("reason":"say \"why\"\n","closing":false,"purpose":"","counted":null,"stored":0})");
}

TEST(Json, BytesAreTextAndNeverBase64) {
  v1::QuarantineEntry entry;
  entry.set_raw("{\"x\":1}\xFF");
  EXPECT_EQ(ToJson(entry),
            "{\"name\":\"\",\"endpoint\":null,\"reason\":\"\",\"raw\":\"{\\\"x\\\":1}\xEF\xBF\xBD\","
            "\"window\":null,"
            "\"first_seen\":null}");
}

TEST(Json, AWorkersWindowsAreNames) {
  v1::ListWorkersResponse response;
  v1::Worker* worker = response.add_workers();
  worker->set_id("a");
  worker->add_windows(1001);
  worker->add_loads("db");
  *worker->mutable_last_sync_ago() = ToProto(absl::Milliseconds(1500));
  EXPECT_EQ(
      ToJson(response),
      R"({"workers":[{"id":"a","version":"","fetch_capacity":0,"load_capacity":0,"windows":["w-1001"],)"
      R"("loads":["db"],"last_sync_ago_seconds":1.5,"draining":false,"query_capacity":0,"queries":[]}]})");
}

// Every message of the treaty can be shown: no field type is unknown to the writer.
TEST(Json, KnowsEveryMessageOfTheTreaty) {
  const google::protobuf::FileDescriptor* file = v1::Job::descriptor()->file();
  for (int i = 0; i < file->message_type_count(); ++i) {
    const auto* prototype =
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(file->message_type(i));
    const std::unique_ptr<google::protobuf::Message> message(prototype->New());
    EXPECT_EQ(ToJson(*message).front(), '{') << file->message_type(i)->name();
  }
}

TEST(CompactJson, RemovesWhiteSpaceBetweenTokensOnly) {
  EXPECT_EQ(CompactJson("{ \"a b\" : [ 1,\n\t2 ] ,\r\n \"c\\\" d\\\\\" : \" x \" }"),
            "{\"a b\":[1,2],\"c\\\" d\\\\\":\" x \"}");
  EXPECT_EQ(CompactJson(""), "");
}

}  // namespace
}  // namespace penstock::cli
