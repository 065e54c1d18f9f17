// SPDX-License-Identifier: Apache-2.0
#include "coordinator/alarms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

absl::Time At(const std::string& text) { return *ParseDate(text); }

// A source that is in good order on 31 March 2026, 06:00: asked and answered an hour ago, every day settled.
class AlarmsTest : public ::testing::Test {
 protected:
  AlarmsTest() {
    input_.now = At("2026-03-31T06:00:00Z");
    *input_.source.mutable_first_contact() = ToProto(At("2026-01-01"));
    *input_.coverage.mutable_retention() = ToProto(absl::Hours(720));
    *input_.coverage.mutable_first_day() = ToProto(At("2026-03-01"));
    v1::EndpointCoverage& days = *input_.coverage.add_endpoints();
    days.set_endpoint(v1::PLUGIN_CALLS);
    for (int i = 0; i < 31; ++i) days.add_days()->set_state(v1::DAY_SETTLED);
    input_.asked[v1::PLUGIN_CALLS] = At("2026-03-31T05:00:00Z");
    *Seen().mutable_newest_stamp() = ToProto(At("2026-03-31T04:00:00Z"));
    input_.per_minute = 60;
  }

  storage::EndpointSeen& Seen() { return (*input_.source.mutable_seen())[v1::PLUGIN_CALLS]; }
  // Days of March.
  void Day(int day, v1::DayState state) {
    input_.coverage.mutable_endpoints(0)->mutable_days(day - 1)->set_state(state);
  }
  void Field(const std::string& name, const std::string& column, const std::string& first_seen) {
    storage::SeenField& field = *Seen().add_fields();
    field.set_name(name);
    field.set_type("object");
    field.set_column(column);
    *field.mutable_first_seen() = ToProto(At(first_seen));
  }
  v1::Alarm Only() {
    const std::vector<v1::Alarm> alarms = Alarms(input_);
    EXPECT_THAT(alarms, SizeIs(1));
    return alarms.empty() ? v1::Alarm() : alarms[0];
  }

  AlarmInput input_;
};

TEST_F(AlarmsTest, AllIsWell) { EXPECT_THAT(Alarms(input_), IsEmpty()); }

TEST_F(AlarmsTest, ADayThatIsNotCoveredAndForgottenSoonNamesTheCommandThatFetchesIt) {
  for (v1::DayState state : {v1::DAY_MISSING, v1::DAY_SUSPECT, v1::DAY_PROVISIONAL}) {
    Day(5, state);
    Day(6, state);
    const v1::Alarm alarm = Only();
    EXPECT_EQ(alarm.name(), "forgotten-soon");
    EXPECT_EQ(alarm.endpoint(), v1::PLUGIN_CALLS);
    EXPECT_EQ(alarm.text(), "5 to 6 March: forgotten in 4 days.");
    EXPECT_EQ(alarm.next_step(),
              "backfill create --from 2026-03-05 --to 2026-03-07 --endpoints plugin-calls");
    EXPECT_EQ(FromProto(alarm.since()), At("2026-03-25"));
  }
}

TEST_F(AlarmsTest, WhatIsLostOrWasNeverThereIsNoAlarmAnyMore) {
  Day(5, v1::DAY_LOST);
  Day(6, v1::DAY_BEFORE);
  EXPECT_THAT(Alarms(input_), IsEmpty());
}

TEST_F(AlarmsTest, ADayThatTheSourceKeepsForLongerThanTheThresholdCanWait) {
  Day(11, v1::DAY_MISSING);  // forgotten on 10 April at midnight: 9 days and 18 hours
  EXPECT_EQ(Only().name(), "forgotten-soon");
  input_.settings.forgotten_within = absl::Hours(24 * 9);
  EXPECT_THAT(Alarms(input_), IsEmpty());
  input_.settings.forgotten_within = absl::Hours(24 * 10);
  Day(11, v1::DAY_SETTLED);
  Day(12, v1::DAY_MISSING);
  EXPECT_THAT(Alarms(input_), IsEmpty());
}

TEST_F(AlarmsTest, SeveralGapsOfAnEndpointAreOneAlarmThatBeginsWithTheMostUrgent) {
  Day(3, v1::DAY_MISSING);
  Day(5, v1::DAY_MISSING);
  Day(6, v1::DAY_MISSING);
  EXPECT_EQ(Only().text(), "3 March: forgotten in 42 h 0 min. And 2 of the days after: `penstock coverage`.");
}

TEST_F(AlarmsTest, ADayThatIsBeingForgottenIsStillAnAlarm) {
  Day(1, v1::DAY_MISSING);
  EXPECT_EQ(Only().text(), "1 March: past retention, perhaps forgotten.");
}

TEST_F(AlarmsTest, ABackfillThatReadsTheDayHasADayForIt) {
  Day(5, v1::DAY_MISSING);
  input_.being_read = {
      {v1::PLUGIN_CALLS, At("2026-03-05T12:00:00Z"), std::nullopt, 7, input_.now - absl::Hours(23)}};
  EXPECT_THAT(Alarms(input_), IsEmpty());
  input_.being_read[0].since = At("2026-03-29T12:00:00Z");
  EXPECT_THAT(Only().text(), HasSubstr("job-7 has tried to read it since 2026-03-29 12:00 UTC."));
  EXPECT_EQ(Only().next_step(), "jobs show job-7");
  input_.being_read[0].from = At("2026-03-06");
  EXPECT_THAT(Only().next_step(), HasSubstr("backfill create"));
}

TEST_F(AlarmsTest, ASourceThatNeverAnsweredHasNothingToForget) {
  Day(5, v1::DAY_MISSING);
  input_.source.clear_first_contact();
  EXPECT_THAT(Alarms(input_), IsEmpty());
}

TEST_F(AlarmsTest, ASourceThatHadNothingNewerThreeDaysLongIsLate) {
  *Seen().mutable_newest_stamp() = ToProto(At("2026-03-28T05:00:00Z"));
  const v1::Alarm alarm = Only();
  EXPECT_EQ(alarm.name(), "no-batch");
  EXPECT_EQ(alarm.endpoint(), v1::PLUGIN_CALLS);
  EXPECT_THAT(alarm.text(),
              HasSubstr("published nothing since 2026-03-28 05:00 UTC (asked 2026-03-31 05:00)"));
  EXPECT_EQ(FromProto(alarm.since()), At("2026-03-31T05:00:00Z"));
  *Seen().mutable_newest_stamp() = ToProto(At("2026-03-28T05:00:01Z"));
  EXPECT_THAT(Alarms(input_), IsEmpty());
}

TEST_F(AlarmsTest, SilenceThatNobodyAskedAboutIsNotTheSourcesFault) {
  *Seen().mutable_newest_stamp() = ToProto(At("2026-03-20"));
  input_.asked[v1::PLUGIN_CALLS] = At("2026-03-20T07:00:00Z");
  const v1::Alarm alarm = Only();
  EXPECT_EQ(alarm.name(), "no-batch");
  EXPECT_THAT(alarm.text(),
              HasSubstr("Nothing has asked for newer records since 2026-03-20 07:00 UTC, 10 days ago"));
  EXPECT_THAT(alarm.text(), Not(HasSubstr("published")));
  EXPECT_EQ(alarm.next_step(), "sync status");
  input_.settings.no_batch_within = absl::Hours(24 * 12);
  EXPECT_THAT(Alarms(input_), IsEmpty());
}

TEST_F(AlarmsTest, AnEndpointThatNeverHadARecordIsNotLate) {
  Seen().clear_newest_stamp();
  EXPECT_THAT(Alarms(input_), IsEmpty());
}

TEST_F(AlarmsTest, UsersChangeOneByOneSoTheirSilenceIsNoneOfTheSources) {
  input_.asked[v1::USERS] = At("2026-03-31T05:00:00Z");
  *(*input_.source.mutable_seen())[v1::USERS].mutable_newest_stamp() = ToProto(At("2026-03-01"));
  EXPECT_THAT(Alarms(input_), IsEmpty());
  input_.asked[v1::USERS] = At("2026-03-20");
  EXPECT_THAT(Only().text(), HasSubstr("Nothing has asked"));
}

TEST_F(AlarmsTest, ANewFieldStandsForSevenDays) {
  Field("mood", "", "2026-03-24T06:00:01Z");
  const v1::Alarm alarm = Only();
  EXPECT_EQ(alarm.name(), "new-field");
  EXPECT_EQ(alarm.text(),
            "First seen: 'mood' (object), which no column takes, on 2026-03-24. What no column takes is kept "
            "in EXTRA.");
  EXPECT_EQ(alarm.next_step(), "rows export --endpoint plugin-calls");
  input_.now += absl::Seconds(1);
  EXPECT_THAT(Alarms(input_), IsEmpty());
}

TEST_F(AlarmsTest, ATypeThatItsColumnDoesNotTakeIsKeptInTheStoreAndSaysSo) {
  Field("served", "IS_PLUGIN_SERVED", "2026-03-30");
  EXPECT_THAT(Only().text(),
              HasSubstr("'served' as object, which IS_PLUGIN_SERVED does not take, on 2026-03-30."));
  EXPECT_THAT(Only().text(), HasSubstr("the store keeps the record whole"));
  EXPECT_THAT(Only().text(), Not(HasSubstr("EXTRA")));
}

TEST_F(AlarmsTest, ManyNewFieldsAreOneAlarmThatCountsTheRest) {
  for (int i = 0; i < 9; ++i) Field(absl::StrCat("new", i), "", "2026-03-30");
  EXPECT_THAT(Only().text(), HasSubstr("; and 6 more."));
}

TEST_F(AlarmsTest, ARefusalBelowOurLimitStandsForADay) {
  *input_.budget.mutable_last_429() = ToProto(At("2026-03-30T06:00:01Z"));
  const v1::Alarm alarm = Only();
  EXPECT_EQ(alarm.name(), "key-shared");
  EXPECT_EQ(alarm.endpoint(), v1::ENDPOINT_UNSPECIFIED);
  EXPECT_THAT(alarm.text(), HasSubstr("although at most 60 a minute were sent: somebody else uses the key"));
  input_.now += absl::Seconds(1);
  EXPECT_THAT(Alarms(input_), IsEmpty());
}

TEST_F(AlarmsTest, APersonWhoIsNotErasedAfterAWeekIsNamedByTheDayOnly) {
  for (const char* requested : {"2026-03-24T06:00:00Z", "2026-03-24T07:00:00Z"}) {
    storage::ErasureRecord erasure;
    *erasure.mutable_requested() = ToProto(At(requested));
    input_.unfinished.push_back(erasure);
  }
  const v1::Alarm alarm = Only();
  EXPECT_EQ(alarm.name(), "not-erased");
  EXPECT_EQ(alarm.text(), "A person who was to be forgotten on 2026-03-24 is not erased everywhere yet.");
  EXPECT_EQ(alarm.next_step(), "forget --list");
  input_.now -= absl::Seconds(1);
  EXPECT_THAT(Alarms(input_), IsEmpty());
  input_.now += absl::Hours(2);
  EXPECT_THAT(Only().text(), HasSubstr("yet, nor are others asked for later (1)."));
}

TEST_F(AlarmsTest, ABackupThatIsOlderThanItMayBeIsNamedWithTheLastTrouble) {
  input_.backups = BackupsKnown{absl::Hours(48), At("2026-03-29T06:00:01Z"), ""};
  EXPECT_THAT(Alarms(input_), IsEmpty());
  input_.backups->newest = At("2026-03-29T06:00:00Z");
  input_.backups->failure = "the disk is full";
  const v1::Alarm alarm = Only();
  EXPECT_EQ(alarm.name(), "backup-old");
  EXPECT_EQ(alarm.text(),
            "The newest backup is of 2026-03-29 06:00 UTC, 2 days old. The last try: the disk is full.");
  EXPECT_EQ(alarm.next_step(), "backup");
  EXPECT_EQ(alarm.since().seconds(), ToProto(input_.now).seconds());
}

TEST_F(AlarmsTest, AStoreWithRowsAndWithoutABackupIsAnAlarmInTime) {
  input_.backups = BackupsKnown{absl::Hours(48), std::nullopt, ""};
  EXPECT_THAT(Only().text(), HasSubstr("No backup of this store is known."));
  *input_.source.mutable_first_contact() = ToProto(At("2026-03-30"));
  EXPECT_THAT(Alarms(input_), IsEmpty());
}

}  // namespace
}  // namespace penstock::coordinator
