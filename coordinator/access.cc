// SPDX-License-Identifier: Apache-2.0
#include "coordinator/access.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace penstock::coordinator {
namespace {

absl::string_view RoleName(AccessRole role) {
  switch (role) {
    case AccessRole::kWorker:
      return "worker";
    case AccessRole::kViewer:
      return "viewer";
    case AccessRole::kAdmin:
      return "admin";
  }
  return "";
}

bool Covers(AccessRole has, AccessRole needs) {
  return has == needs || (has == AccessRole::kAdmin && needs == AccessRole::kViewer);
}

}  // namespace

const MethodRule* RuleOf(absl::string_view method) {
  for (const MethodRule& rule : kMethodRules) {
    if (rule.method == method) return &rule;
  }
  return nullptr;
}

Caller LocalCaller() {
  Caller caller;
  caller.name = "this machine";
  caller.local = true;
  return caller;
}

absl::StatusOr<Caller> Access::Find(const std::vector<std::string>& names) const {
  Caller found;
  for (const std::string& name : names) {
    const auto entry = entries_.find(name);
    if (entry == entries_.end()) continue;
    if (!found.name.empty()) {
      return absl::PermissionDeniedError(
          absl::StrCat("two names of this certificate have a role at this coordinator, ", found.name, " and ",
                       name, "; leave one of them out"));
    }
    found.name = name;
    found.access = entry->second;
  }
  if (!found.name.empty()) return found;
  return absl::PermissionDeniedError(
      names.empty() ? "this certificate has neither a URI nor a DNS name that could have a role"
                    : absl::StrCat("no name of this certificate (", absl::StrJoin(names, ", "),
                                   ") has a role; add it to 'access' of the coordinator's configuration"));
}

absl::Status CheckMethod(const Caller& caller, absl::string_view method) {
  const MethodRule* rule = RuleOf(method);
  if (rule == nullptr) {
    return absl::UnimplementedError(absl::StrCat("this coordinator does not know ", method));
  }
  if (caller.local || Covers(caller.access.role, rule->role)) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat(caller.name, " has the role ", RoleName(caller.access.role),
                                                  "; ", method.substr(method.rfind('/') + 1),
                                                  " takes the role ", RoleName(rule->role)));
}

}  // namespace penstock::coordinator
