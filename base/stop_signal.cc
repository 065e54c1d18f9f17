// SPDX-License-Identifier: Apache-2.0
#include "base/stop_signal.h"

#include <signal.h>

#include <atomic>

namespace penstock {
namespace {

std::atomic<int> last_signal{0};

extern "C" void NoteSignal(int number) { last_signal.store(number); }

bool Catch() {
  struct sigaction action {};
  action.sa_handler = NoteSignal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the next one has its usual effect
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return true;
}

}  // namespace

int StopSignal() {
  static const bool caught = Catch();
  static_cast<void>(caught);
  return last_signal.load();
}

}  // namespace penstock
