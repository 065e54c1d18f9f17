// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "proto/admin_service.pb.h"

namespace penstock::cli {

// Wire values in the words that people read.

// "plugin-calls"; "?" for a number that this version does not know.
std::string Word(v1::Endpoint endpoint);
// "running", "paused" ..; "parked" ..; "?" likewise.
std::string Word(v1::JobState state);
std::string Word(v1::WindowState state);

// "2026-03-18 to 2026-03-19": days where both ends are midnight, else minutes. "start" and "now" stand for
// open ends. Job and Window have the same four fields.
std::string RangeWords(bool has_from, const google::protobuf::Timestamp& from, bool has_to,
                       const google::protobuf::Timestamp& to);
template <typename HasRange>
std::string RangeWords(const HasRange& message) {
  return RangeWords(message.has_from(), message.from(), message.has_to(), message.to());
}

// A sync has no range: "what is new".
std::string RangeWords(const v1::Job& job);

// "users, plugin-calls"; "all endpoints" for all five.
std::string EndpointWords(const google::protobuf::RepeatedField<int>& endpoints);

// "58 %"; 100 only at the end.
std::string PercentWords(double fraction);

// What a destination holds at the end of a load, or why it does not; a sentence each.
std::vector<std::string> LoadedWords(const v1::Destination& destination);
// "paused by alice since 2026-03-31 06:02 UTC: the server moves"; empty: it is not.
std::string PauseWords(const v1::Destination& destination);
// It is paused, and lacks changes or may lack some: nobody waits for it.
bool IsPausedShort(const v1::Destination& destination);
// Which rows it refuses, and why; none: nothing to say.
std::vector<std::string> SetAsideWords(const v1::Destination& destination);

}  // namespace penstock::cli
