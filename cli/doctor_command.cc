// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/instant.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/secret_file.h"
#include "base/shell_word.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/words.h"

namespace penstock::cli {
namespace {

// Below this a backfill may fill the disk; a year of a busy tenant takes a few GiB.
constexpr uint64_t kLeastFreeBytes = 1ull << 30;
// A clock outside is not set: leases survive it, stamps and coverage would be nonsense.
const absl::Time kEarliest = absl::FromUnixSeconds(1'767'225'600);  // 2026-01-01
const absl::Time kLatest = absl::FromUnixSeconds(4'102'444'800);    // 2100-01-01

class Doctor {
 public:
  explicit Doctor(Session& session) : session_(session) {}

  ExitCode Run() {
    CheckClock();
    const absl::StatusOr<Config> config = session_.LoadedConfig();
    Say("configuration", ConfigWords(), config.status(), ExitCode::kUsage);
    if (config.ok()) CheckConfig(*config);
    CheckCoordinator();
    CheckPauses();
    if (session_.flags().json) session_.out() << "{\"checks\":[" << json_ << "]}\n";
    return worst_;
  }

 private:
  // One line: ok, or FAIL with what to do. `code` is the exit code of a failure that does not bring its own.
  void Say(const std::string& what, const std::string& fine, const absl::Status& status, ExitCode code) {
    const std::string detail = status.ok() ? fine : Printable(Redact(status.message()));
    if (!status.ok()) worst_ = Worse(worst_, code);
    if (session_.flags().json) {
      absl::StrAppend(&json_, json_.empty() ? "" : ",", "{\"check\":", QuoteJson(what),
                      ",\"ok\":", status.ok() ? "true" : "false", ",\"detail\":", QuoteJson(detail), "}");
      return;
    }
    session_.out() << (status.ok() ? "ok    " : "FAIL  ")
                   << Wrap(absl::StrCat(what, ": ", detail), session_.width() - 6, 6) << "\n";
  }

  std::string ConfigWords() const {
    const std::string& flag = session_.flags().config;
    const std::string file = flag.empty() ? session_.env().variable("PENSTOCK_CONFIG") : flag;
    return file.empty() ? "none given; --config FILE checks more" : absl::StrCat(file, " is valid");
  }

  void CheckClock() {
    const absl::Time now = session_.env().clock.Now().wall;
    absl::Status status;
    if (now < kEarliest || now > kLatest) {
      status = absl::FailedPreconditionError(
          absl::StrCat("says ", FormatMinute(now), " UTC; set it, and let NTP keep it"));
    }
    Say("clock", absl::StrCat(FormatMinute(now), " UTC"), status, ExitCode::kLocalTrouble);
  }

  void CheckConfig(const Config& config) {
    const std::string& flag = session_.flags().state;
    std::string state = flag.empty() ? session_.env().variable("PENSTOCK_STATE") : flag;
    if (state.empty()) state = config.state;
    if (!state.empty()) CheckState(state);
    for (const auto& [name, source] : config.sources) {
      CheckSecret(name, source.auth.api_key_file);
      CheckSecret(name, source.auth.client_id_file);
      CheckSecret(name, source.auth.client_secret_file);
      if (!source.http.ca_file.empty()) CheckCaFile(name, source.http.ca_file);
      CheckReach(source);
    }
    for (const auto& [name, destination] : config.destinations) {
      const absl::Status status = DestinationTrouble(session_.env().test_destination(destination));
      Say(absl::StrCat("destination ", name), "can be reached and written", status, FromStatus(status));
    }
  }

  void CheckState(const std::string& state) {
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(state, error);
    absl::Status status;
    if (error) {
      status = absl::NotFoundError(absl::StrCat(state, ": ", error.message(), "; mkdir -p ", state));
    } else if (access(state.c_str(), R_OK | W_OK | X_OK) != 0) {
      status = absl::PermissionDeniedError(
          absl::StrCat(state, ": ", std::strerror(errno), "; let the user of this process write it"));
    } else if (space.available < kLeastFreeBytes) {
      status = absl::ResourceExhaustedError(absl::StrCat(state, ": only ", space.available >> 20,
                                                         " MiB are free; make room for at least 1 GiB"));
    }
    Say("state directory", absl::StrCat(state, ", ", space.available >> 30, " GiB free"), status,
        ExitCode::kLocalTrouble);
  }

  void CheckSecret(const std::string& source, const std::string& file) {
    if (file.empty()) return;
    Say(absl::StrCat("secret of ", source), absl::StrCat(file, " is readable"), ReadSecretFile(file).status(),
        ExitCode::kUsage);
  }

  void CheckCaFile(const std::string& source, const std::string& file) {
    absl::Status status;
    if (access(file.c_str(), R_OK) != 0) {
      status = absl::NotFoundError(
          absl::StrCat(file, ": ", std::strerror(errno), "; name a readable file of certificates"));
    }
    Say(absl::StrCat("certificates of ", source), absl::StrCat(file, " is readable"), status,
        ExitCode::kUsage);
  }

  void CheckReach(const SourceConfig& source) {
    // With a proxy only the proxy must be reachable from here.
    const std::string& address = source.http.proxy.empty() ? source.url : source.http.proxy;
    const absl::StatusOr<HostPort> target = TargetOf(address);
    const std::string what = absl::StrCat(source.http.proxy.empty() ? "source " : "proxy of ", source.name);
    if (!target.ok()) return Say(what, "", target.status(), ExitCode::kUsage);
    Say(what, absl::StrCat(target->host, ":", target->port, " answers"), session_.env().reach(*target),
        ExitCode::kUnreachable);
  }

  // A proxy is written http://HOST:PORT or HOST:PORT.
  static absl::StatusOr<HostPort> TargetOf(const std::string& address) {
    if (absl::StartsWith(address, "https://")) {
      ASSIGN_OR_RETURN(UrlParts url, ParseHttpUrl(address));
      return HostPort{url.host, url.port};
    }
    absl::string_view text = address;
    if (absl::ConsumePrefix(&text, "http://")) text = text.substr(0, text.find('/'));
    const absl::StatusOr<HostPort> plain = ParseHostPort(text);
    if (plain.ok() || text.size() == address.size()) return plain;
    ASSIGN_OR_RETURN(UrlParts url, ParseHttpUrl(address));
    return HostPort{url.host, url.port};
  }

  void CheckCoordinator() {
    const GlobalFlags& flags = session_.flags();
    if (flags.coordinator.empty() && session_.env().variable("PENSTOCK_COORDINATOR").empty()) return;
    const absl::Status status = AskCoordinator();
    Say("coordinator", "answers", status, FromStatus(status));
  }

  absl::Status AskCoordinator() {
    ASSIGN_OR_RETURN(AdminConnection * admin, session_.Admin());
    return admin->Call(&AdminStub::GetStatus, v1::GetStatusRequest()).status();
  }

  // What somebody paused and may have forgotten, where a process can tell.
  void CheckPauses() {
    if (!IsServed(session_.flags(), session_.env()).value_or(false)) return;
    const absl::StatusOr<AdminConnection*> admin = session_.Admin();
    if (!admin.ok()) return;
    const absl::StatusOr<v1::ListDestinationsResponse> known =
        (*admin)->Call(&AdminStub::ListDestinations, v1::ListDestinationsRequest());
    if (!known.ok()) return;
    for (const v1::Destination& destination : known->destinations()) {
      if (!destination.has_pause()) continue;
      Say(absl::StrCat("loads of ", destination.name()), "",
          absl::FailedPreconditionError(absl::StrCat(
              PauseWords(destination), "; penstock destinations resume ", ShellWord(destination.name()))),
          ExitCode::kNeedsALook);
    }
  }

  Session& session_;
  ExitCode worst_ = ExitCode::kDone;
  std::string json_;
};

}  // namespace

void AddDoctorCommand(CLI::App& app, Action& chosen) {
  AddCommand(app, chosen,
             {"doctor",
              "Try what a run needs: clock, configuration, state directory, secret files, network, "
              "destinations, and whether one is paused. Sends no "
              "request to the source. The exit code is that of the worst finding.",
              {"penstock --config penstock.yaml doctor", "penstock --state ./state doctor --output json"}},
             [](Session& session) -> absl::StatusOr<ExitCode> { return Doctor(session).Run(); });
}

}  // namespace penstock::cli
