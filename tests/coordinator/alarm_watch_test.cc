// SPDX-License-Identifier: Apache-2.0
#include "coordinator/alarm_watch.h"

#include "absl/strings/str_cat.h"
#include "coordinator/limits.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kStamp[] = "2026-02-25T06:00:00.000Z";

class AlarmWatchTest : public CoordinatorFixture {
 protected:
  // "begins new-field", "ends no-batch" ..
  std::vector<std::string> Look() {
    const absl::StatusOr<std::vector<AlarmWatch::Change>> changes = watch_.Look(*core_);
    EXPECT_OK(changes);
    std::vector<std::string> words;
    for (const AlarmWatch::Change& change : changes.value_or(std::vector<AlarmWatch::Change>())) {
      if (change.alarm.name() == "forgotten-soon") continue;  // the days have a test of their own
      words.push_back(absl::StrCat(change.begins ? "begins " : "ends ", change.alarm.name()));
    }
    return words;
  }
  std::vector<v1::Alarm> Standing(const std::string& name) {
    absl::StatusOr<v1::GetStatusResponse> status = admin_->GetStatus({});
    EXPECT_OK(status);
    std::vector<v1::Alarm> alarms;
    for (const v1::Alarm& alarm : status->sources(0).alarms()) {
      if (alarm.name() == name) alarms.push_back(alarm);
    }
    return alarms;
  }
  // A finished backfill of conversations whose one page brings this field.
  void Read(const std::string& name, const std::string& column = "", v1::JsonType type = v1::JSON_STRING) {
    Backfill({Endpoint::kConversations});
    for (const v1::FetchAssignment& lease : Lease("a")) {
      v1::PageHeader header = Header(lease, lease.page(), "");
      AddField(header, name, column, type);
      ASSERT_OK(workers_->CommitPage(header, {Row("x", kStamp)}, {}));
    }
    FinishAll("a");
  }
  static void AddField(v1::PageHeader& header, const std::string& name, const std::string& column,
                       v1::JsonType type) {
    v1::OddField& field = *header.add_odd_fields();
    field.set_name(name);
    field.set_column(column);
    field.set_type(type);
  }
  const storage::EndpointSeen& Seen() {
    return core_->state().sources().begin()->second.seen().at(static_cast<int>(Endpoint::kConversations));
  }

  AlarmWatch watch_;
};

TEST_F(AlarmWatchTest, ASourceThatNobodyAskedYetHasNoAlarm) { EXPECT_THAT(Look(), IsEmpty()); }

TEST_F(AlarmWatchTest, AnAlarmIsToldWhenItBeginsAndWhenItEnds) {
  Read("mood");
  EXPECT_THAT(Look(), ElementsAre("begins new-field"));
  clock_.Advance(kWatchAlarmsEvery);
  EXPECT_THAT(Look(), IsEmpty());
  clock_.Advance(kNewFieldStands);
  EXPECT_THAT(Look(), ElementsAre("begins no-batch", "ends new-field"));
}

TEST_F(AlarmWatchTest, LooksOnceAMinute) {
  EXPECT_THAT(Look(), IsEmpty());
  Read("mood");
  clock_.Advance(kWatchAlarmsEvery - absl::Seconds(1));
  EXPECT_THAT(Look(), IsEmpty());
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Look(), ElementsAre("begins new-field"));
}

TEST_F(AlarmWatchTest, AFieldIsFirstSeenOnceAndARestartRemembersIt) {
  Read("mood");
  const absl::Time first = clock_.Now().wall;
  clock_.Advance(absl::Hours(1));
  Read("mood", "", v1::JSON_NUMBER);
  Start();
  ASSERT_THAT(Standing("new-field"), SizeIs(1));
  EXPECT_THAT(Standing("new-field")[0].text(), HasSubstr("'mood' (string), which no column takes"));
  EXPECT_EQ(FromProto(Standing("new-field")[0].since()), first);
  EXPECT_THAT(Seen().fields(), SizeIs(1));
}

TEST_F(AlarmWatchTest, EachTypeThatAColumnDoesNotTakeIsSeenByItself) {
  Read("detail", "DATA_DETAIL", v1::JSON_OBJECT);
  Read("detail", "DATA_DETAIL", v1::JSON_ARRAY);
  Read("detail", "DATA_DETAIL", v1::JSON_ARRAY);
  EXPECT_THAT(Seen().fields(), SizeIs(2));
}

TEST_F(AlarmWatchTest, AHostileNameIsKeptShortAndPrintable) {
  Read(absl::StrCat("\x1b[2J\xff\n", std::string(5000, '\x01')));
  ASSERT_THAT(Seen().fields(), SizeIs(1));
  const std::string& name = Seen().fields(0).name();
  EXPECT_LE(name.size(), kSeenNameBytesMax);
  for (char c : name) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  Start();  // what was stored can be read again
  EXPECT_THAT(Standing("new-field"), SizeIs(1));
}

TEST_F(AlarmWatchTest, AHostileWorkerCannotFillTheSourcesRecord) {
  Backfill({Endpoint::kConversations});
  const auto leases = Lease("a");
  v1::PageHeader header = Header(leases[0], 0, "");
  for (int i = 0; i < 5000; ++i) AddField(header, absl::StrCat("f", i), "", static_cast<v1::JsonType>(i));
  ASSERT_OK(workers_->CommitPage(header, {}, {}));
  EXPECT_THAT(Seen().fields(), SizeIs(kSeenFieldsMax));
}

TEST_F(AlarmWatchTest, AFieldIsKeptInTheCommitOfItsPage) {
  Backfill({Endpoint::kConversations});
  const auto leases = Lease("a");
  v1::PageHeader header = Header(leases[0], 0, "next");
  AddField(header, "mood", "", v1::JSON_STRING);
  KeptStore::refuse_commits = absl::ResourceExhaustedError("the disk is full");
  EXPECT_THAT(workers_->CommitPage(header, {Row("x", kStamp)}, {}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("full")));
  EXPECT_TRUE(core_->state().sources().begin()->second.seen().empty());
  KeptStore::refuse_commits = absl::OkStatus();
  const uint64_t before = store_->last_commit();
  ASSERT_OK(workers_->CommitPage(header, {Row("x", kStamp)}, {}));
  EXPECT_EQ(store_->last_commit(), before + 1);
  EXPECT_THAT(Seen().fields(), SizeIs(1));
}

TEST_F(AlarmWatchTest, StampsBeyondTheServersDateAreNotTheNewest) {
  Backfill({Endpoint::kConversations});
  const auto leases = Lease("a");
  ASSERT_OK(CommitPage(leases[0], 0, "next", {Row("x", kStamp), Row("y", "2099-01-01T00:00:00.000Z")}));
  EXPECT_EQ(FromProto(Seen().newest_stamp()), *ParseStamp(kStamp));
  ASSERT_OK(CommitPage(leases[0], 1, "", {Row("z", "2026-02-01T00:00:00.000Z")}));
  EXPECT_EQ(FromProto(Seen().newest_stamp()), *ParseStamp(kStamp));
}

TEST_F(AlarmWatchTest, ASourceThatIsAskedInVainIsLateAndOneThatIsNotAskedIsNotBlamed) {
  Read("mood");
  clock_.Advance(absl::Hours(73));
  ASSERT_THAT(Standing("no-batch"), SizeIs(1));
  EXPECT_THAT(Standing("no-batch")[0].text(), HasSubstr("Nothing has asked"));
  Read("mood");  // the same stamp again
  ASSERT_THAT(Standing("no-batch"), SizeIs(1));
  EXPECT_THAT(Standing("no-batch")[0].text(), HasSubstr("published nothing since 2026-02-25 06:00"));
}

TEST_F(AlarmWatchTest, ARefusalIsRememberedAcrossARestart) {
  Backfill({Endpoint::kConversations});
  const auto leases = Lease("a");
  v1::ReportPermitRequest report;
  report.set_source(kSource);
  *report.mutable_report() = Header(leases[0], 0, "").permit();
  report.mutable_report()->set_http_status(503);
  *report.mutable_report()->mutable_retry_after() = ToProto(absl::Seconds(5));
  ASSERT_OK(workers_->ReportPermit(report));
  EXPECT_THAT(Standing("key-shared"), IsEmpty());
  report.mutable_report()->set_http_status(429);
  ASSERT_OK(workers_->ReportPermit(report));
  Start();
  EXPECT_THAT(Standing("key-shared"), SizeIs(1));
}

TEST_F(AlarmWatchTest, DaysThatNobodyReadAreToldBeforeTheSourceForgetsThem) {
  v1::CreateBackfillRequest request;
  request.add_endpoints(v1::CONVERSATIONS);
  *request.mutable_from() = ToProto(clock_.Now().wall - absl::Hours(24 * 5));
  ASSERT_OK(admin_->CreateBackfill(request));
  AnswerCounts();
  FinishAll("a");
  std::vector<v1::Alarm> alarms = Standing("forgotten-soon");
  ASSERT_THAT(alarms, SizeIs(4));  // nothing was read of the other three; users have no days
  EXPECT_THAT(alarms[0].text(), HasSubstr("26 January"));
  EXPECT_THAT(alarms[0].next_step(),
              AllOf(HasSubstr("backfill create --from 2026-01-26"), HasSubstr("conversations")));
  Backfill({Endpoint::kConversations, Endpoint::kInteractions});
  EXPECT_THAT(Standing("forgotten-soon"), SizeIs(2));  // they are being read
  FinishAll("a");
}

TEST_F(AlarmWatchTest, AReadingCommandHasTheThresholdsAsTheyWereConfigured) {
  CoreOptions options = Options();
  options.sources[0].alarms.no_batch_within = absl::Hours(2);
  options.sources[0].alarms.forgotten_within = absl::Hours(48);
  Start(options);
  Read("mood");
  clock_.Advance(absl::Hours(3));
  CoreOptions read_only;
  read_only.read_only = true;
  Start(read_only);
  EXPECT_THAT(Standing("no-batch"), SizeIs(1));
  absl::StatusOr<v1::GetCoverageResponse> coverage = admin_->GetCoverage({});
  ASSERT_OK(coverage);
  EXPECT_EQ(FromProto(coverage->forgotten_within()), absl::Hours(48));
}

}  // namespace
}  // namespace penstock::coordinator
