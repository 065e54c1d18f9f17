// SPDX-License-Identifier: Apache-2.0
// Who reaches a coordinator over TLS, and how far: every kind of certificate with every method.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/tls/certificate.h"
#include "base/tls/credentials.h"
#include "base/tls/probe.h"
#include "coordinator/access.h"
#include "coordinator/limits.h"
#include "coordinator/server.h"
#include "proto/admin_service.grpc.pb.h"
#include "proto/call_metadata.h"
#include "proto/grpc_status.h"
#include "proto/worker_service.grpc.pb.h"
#include "tests/fakes/await.h"
#include "tests/fakes/status_matchers.h"
#include "tests/fakes/test_authority.h"

namespace penstock::coordinator {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kStatus[] = "/penstock.v1.AdminService/GetStatus";

absl::Time Now() { return SystemClock().Now().wall; }

class MutualTls : public ::testing::Test {
 protected:
  MutualTls()
      : directory_(absl::StrCat(::testing::TempDir(), "mutual_tls.", getpid())),
        authority_((std::filesystem::create_directories(directory_), directory_)),
        other_(directory_, "other") {
    config_.sources["acme"].name = "acme";
    config_.sources["acme"].url = "https://api.example.com/export/v1/records";
    config_.tls = authority_.Issue("coordinator", {.names = "DNS:localhost"});
    config_.access["spiffe://test/worker"] = {AccessRole::kWorker, {"acme"}};
    config_.access["spiffe://test/viewer"] = {AccessRole::kViewer, {}};
    config_.access["admin.test"] = {AccessRole::kAdmin, {}};
    options_.state = directory_ + "/state";
    options_.listen = "localhost:0";
  }
  ~MutualTls() override { std::filesystem::remove_all(directory_); }

  void Start() {
    auto server = Server::Start(config_, options_, SystemClock(), SystemRandom());
    ASSERT_OK(server);
    server_ = *std::move(server);
  }
  std::string Address(const char* host = "localhost") const {
    return absl::StrCat(host, ":", server_->port());
  }

  // A certificate of the coordinator's authority.
  TlsConfig Card(const std::string& names) { return authority_.Issue("card", {.names = names}); }
  std::shared_ptr<grpc::Channel> Connect(const TlsConfig& card, const char* host = "localhost") {
    const auto credentials = NewChannelCredentials(Address(host), card, Now());
    EXPECT_OK(credentials);
    return Connect(*credentials, host);
  }
  // No two share a connection.
  std::shared_ptr<grpc::Channel> Connect(const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                                         const char* host = "localhost") {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    return grpc::CreateCustomChannel(Address(host), credentials, arguments);
  }
  // One without a check of its own, which a hostile process does not make either.
  static std::shared_ptr<grpc::ChannelCredentials> Unchecked(const TlsConfig& card) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = Text(card.ca_file);
    if (!card.cert_file.empty()) {
      options.pem_cert_chain = Text(card.cert_file);
      options.pem_private_key = Text(card.key_file);
    }
    return grpc::SslCredentials(options);
  }
  static std::string Text(const std::string& path) {
    std::string text(std::filesystem::file_size(path), '\0');
    FILE* file = fopen(path.c_str(), "r");
    EXPECT_EQ(fread(text.data(), 1, text.size(), file), text.size());
    fclose(file);
    return text;
  }

  // A call with an empty request.
  static absl::Status Call(const std::shared_ptr<grpc::Channel>& channel, absl::string_view method,
                           const std::string& extra_metadata = "") {
    grpc::GenericStub stub(channel);
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(Now() + absl::Seconds(20)));
    if (!extra_metadata.empty()) context.AddMetadata("extra", extra_metadata);
    grpc::CompletionQueue queue;
    const grpc::Slice nothing("");
    const auto call =
        stub.PrepareUnaryCall(&context, std::string(method), grpc::ByteBuffer(&nothing, 1), &queue);
    call->StartCall();
    grpc::ByteBuffer answer;
    grpc::Status status;
    call->Finish(&answer, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return FromGrpc(status);
  }

  const std::string directory_;
  TestAuthority authority_;
  TestAuthority other_;
  Config config_;
  ServerOptions options_;
  std::unique_ptr<Server> server_;
};

TEST_F(MutualTls, WhoHasNoCertificateOfTheAuthorityReachesNoMethodAtAll) {
  Start();
  TlsConfig foreign = other_.Issue("foreign", {.names = "DNS:admin.test"});
  foreign.ca_file = authority_.ca_file();
  const TlsConfig ended = authority_.Issue("ended", {.names = "DNS:admin.test", .ends = absl::Minutes(-1)});
  const TlsConfig early = authority_.Issue("early", {.names = "DNS:admin.test", .begins = absl::Minutes(30)});
  const TlsConfig none = {"", "", authority_.ca_file()};
  const std::vector<std::pair<std::string, std::shared_ptr<grpc::ChannelCredentials>>> callers = {
      {"another authority's", Unchecked(foreign)},
      {"ended", Unchecked(ended)},
      {"not yet valid", Unchecked(early)},
      {"none", Unchecked(none)},
      {"plain text", grpc::InsecureChannelCredentials()},
  };
  for (const auto& [caller, credentials] : callers) {
    const auto channel = Connect(credentials);
    for (const MethodRule& rule : kMethodRules) {
      EXPECT_EQ(Call(channel, rule.method).code(), absl::StatusCode::kUnavailable)
          << caller << " " << rule.method;
    }
  }
}

TEST_F(MutualTls, WhoHasACertificateReachesTheMethodsOfTheirRoleAndNoOther) {
  Start();
  struct Holder {
    std::string names;
    std::set<AccessRole> may;
  };
  for (const Holder& holder : std::vector<Holder>{
           {"URI:spiffe://test/worker", {AccessRole::kWorker}},
           {"URI:spiffe://test/viewer", {AccessRole::kViewer}},
           {"DNS:admin.test", {AccessRole::kViewer, AccessRole::kAdmin}},
           {"URI:spiffe://test/nobody", {}},
           {"DNS:localhost", {}},  // the coordinator's own says nothing of a role
           {"", {}},
           {"URI:spiffe://test/worker,DNS:admin.test", {}},
       }) {
    const auto channel = Connect(Card(holder.names));
    for (const MethodRule& rule : kMethodRules) {
      const absl::Status status = Call(channel, rule.method);
      EXPECT_NE(status.code(), absl::StatusCode::kUnavailable) << holder.names << status;
      const bool for_its_role =
          absl::IsPermissionDenied(status) && absl::StrContains(status.message(), "role");
      EXPECT_EQ(for_its_role, !holder.may.contains(rule.role))
          << holder.names << " " << rule.method << " " << status;
    }
  }
}

TEST_F(MutualTls, BothSidesSayWhyThereIsNoConnection) {
  Start();
  SetUpLog(LogLevel::kInfo, LogFormat::kText);
  LogWhatGrpcSays();
  TlsConfig foreign = other_.Issue("foreign", {.names = "DNS:admin.test"});
  foreign.ca_file = authority_.ca_file();
  const TlsConfig ended = authority_.Issue("ended", {.names = "DNS:admin.test", .ends = absl::Minutes(-1)});
  TlsConfig distrusts = Card("DNS:admin.test");
  distrusts.ca_file = other_.ca_file();
  const auto why = [&](const TlsConfig& card, const char* host = "localhost") {
    return ProbeTls(Address(host), card, absl::Seconds(20));
  };
  ::testing::internal::CaptureStderr();
  const auto refused = [](const std::string& reason) {
    return StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr(reason));
  };
  EXPECT_THAT(why(foreign),
              refused("foreign.crt (by our ca_file too: unable to get local issuer certificate)"));
  EXPECT_THAT(why(ended), refused("ended.crt (by our ca_file too: certificate has expired)"));
  EXPECT_THAT(why(distrusts), refused("the certificate of the coordinator at"));
  EXPECT_THAT(why(Card("DNS:admin.test"), "127.0.0.1"), refused("IP address mismatch"));
  EXPECT_OK(why(Card("DNS:admin.test")));
  EXPECT_FALSE(Call(Connect(Unchecked({"", "", authority_.ca_file()})), kStatus).ok());
  EXPECT_FALSE(Call(Connect(grpc::InsecureChannelCredentials()), kStatus).ok());
  EXPECT_THAT(Call(Connect(Card("URI:spiffe://test/viewer")), "/penstock.v1.AdminService/Forget"),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       "spiffe://test/viewer has the role viewer; Forget takes the role admin"));
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log,
              AllOf(HasSubstr("certificate is not of an authority in our ca_file, or is not valid now"),
                    HasSubstr("showed no certificate"), HasSubstr("speaks plain text"),
                    HasSubstr("refused a call certificate=spiffe://test/viewer"), Not(HasSubstr("PRIVATE"))));
}

TEST_F(MutualTls, ACoordinatorThatIsNotWhoItSaysIsNotBelieved) {
  config_.tls = authority_.Issue("coordinator", {.names = "DNS:coordinator.test"});
  Start();
  EXPECT_THAT(Call(Connect(Card("DNS:admin.test")), kStatus),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("Hostname Verification")));
}

TEST_F(MutualTls, TlsBeforeVersion12IsRefused) {
  Start();
  const TlsConfig card = Card("DNS:admin.test");
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
    SSL_CTX_use_certificate_file(context, card.cert_file.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context, card.key_file.c_str(), SSL_FILETYPE_PEM);
    const unsigned char http2[] = {2, 'h', '2'};
    SSL_CTX_set_alpn_protos(context, http2, sizeof(http2));
    BIO* connection = BIO_new_ssl_connect(context);
    BIO_set_conn_hostname(connection, Address().c_str());
    EXPECT_EQ(BIO_do_connect(connection) == 1, version >= TLS1_2_VERSION) << version;
    BIO_free_all(connection);
    SSL_CTX_free(context);
  }
}

TEST_F(MutualTls, RenewedCertificatesAreUsedWithoutARestart) {
  TestAuthority next(directory_, "next");
  Start();
  const auto held = Connect(Card("DNS:admin.test"));
  ASSERT_OK(Call(held, kStatus));
  // The coordinator's certificate and authority are replaced in place, as cert-manager does.
  TlsConfig renewed = next.Issue("renewed", {.names = "DNS:localhost"});
  std::filesystem::rename(renewed.ca_file, config_.tls.ca_file);
  std::filesystem::rename(renewed.key_file, config_.tls.key_file);
  std::filesystem::rename(renewed.cert_file, config_.tls.cert_file);
  TlsConfig card = next.Issue("card_of_next", {.names = "DNS:admin.test"});
  card.ca_file = config_.tls.ca_file;
  EXPECT_TRUE(Await([&] { return Call(Connect(card), kStatus).ok(); }));
  EXPECT_OK(Call(held, kStatus)) << "a connection that is there stays";
  EXPECT_FALSE(Call(Connect(Unchecked(Card("DNS:admin.test"))), kStatus).ok()) << "the old authority is gone";
}

TEST_F(MutualTls, AWorkerGetsNothingOfASourceThatItsCertificateIsNotFor) {
  config_.sources["beta"] = config_.sources["acme"];
  config_.sources["beta"].name = "beta";
  config_.sources["beta"].url = "https://beta.example.com/export/v1/records";
  config_.access["spiffe://test/beta"] = {AccessRole::kWorker, {"beta"}};
  Start();
  const auto admin = v1::AdminService::NewStub(server_->InProcessChannel());
  for (const char* source : {"acme", "beta"}) {
    v1::CreateBackfillRequest request;
    request.set_source(source);
    grpc::ClientContext context;
    v1::Job job;
    ASSERT_TRUE(admin->CreateBackfill(&context, request, &job).ok());
  }
  v1::SyncRequest greedy;
  greedy.set_worker_id("w");
  greedy.set_protocol(1);
  greedy.set_fetch_capacity(100);
  greedy.add_sources()->set_source("acme");
  greedy.add_sources()->set_source("beta");
  const auto worker = v1::WorkerService::NewStub(Connect(Card("URI:spiffe://test/beta")));
  grpc::ClientContext context;
  v1::SyncResponse response;
  ASSERT_OK(FromGrpc(worker->Sync(&context, greedy, &response)));
  ASSERT_GT(response.fetch_size(), 0);
  for (const v1::FetchAssignment& lease : response.fetch()) EXPECT_EQ(lease.source(), "beta");

  v1::ReportPermitRequest report;
  report.set_source("acme");
  grpc::ClientContext second;
  v1::ReportPermitResponse nothing;
  EXPECT_THAT(FromGrpc(worker->ReportPermit(&second, report, &nothing)),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("is for beta and not for acme")));
}

TEST_F(MutualTls, WhatAnAdminDoesIsLoggedWithWhoAndWhyAndNobodysName) {
  Start();
  SetUpLog(LogLevel::kInfo, LogFormat::kText);
  const auto call = [&](const std::shared_ptr<grpc::Channel>& channel, auto method, const auto& request,
                        auto response, const std::string& reason) {
    const auto admin = v1::AdminService::NewStub(channel);
    grpc::ClientContext context;
    if (!reason.empty()) context.AddMetadata(kReasonMetadata, reason);
    return FromGrpc(((*admin).*method)(&context, request, &response));
  };
  const auto remote = Connect(Card("DNS:admin.test"));
  v1::ControlJobRequest pause;
  pause.set_number(7);
  pause.set_action(v1::ControlJobRequest::PAUSE);
  v1::ForgetRequest forget;
  forget.add_users("u-77");
  using Stub = v1::AdminService::Stub;
  ::testing::internal::CaptureStderr();
  const absl::Status unknown = call(remote, &Stub::ControlJob, pause, v1::Job(), "Prüfung\nforged line");
  EXPECT_OK(call(server_->InProcessChannel(), &Stub::Forget, forget, v1::Erasure(), "asked by mail"));
  EXPECT_OK(call(remote, &Stub::GetStatus, v1::GetStatusRequest(), v1::GetStatusResponse(), "just looking"));
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr(absl::StrCat(
                       "I audit who=admin.test method=ControlJob ",
                       "request=number: 7 action: PAUSE outcome=", absl::StatusCodeToString(unknown.code()),
                       " reason=Prüfung forged line\n")));
  EXPECT_THAT(log, HasSubstr("I audit who=this machine method=Forget outcome=OK reason=asked by mail\n"));
  EXPECT_THAT(log, AllOf(Not(HasSubstr("u-77")), Not(HasSubstr("just looking"))));
}

TEST_F(MutualTls, LargeHeadersAreRefusedAndOthersAreAnswered) {
  Start();
  const auto other = Connect(Card("URI:spiffe://test/viewer"));
  EXPECT_THAT(Call(Connect(Card("DNS:admin.test")), kStatus, std::string(kMetadataBytesMax, 'x')),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("metadata")));
  EXPECT_OK(Call(other, kStatus, std::string(1000, 'x')));
}

TEST_F(MutualTls, WhoMayOpenTheSocketNeedsNoCertificate) {
  Start();
  const auto local = grpc::CreateChannel(absl::StrCat("unix:", options_.state, "/penstock.sock"),
                                         grpc::InsecureChannelCredentials());
  EXPECT_OK(Call(local, kStatus));
  EXPECT_OK(Call(server_->InProcessChannel(), kStatus));
}

TEST_F(MutualTls, CertificatesThatGiveNobodyARoleAreAMistake) {
  config_.access.clear();
  EXPECT_THAT(Server::Start(config_, options_, SystemClock(), SystemRandom()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'access'")));
}

TEST_F(MutualTls, FilesThatCannotWorkAreNamedAtTheStart) {
  const auto refuses = [&](const TlsConfig& files, absl::StatusCode code, const std::string& why) {
    EXPECT_THAT(CheckTlsFiles(files, Now()), StatusIs(code, HasSubstr(why)));
    EXPECT_THAT(NewServerCredentials(files, Now()), StatusIs(code, HasSubstr(why)));
    EXPECT_THAT(NewChannelCredentials("localhost:1", files, Now()), StatusIs(code, HasSubstr(why)));
  };
  const TlsConfig good = Card("DNS:admin.test");
  const TlsConfig another = authority_.Issue("another", {});
  refuses({good.cert_file, good.key_file, ""}, absl::StatusCode::kInvalidArgument, "all three");
  refuses({good.cert_file, good.key_file, directory_ + "/none"}, absl::StatusCode::kNotFound, "/none");
  refuses({good.cert_file, another.key_file, good.ca_file}, absl::StatusCode::kFailedPrecondition,
          "another.key is not the one of certificate");
  refuses({good.key_file, good.key_file, good.ca_file}, absl::StatusCode::kFailedPrecondition,
          "holds no certificate");
  refuses({good.cert_file, good.cert_file, good.ca_file}, absl::StatusCode::kFailedPrecondition,
          "may be read or written by others");
  refuses(authority_.Issue("ended", {.ends = absl::Minutes(-1)}), absl::StatusCode::kFailedPrecondition,
          "ended.crt ended on");
  refuses(authority_.Issue("early", {.begins = absl::Minutes(30)}), absl::StatusCode::kFailedPrecondition,
          "is the clock right?");
  std::filesystem::permissions(good.key_file, std::filesystem::perms(0644));
  refuses(good, absl::StatusCode::kFailedPrecondition, "chmod 0600");
}

TEST(PlainText, StaysOnThisMachine) {
  for (const char* address : {"127.0.0.1:7417", "localhost:7417", "[::1]:7417"})
    EXPECT_OK(NewChannelCredentials(address, {}, Now())) << address;
  for (const char* address : {"coordinator.test:7417", "10.0.0.1:7417", "0.0.0.0:7417", "127.evil.example:1",
                              "localhost.evil.example:1"}) {
    EXPECT_THAT(NewChannelCredentials(address, {}, Now()),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("plain text stays on this one")))
        << address;
  }
}

}  // namespace
}  // namespace penstock::coordinator
