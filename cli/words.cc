// SPDX-License-Identifier: Apache-2.0
#include "cli/words.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/instant.h"
#include "base/shell_word.h"
#include "cli/terminal.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

bool IsMidnight(absl::Time time) { return time == DayStart(DayNumber(time)); }

}  // namespace

std::string Word(v1::Endpoint endpoint) {
  return IsEndpoint(endpoint) ? std::string(Name(FromProto(endpoint))) : "?";
}

std::string Word(v1::JobState state) {
  switch (state) {
    case v1::JOB_RUNNING:
      return "running";
    case v1::JOB_PAUSED:
      return "paused";
    case v1::JOB_DONE:
      return "done";
    case v1::JOB_CANCELLED:
      return "cancelled";
    default:
      return "?";
  }
}

std::string Word(v1::WindowState state) {
  switch (state) {
    case v1::WINDOW_PENDING:
      return "pending";
    case v1::WINDOW_LEASED:
      return "leased";
    case v1::WINDOW_DONE:
      return "done";
    case v1::WINDOW_PARKED:
      return "parked";
    case v1::WINDOW_SPLIT:
      return "split";
    case v1::WINDOW_CANCELLED:
      return "cancelled";
    default:
      return "?";
  }
}

std::string RangeWords(bool has_from, const google::protobuf::Timestamp& from, bool has_to,
                       const google::protobuf::Timestamp& to) {
  if (!has_from && !has_to) return "everything";
  const bool days = (!has_from || IsMidnight(FromProto(from))) && (!has_to || IsMidnight(FromProto(to)));
  const auto words = [&](const google::protobuf::Timestamp& time) {
    return days ? FormatDay(FromProto(time)) : FormatMinute(FromProto(time));
  };
  return absl::StrCat(has_from ? words(from) : "start", " to ", has_to ? words(to) : "now");
}

std::string RangeWords(const v1::Job& job) {
  if (job.kind() == "sync") return "what is new";
  return RangeWords(job.has_from(), job.from(), job.has_to(), job.to());
}

std::string EndpointWords(const google::protobuf::RepeatedField<int>& endpoints) {
  if (endpoints.empty() || endpoints.size() == static_cast<int>(kAllEndpoints.size())) return "all endpoints";
  return absl::StrJoin(endpoints, ", ", [](std::string* out, int endpoint) {
    absl::StrAppend(out, Word(static_cast<v1::Endpoint>(endpoint)));
  });
}

std::string PauseWords(const v1::Destination& destination) {
  if (!destination.has_pause()) return "";
  const v1::DestinationPause& pause = destination.pause();
  return absl::StrCat("paused", pause.by().empty() ? "" : " by ", pause.by(), " since ",
                      FormatMinute(FromProto(pause.since())), " UTC", pause.reason().empty() ? "" : ": ",
                      pause.reason());
}

bool IsPausedShort(const v1::Destination& destination) {
  return destination.has_pause() && !(destination.checked() && destination.behind() == 0);
}

std::vector<std::string> LoadedWords(const v1::Destination& destination) {
  if (IsPausedShort(destination)) {
    return {absl::StrCat("PAUSED ", destination.name(), ": ", PauseWords(destination), "; ",
                         Counted(destination.behind(), "change"), " behind; penstock destinations resume ",
                         ShellWord(destination.name()))};
  }
  if (!destination.failure().empty()) {
    return {absl::StrCat("FAILED ", destination.name(), ": ", destination.failure())};
  }
  std::vector<std::string> lines = SetAsideWords(destination);
  const std::string but = lines.empty() ? "" : absl::StrCat(" but ", WithSeparators(destination.set_aside()));
  lines.insert(lines.begin(), absl::StrCat(destination.name(), " holds every row", but, ", up to change ",
                                           WithSeparators(destination.loaded()), "."));
  return lines;
}

std::vector<std::string> SetAsideWords(const v1::Destination& destination) {
  if (destination.set_aside() == 0) return {};
  std::vector<std::string> lines = {
      absl::StrCat(destination.name(), ": ", Counted(destination.set_aside(), "row"),
                   " refused and set aside (PENSTOCK_SET_ASIDE there); whole in the store.")};
  for (const std::string& row : destination.set_aside_rows())
    lines.push_back(absl::StrCat("SET ASIDE ", row));
  return lines;
}

std::string PercentWords(double fraction) {
  return absl::StrCat(static_cast<int>(std::floor(std::clamp(fraction, 0.0, 1.0) * 100 + 1e-9)), " %");
}

}  // namespace penstock::cli
