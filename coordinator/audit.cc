// SPDX-License-Identifier: Apache-2.0
#include "coordinator/audit.h"

#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/strip.h"
#include "base/log.h"
#include "coordinator/access_guard.h"
#include "coordinator/limits.h"
#include "proto/call_metadata.h"

namespace penstock::coordinator {
namespace {

using grpc::experimental::InterceptionHookPoints;

constexpr absl::string_view kService = "/penstock.v1.AdminService/";
// Their requests name people, or hold a question about them.
constexpr absl::string_view kAboutPeople[] = {"FindPerson", "Forget", "GetRow", "RunQuery"};

class Line final : public grpc::experimental::Interceptor {
 public:
  Line(const Access& access, grpc::experimental::ServerRpcInfo& call, absl::string_view method)
      : access_(access), call_(call), method_(method) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* step) override {
    if (step->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE))
      Read(step->GetRecvMessage());
    if (step->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS))
      Write(step->GetSendStatus());
    step->Proceed();
  }

 private:
  void Read(const void* message) {
    const bool about_people =
        std::find(std::begin(kAboutPeople), std::end(kAboutPeople), method_) != std::end(kAboutPeople);
    if (message == nullptr || about_people) return;
    // A generated message has Message as its first and only base.
    request_ =
        static_cast<const google::protobuf::Message*>(message)->ShortDebugString().substr(0, kAuditBytesMax);
  }

  void Write(const grpc::Status& status) const {
    const grpc::ServerContextBase& context = *call_.server_context();
    LogFields fields = {{"who", CallerOf(&access_, context.auth_context().get()).name},
                        {"method", std::string(method_)}};
    if (!request_.empty()) fields.emplace_back("request", request_);
    // The code alone: what is said of a person who is not known would name them.
    fields.emplace_back("outcome",
                        absl::StatusCodeToString(static_cast<absl::StatusCode>(status.error_code())));
    const auto reason = context.client_metadata().find(kReasonMetadata);
    if (reason != context.client_metadata().end()) {
      const absl::string_view text(reason->second.data(), std::min(reason->second.size(), kAuditBytesMax));
      fields.emplace_back("reason", std::string(text));
    }
    Log(LogLevel::kInfo, "audit", fields);
  }

  const Access& access_;
  grpc::experimental::ServerRpcInfo& call_;
  const absl::string_view method_;
  std::string request_;
};

class Trail final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Trail(const Access& access) : access_(access) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* call) override {
    // Null: this call needs none.
    const MethodRule* rule = call->method() == nullptr ? nullptr : RuleOf(call->method());
    if (rule == nullptr || rule->role != AccessRole::kAdmin) return nullptr;
    absl::string_view method = rule->method;
    absl::ConsumePrefix(&method, kService);
    return new Line(access_, *call, method);
  }

 private:
  const Access& access_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> NewAuditTrail(const Access& access) {
  return std::make_unique<Trail>(access);
}

}  // namespace penstock::coordinator
