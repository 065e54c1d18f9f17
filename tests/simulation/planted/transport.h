// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>

#include "tests/simulation/wire.h"

namespace penstock::simulation::planted {

// Between a worker's session and the wire: a request or its answer is changed. Checkers see what is sent and
// what the source served.
class Transport {
 public:
  Transport(World& world, Wire& wire) : world_(world), wire_(wire) {}

  void Send(Process& from, uint64_t permit, const std::string& url, absl::Duration send_before,
            Wire::Done done);

 private:
  // The first answer was no good: the same once more, without a word to anybody.
  bool SendsAgain(const worker::SourceClient::Sent& sent) const;
  void Spoil(const std::string& url, worker::SourceClient::Sent& sent);
  std::string Spoil(const std::string& url) const;

  World& world_;
  Wire& wire_;
  std::unordered_set<std::string> asked_;  // kAnswerThrownAway
  // kForeignLinkFollowed: a link of the own origin, which the guard lets pass, for each foreign one.
  std::unordered_map<std::string, std::string> foreign_;
};

}  // namespace penstock::simulation::planted
