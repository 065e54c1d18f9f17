// SPDX-License-Identifier: Apache-2.0
#include "coordinator/access_guard.h"

#include <grpc/grpc_security_constants.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/log.h"
#include "base/log_limit.h"
#include "base/status_macros.h"
#include "proto/grpc_status.h"

namespace penstock::coordinator {
namespace {

std::string Text(grpc::string_ref text) { return std::string(text.data(), text.size()); }

std::vector<std::string> NamesOf(const grpc::AuthContext& context) {
  std::vector<std::string> names;
  for (const char* property : {GRPC_PEER_URI_PROPERTY_NAME, GRPC_PEER_DNS_PROPERTY_NAME}) {
    for (const grpc::string_ref& value : context.FindPropertyValues(property)) names.push_back(Text(value));
  }
  return names;
}

class Guard final : public grpc::AuthMetadataProcessor {
 public:
  Guard(const Access& access, const Clock& clock) : access_(access), clock_(clock) {}

  // A look into two small tables.
  bool IsBlocking() const override { return false; }

  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context, OutputMetadata*,
                       OutputMetadata*) override {
    const auto path = metadata.find(":path");
    const std::string method = path == metadata.end() ? "" : Text(path->second);
    const std::vector<std::string> names = NamesOf(*context);
    const absl::Status status = Check(names, method);
    if (!status.ok()) LogRefusal(absl::StrJoin(names, ", "), method, status);
    return ToGrpc(status);
  }

 private:
  absl::Status Check(const std::vector<std::string>& names, const std::string& method) const {
    ASSIGN_OR_RETURN(const Caller caller, access_.Find(names));
    return CheckMethod(caller, method);
  }

  void LogRefusal(const std::string& names, const std::string& method, const absl::Status& status) {
    if (!limit_.Allows(absl::StrCat(names, " ", method), clock_.Now().boot)) return;
    Log(LogLevel::kWarning, "refused a call",
        {{"certificate", names}, {"method", method}, {"why", std::string(status.message())}});
  }

  const Access& access_;
  const Clock& clock_;
  LogLimit limit_;
};

}  // namespace

std::shared_ptr<grpc::AuthMetadataProcessor> NewAccessGuard(const Access& access, const Clock& clock) {
  return std::make_shared<Guard>(access, clock);
}

Caller CallerOf(const Access* access, const grpc::AuthContext* context) {
  if (context == nullptr) return LocalCaller();
  const std::vector<grpc::string_ref> transport =
      context->FindPropertyValues(GRPC_TRANSPORT_SECURITY_TYPE_PROPERTY_NAME);
  if (transport.empty() || transport.front() == "insecure") return LocalCaller();
  // Only the guard's listener takes certificates, and it let none through that has no role.
  CHECK(access != nullptr);
  absl::StatusOr<Caller> caller = access->Find(NamesOf(*context));
  CHECK(caller.ok());
  return *std::move(caller);
}

}  // namespace penstock::coordinator
