// SPDX-License-Identifier: Apache-2.0
#include "coordinator/access.h"

#include "absl/strings/str_cat.h"
#include "coordinator/query_desk.h"
#include "coordinator/worker_scope.h"
#include "proto/admin_service.pb.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAreArray;

// As gRPC names them on the wire.
std::vector<std::string> MethodsOfTheTreaties() {
  std::vector<std::string> methods;
  for (const google::protobuf::FileDescriptor* file :
       {v1::SyncRequest::descriptor()->file(), v1::GetStatusRequest::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      const google::protobuf::ServiceDescriptor* service = file->service(s);
      for (int m = 0; m < service->method_count(); ++m)
        methods.push_back(absl::StrCat("/", service->full_name(), "/", service->method(m)->name()));
    }
  }
  return methods;
}

Access ThreeRoles() {
  return Access({{"spiffe://test/worker", {AccessRole::kWorker, {kSource}}},
                 {"viewer.test", {AccessRole::kViewer, {}}},
                 {"spiffe://test/admin", {AccessRole::kAdmin, {}}}});
}

TEST(AccessRules, EveryMethodOfTheTreatiesHasARole) {
  std::vector<std::string> ruled;
  for (const MethodRule& rule : kMethodRules) ruled.emplace_back(rule.method);
  EXPECT_THAT(ruled, UnorderedElementsAreArray(MethodsOfTheTreaties()));
}

TEST(AccessRules, WorkersWorkViewersLookAndAdminsDoBothButWork) {
  const Access access = ThreeRoles();
  const auto may = [&](const char* name, const char* method) {
    const absl::StatusOr<Caller> caller = access.Find({name});
    return caller.ok() && CheckMethod(*caller, method).ok();
  };
  const char* const work = "/penstock.v1.WorkerService/CommitPage";
  const char* const look = "/penstock.v1.AdminService/GetStatus";
  const char* const act = "/penstock.v1.AdminService/Forget";
  EXPECT_TRUE(may("spiffe://test/worker", work));
  EXPECT_FALSE(may("spiffe://test/worker", look));
  EXPECT_FALSE(may("spiffe://test/worker", act));
  EXPECT_FALSE(may("viewer.test", work));
  EXPECT_TRUE(may("viewer.test", look));
  EXPECT_FALSE(may("viewer.test", act));
  EXPECT_FALSE(may("spiffe://test/admin", work));
  EXPECT_TRUE(may("spiffe://test/admin", look));
  EXPECT_TRUE(may("spiffe://test/admin", act));
}

TEST(AccessRules, WhatIsInRecordsIsNotForViewers) {
  for (const char* method : {"GetRow", "ExportRows", "ListQuarantine", "FindPerson", "RunQuery"}) {
    EXPECT_EQ(RuleOf(absl::StrCat("/penstock.v1.AdminService/", method))->role, AccessRole::kAdmin) << method;
  }
}

TEST(AccessRules, ARefusalNamesTheRoleThatItTakes) {
  EXPECT_THAT(CheckMethod(*ThreeRoles().Find({"viewer.test"}), "/penstock.v1.AdminService/Forget"),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       "viewer.test has the role viewer; Forget takes the role admin"));
  EXPECT_THAT(CheckMethod(*ThreeRoles().Find({"spiffe://test/admin"}), "/penstock.v1.AdminService/Invented"),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("Invented")));
}

TEST(AccessRules, ANameIsTheSameToTheLetterOrUnknown) {
  const Access access = ThreeRoles();
  for (const char* name : {"spiffe://test/admin/", "spiffe://test/ADMIN", "spiffe://test/admi", "test", "",
                           "evil.viewer.test", "*.test"}) {
    EXPECT_THAT(access.Find({name}), StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("'access'")))
        << name;
  }
  EXPECT_THAT(access.Find({}), StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("neither a URI nor")));
}

TEST(AccessRules, ACertificateWithTwoKnownNamesHasNoRole) {
  EXPECT_THAT(ThreeRoles().Find({"spiffe://test/worker", "spiffe://test/admin"}),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       AllOf(HasSubstr("spiffe://test/worker"), HasSubstr("spiffe://test/admin"))));
  EXPECT_EQ(ThreeRoles().Find({"other.test", "spiffe://test/admin"})->name, "spiffe://test/admin");
}

// A second source beside the fixture's.
class WorkerScope : public CoordinatorFixture {
 protected:
  WorkerScope() {
    CoreOptions options = Options();
    options.sources.push_back(options.sources[0]);
    options.sources[1].name = "beta";
    options.sources[1].url = "https://beta.example.com/export/v1/records";
    options.destinations["betas"] = "beta";
    Start(std::move(options));
  }
  static Caller For(const std::string& source) {
    return {absl::StrCat("spiffe://test/", source), {AccessRole::kWorker, {source}}};
  }
  v1::SyncRequest Greedy(const std::string& worker) {
    v1::SyncRequest request = SyncRequest(worker);
    request.add_sources()->set_source("beta");
    request.add_destinations("warehouse");
    request.add_destinations("betas");
    return request;
  }
};

TEST_F(WorkerScope, AWorkerThatNamesEverythingGetsItsOwnOnly) {
  const absl::StatusOr<v1::SyncRequest> within = WithinScope(core_->options(), For("beta"), Greedy("w"));
  ASSERT_OK(within);
  EXPECT_EQ(within->sources_size(), 1);
  EXPECT_EQ(within->sources(0).source(), "beta");
  EXPECT_THAT(within->destinations(), ElementsAre("betas"));
}

TEST_F(WorkerScope, AWorkerThatNamesOnlyWhatIsNotItsOwnIsToldSo) {
  EXPECT_THAT(WithinScope(core_->options(), For("beta"), SyncRequest("w")),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("is for beta and not for acme")));
}

TEST_F(WorkerScope, ALeaseOfAnotherSourceIsOutOfReachAlsoForOneWhoKnowsItsToken) {
  Backfill();
  const std::vector<v1::FetchAssignment> leases = Lease("w");
  ASSERT_FALSE(leases.empty());
  EXPECT_OK(CheckLease(*core_, For(kSource), leases[0].token()));
  EXPECT_THAT(CheckLease(*core_, For("beta"), leases[0].token()),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("not for acme")));
  EXPECT_THAT(CheckSource(For("beta"), kSource),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("acme")));
}

TEST_F(WorkerScope, QuestionsAboutAnotherSourcesWarehouseAreOutOfReach) {
  v1::TakeQueryRequest take;
  take.set_worker_id("w");
  take.add_destinations("warehouse");
  take.add_destinations("betas");
  const absl::StatusOr<v1::TakeQueryRequest> within = WithinScope(*core_, For("beta"), take);
  ASSERT_OK(within);
  EXPECT_THAT(within->destinations(), ElementsAre("betas"));
  QueryDesk desk(*core_);
  v1::RunQueryRequest question;
  question.mutable_query()->set_destination("warehouse");
  question.mutable_query()->mutable_metric()->set_metric("deflections");
  ASSERT_OK(desk.Ask(core_->Enter(), question));
  const absl::StatusOr<v1::TakeQueryResponse> taken = desk.TakeQuery(take);
  ASSERT_OK(taken);
  const v1::LeaseToken token = taken->query().token();
  EXPECT_OK(CheckQuery(*core_, For(kSource), token));
  EXPECT_THAT(CheckQuery(*core_, For("beta"), token),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("not for warehouse")));
}

TEST_F(WorkerScope, ANameOfAnotherWorkerGivesBackNoneOfItsQuestions) {
  ASSERT_OK(workers_->Sync(SyncRequest("w"), "spiffe://test/acme"));
  v1::TakeQueryRequest take;
  take.set_worker_id("w");
  EXPECT_OK(WithinScope(*core_, For("acme"), take));
  EXPECT_THAT(WithinScope(*core_, For("beta"), take),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("came as spiffe://test/acme")));
}

TEST_F(WorkerScope, AWorkersIdIsItsOwn) {
  Backfill();
  ASSERT_OK(workers_->Sync(SyncRequest("w"), "spiffe://test/acme"));
  const size_t leased = core_->leases().OfWorker("w").size();
  ASSERT_GT(leased, 0u);
  // Without the refusal this would give back all of w's leases.
  EXPECT_THAT(workers_->Sync(SyncRequest("w"), "spiffe://test/beta"),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("came as spiffe://test/acme before")));
  EXPECT_EQ(core_->leases().OfWorker("w").size(), leased);
}

}  // namespace
}  // namespace penstock::coordinator
