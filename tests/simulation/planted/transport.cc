// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/planted/transport.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace penstock::simulation::planted {
namespace {

constexpr char kEmptyPage[] = R"({"@odata.context":"c","value":[]})";
constexpr char kForeign[] = "https://elsewhere.example.com/export/v1/records";

void BecomeEmptyPage(worker::SourceClient::Sent& sent) {
  sent.result.status = absl::OkStatus();
  sent.result.response.status = 200;
  sent.result.response.headers.erase("retry-after");
  sent.result.response.body = kEmptyPage;
}

}  // namespace

void Transport::Send(Process& from, uint64_t permit, const std::string& url, absl::Duration send_before,
                     Wire::Done done) {
  if (world_.bug == Bug::kNone) return wire_.Send(from, permit, url, send_before, std::move(done));
  if (world_.bug == Bug::kSentTooLate) send_before = absl::InfiniteDuration();
  const auto after = [this, &from, permit, url, send_before, done](const worker::SourceClient::Sent& sent) {
    if (SendsAgain(sent)) {
      const auto location = sent.result.response.headers.find("location");
      wire_.Send(from, world_.bug == Bug::kRetryWithoutPermit ? 0 : permit,
                 location == sent.result.response.headers.end() ? url : location->second, send_before, done);
      return;
    }
    worker::SourceClient::Sent spoiled = sent;
    Spoil(url, spoiled);
    done(spoiled);
  };
  wire_.Send(from, permit, Spoil(url), send_before, after);
}

bool Transport::SendsAgain(const worker::SourceClient::Sent& sent) const {
  const int status = sent.result.response.status;
  switch (world_.bug) {
    case Bug::kHiddenResend:
      return sent.result.fate == v1::UNANSWERED;
    case Bug::kRetryWithoutPermit:
      return status == 500;
    case Bug::kRedirectFollowed:
      return status == 302;
    default:
      return false;
  }
}

std::string Transport::Spoil(const std::string& url) const {
  if (const auto foreign = foreign_.find(url); foreign != foreign_.end()) return foreign->second;
  if (world_.bug != Bug::kClosingPassEmpty) return url;
  return absl::StrReplaceAll(url, {{"last_updated_time%20ge%20%27202", "last_updated_time%20ge%20%27292"}});
}

void Transport::Spoil(const std::string& url, worker::SourceClient::Sent& sent) {
  worker::HttpResult& result = sent.result;
  if (result.fate != v1::ANSWERED) return;
  if (world_.bug == Bug::kShortBodyEndsChain && result.response.status == 200 && !result.status.ok()) {
    BecomeEmptyPage(sent);
  }
  if (world_.bug == Bug::kErrorAsEmptyPage && result.response.status >= 500) BecomeEmptyPage(sent);
  if (world_.bug == Bug::kAnswerThrownAway && asked_.insert(url).second) {
    result.status = absl::UnavailableError("the answer was thrown away");
  }
  if (world_.bug == Bug::kForeignLinkFollowed && absl::StrContains(result.response.body, kForeign)) {
    foreign_[absl::StrCat(kSourceUrl, "/users?$skiptoken=1")] = absl::StrCat(kForeign, "/users?$skiptoken=1");
    result.response.body = absl::StrReplaceAll(result.response.body, {{kForeign, kSourceUrl}});
  }
}

}  // namespace penstock::simulation::planted
