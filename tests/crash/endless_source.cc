// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/endless_source.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "absl/hash/hash.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/clock.h"
#include "base/instant.h"

namespace penstock {
namespace {

constexpr size_t kRowsPerChain = 300;
constexpr double kShare = 0.1;  // of them on a page
constexpr double kLargeShare = 0.9;
constexpr size_t kFillingBytes = 400;
constexpr size_t kLargeFillingBytes = 2500;  // 270 such rows are a page of 675 KB
constexpr uint64_t kPagesPerChain = 600;     // on average
// This one's chain never ends, so that its job never does.
constexpr char kEndless[] = "users";
constexpr auto kTimeToFirstByte = std::chrono::milliseconds(40);
constexpr char kLink[] = "?$skiptoken=";

}  // namespace

worker::HttpResult EndlessSource::Send(const worker::HttpRequest& request) {
  const absl::Duration began = SystemClock().Now().boot;
  worker::HttpResult result;
  std::unique_lock lock(mutex_);
  if (told_.wait_for(lock, kTimeToFirstByte, [&] { return aborted_; })) {
    result.status = absl::UnavailableError("aborted");
    result.fate = v1::UNANSWERED;
    return result;
  }
  const std::string path(absl::StripPrefix(request.url, base_url_ + "/"));
  const std::string endpoint = path.substr(0, path.find('?'));
  std::string name;
  if (const size_t link = path.find(kLink); link != std::string::npos) {
    name = path.substr(link + std::strlen(kLink));
    name = name.substr(0, name.rfind('-'));
  } else {
    // The window's own filter: the chain is the same when the window is read again.
    name = absl::StrCat(absl::Hex(absl::HashOf(path.substr(0, path.find("&$count")))));
  }
  Chain& chain = chains_[absl::StrCat(endpoint, "/", name)];
  if (chain.prefix.empty()) {
    chain.prefix = absl::StrCat(endpoint, "/", name, "-");
    chain.newest.resize(kRowsPerChain);
  }
  result.response.status = 200;
  result.response.body = Page(chain, absl::StrCat(endpoint, kLink, name));
  result.fate = v1::ANSWERED;
  result.first_byte_at = SystemClock().Now().boot;
  result.time_to_first_byte = result.first_byte_at - began;
  return result;
}

std::string EndlessSource::Page(Chain& chain, const std::string& link) {
  const double share = large_ ? kLargeShare : kShare;
  std::string page = R"({"@odata.context":"made-up","value":[)";
  // In the order that is asked for, and another choice of rows each time, as no source repeats a page.
  bool first = true;
  for (size_t row = kRowsPerChain; row-- > 0;) {
    if (random_.Fraction() >= share) continue;
    std::string& record = chain.newest[row];
    if (record.empty() || random_.Next() % 8 != 0) {
      record = NewVersion(absl::StrCat(chain.prefix, absl::Dec(row, absl::kZeroPad3)));
    }
    absl::StrAppend(&page, first ? "" : ",", record);
    first = false;
  }
  page += "]";
  if (absl::StartsWith(chain.prefix, kEndless) || random_.Next() % kPagesPerChain != 0) {
    absl::StrAppend(&page, R"(,"@odata.nextLink":")", base_url_, "/", link, "-", ++links_, "\"");
  }
  return page + "}";
}

std::string EndlessSource::NewVersion(const std::string& id) {
  stamp_ = std::max(stamp_ + absl::Milliseconds(1), SystemClock().Now().wall);
  SeededRandom noise(random_.Next());
  std::string filling;
  const size_t bytes = 1 + random_.Next() % (large_ ? 2 * kLargeFillingBytes : 2 * kFillingBytes);
  while (filling.size() < bytes) absl::StrAppend(&filling, absl::Hex(noise.Next()));
  return absl::StrCat(R"({"id":")", id, R"(","last_updated_time":")", FormatStamp(stamp_), R"(","filling":")",
                      filling, "\"}");
}

void EndlessSource::Abort() {
  std::lock_guard lock(mutex_);
  aborted_ = true;
  told_.notify_all();
}

}  // namespace penstock
