// SPDX-License-Identifier: Apache-2.0
#include "coordinator/why_destination.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/shell_word.h"
#include "coordinator/admin_views.h"
#include "coordinator/limits.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

std::string Minute(const google::protobuf::Timestamp& time) {
  return absl::StrCat(FormatMinute(FromProto(time)), " UTC");
}

std::string Changes(uint64_t count) { return absl::StrCat(count, count == 1 ? " change" : " changes"); }

// "1200 changes behind"
std::string Behind(const v1::Destination& destination) {
  if (destination.resync()) return "everything is to be loaded again";
  return absl::StrCat(Changes(destination.behind()), " behind");
}

struct Servers {
  uint32_t connected = 0;  // workers that were heard of lately
  uint32_t hands = 0;      // loads that those which serve the destination can hold at once
};
Servers ServersOf(Core& core, const std::string& name, const Moment& now) {
  Servers servers;
  for (const auto& [id, seen] : core.workers()) {
    if (seen.at < now.boot - kHandsFor || seen.request.draining()) continue;
    ++servers.connected;
    const auto& served = seen.request.destinations();
    if (std::find(served.begin(), served.end(), name) != served.end()) {
      servers.hands += seen.request.load_capacity();
    }
  }
  return servers;
}

std::string WhyNobody(const Servers& servers) {
  if (servers.connected == 0) return "no worker is connected";
  return absl::StrCat("none of the ", servers.connected, " connected workers loads it: its settings and its ",
                      "secret must be in a worker's configuration");
}

std::string WhatIsDone(const v1::Destination& destination) {
  const std::string worker = absl::StrCat("worker ", destination.worker());
  if (destination.work() == "verify") return absl::StrCat(worker, " compares it with the store");
  if (destination.work() == "resync") {
    return absl::StrCat(worker, " loads everything again, ", Behind(destination));
  }
  if (!destination.checked()) return absl::StrCat(worker, " looks at what it holds");
  return absl::StrCat(worker, " loads it, ", Behind(destination));
}

std::string WhyPaused(const v1::Destination& destination) {
  const v1::DestinationPause& pause = destination.pause();
  std::string why =
      absl::StrCat("paused", pause.by().empty() ? "" : " by ", pause.by(), " since ", Minute(pause.since()),
                   pause.reason().empty() ? "" : ": ", pause.reason(), "; ", Behind(destination));
  if (!destination.worker().empty())
    absl::StrAppend(&why, "; ", WhatIsDone(destination), " until its next batch");
  return why;
}

std::string WhyFailed(const v1::Destination& destination, const Servers& servers, const Moment& now) {
  std::string why = absl::StrCat("parked", destination.has_failing_since() ? " since " : "",
                                 destination.has_failing_since() ? Minute(destination.failing_since()) : "",
                                 ": ", destination.failure(), "; ", Behind(destination), "; last tried ",
                                 Minute(destination.last_report()), ", again ");
  if (servers.hands == 0) {
    absl::StrAppend(&why, "when it can be: ", WhyNobody(servers));
  } else if (destination.has_next_try()) {
    absl::StrAppend(&why, "in ", FormatSpan(FromProto(destination.next_try()) - now.wall));
  } else {
    absl::StrAppend(&why, "at once");
  }
  return why;
}

std::string WhyWaiting(Core& core, const storage::SourceRecord& source, const v1::Destination& destination,
                       const Moment& now) {
  const Core::LoadTry& load_try = core.load_try(source.id(), destination.name());
  const bool gathers = destination.checked() && !destination.resync() && destination.has_interval();
  const absl::Duration wait =
      gathers ? load_try.ended + FromProto(destination.interval()) - now.boot : absl::ZeroDuration();
  if (wait > absl::ZeroDuration()) {
    return absl::StrCat(
        Behind(destination), "; its loads keep ", FormatSpan(FromProto(destination.interval())),
        " apart while a job runs: the next one in ", FormatSpan(wait), ", or when the job ends");
  }
  return absl::StrCat(destination.checked() || destination.resync()
                          ? Behind(destination)
                          : "not looked at since the coordinator started",
                      "; waiting for a worker with a free hand");
}

std::string WhyFull(const v1::Destination& destination) {
  std::string why = absl::StrCat("caught up: it holds every change of the store up to ", destination.loaded(),
                                 ", looked at last ", Minute(destination.last_report()));
  if (destination.set_aside() > 0) {
    absl::StrAppend(&why, "; ", destination.set_aside(),
                    " of the rows it refused (PENSTOCK_SET_ASIDE there)");
  }
  return why;
}

}  // namespace

v1::ExplainDestinationResponse ExplainDestination(Core& core, const std::string& name,
                                                  const storage::SourceRecord& source, const Moment& now) {
  v1::ExplainDestinationResponse answer;
  *answer.mutable_destination() = DestinationView(core, name, source, now);
  const v1::Destination& destination = answer.destination();
  const Servers servers = ServersOf(core, name, now);
  if (destination.has_pause()) {
    answer.set_why(WhyPaused(destination));
    answer.set_next_step(absl::StrCat("destinations resume ", ShellWord(name)));
  } else if (!destination.worker().empty()) {
    answer.set_why(WhatIsDone(destination));
  } else if (!destination.failure().empty()) {
    answer.set_why(WhyFailed(destination, servers, now));
    answer.set_next_step(absl::StrCat("destinations test ", ShellWord(name)));
  } else if (destination.checked() && destination.behind() == 0 && !destination.resync()) {
    answer.set_why(WhyFull(destination));
  } else if (core.options().read_only) {
    answer.set_why(absl::StrCat(Behind(destination), "; no coordinator runs"));
    answer.set_next_step(absl::StrCat("load --destination ", ShellWord(name)));
  } else if (servers.hands == 0) {
    answer.set_why(absl::StrCat(Behind(destination), "; ", WhyNobody(servers)));
    answer.set_next_step("workers list");
  } else {
    answer.set_why(WhyWaiting(core, source, destination, now));
  }
  return answer;
}

}  // namespace penstock::coordinator
