// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/config.h"

namespace penstock::coordinator {

// Who may call what. A worker works; a viewer sees how it goes, and no record; an admin may all that the command line
// can. Every method of every service has a row (a test compares with the treaties), and what has none is refused.
struct MethodRule {
  absl::string_view method;  // as it stands on the wire
  AccessRole role;
};
inline constexpr auto kMethodRules = std::to_array<MethodRule>({
    {"/penstock.v1.WorkerService/Sync", AccessRole::kWorker},
    {"/penstock.v1.WorkerService/AcquirePermit", AccessRole::kWorker},
    {"/penstock.v1.WorkerService/ReportPermit", AccessRole::kWorker},
    {"/penstock.v1.WorkerService/CommitPage", AccessRole::kWorker},
    {"/penstock.v1.WorkerService/ReleaseWindow", AccessRole::kWorker},
    {"/penstock.v1.WorkerService/ReadChanges", AccessRole::kWorker},
    {"/penstock.v1.WorkerService/ReportLoad", AccessRole::kWorker},
    {"/penstock.v1.WorkerService/TakeQuery", AccessRole::kWorker},
    {"/penstock.v1.WorkerService/ReportQuery", AccessRole::kWorker},
    {"/penstock.v1.AdminService/GetStatus", AccessRole::kViewer},
    {"/penstock.v1.AdminService/CreateBackfill", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/CreatePlan", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/GetPlan", AccessRole::kViewer},
    {"/penstock.v1.AdminService/CreateAudit", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/GetAudit", AccessRole::kViewer},
    {"/penstock.v1.AdminService/CreateSync", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/GetSync", AccessRole::kViewer},
    {"/penstock.v1.AdminService/ListJobs", AccessRole::kViewer},
    {"/penstock.v1.AdminService/GetJob", AccessRole::kViewer},
    {"/penstock.v1.AdminService/ControlJob", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/ListWindows", AccessRole::kViewer},
    {"/penstock.v1.AdminService/GetWindow", AccessRole::kViewer},
    {"/penstock.v1.AdminService/ExplainWindow", AccessRole::kViewer},
    {"/penstock.v1.AdminService/RetryWindow", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/GetCoverage", AccessRole::kViewer},
    {"/penstock.v1.AdminService/CountRows", AccessRole::kViewer},
    {"/penstock.v1.AdminService/GetRow", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/ExportRows", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/ListQuarantine", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/GetBudget", AccessRole::kViewer},
    {"/penstock.v1.AdminService/ListWorkers", AccessRole::kViewer},
    {"/penstock.v1.AdminService/ListDestinations", AccessRole::kViewer},
    {"/penstock.v1.AdminService/ResyncDestination", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/VerifyDestination", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/GetVerification", AccessRole::kViewer},
    {"/penstock.v1.AdminService/PauseDestination", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/ResumeDestination", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/ExplainDestination", AccessRole::kViewer},
    {"/penstock.v1.AdminService/RunQuery", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/FindPerson", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/Forget", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/GetErasure", AccessRole::kViewer},
    {"/penstock.v1.AdminService/ListErasures", AccessRole::kViewer},
    {"/penstock.v1.AdminService/CreateBackup", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/ListBackups", AccessRole::kViewer},
    {"/penstock.v1.AdminService/CheckStore", AccessRole::kAdmin},
    {"/penstock.v1.AdminService/GetStoreCheck", AccessRole::kViewer},
    {"/penstock.v1.AdminService/Unblock", AccessRole::kAdmin},
});
// Null: no such method.
const MethodRule* RuleOf(absl::string_view method);

// Somebody who calls.
struct Caller {
  std::string name;  // of the certificate, as the configuration has it
  AccessConfig access;
  bool local = false;  // of this machine, without a certificate: everything is allowed

  bool MayWorkFor(const std::string& source) const { return local || access.sources.contains(source); }
};
// Through the socket that only its owner may open, through loopback, or in the same process.
Caller LocalCaller();

// The configuration's `access`.
class Access {
 public:
  explicit Access(std::map<std::string, AccessConfig> entries) : entries_(std::move(entries)) {}

  // By the names of a certificate. PERMISSION_DENIED: none of them is known, or two are; it says which.
  absl::StatusOr<Caller> Find(const std::vector<std::string>& names) const;

 private:
  const std::map<std::string, AccessConfig> entries_;
};

// PERMISSION_DENIED, with the role that it takes; UNIMPLEMENTED: no such method.
absl::Status CheckMethod(const Caller& caller, absl::string_view method);

}  // namespace penstock::coordinator
