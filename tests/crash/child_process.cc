// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/status_macros.h"

namespace penstock {

ChildProcess::ChildProcess(std::vector<std::string> words, const std::string& output) {
  words[0] = std::string(PENSTOCK_BIN_DIR "/") + words[0];
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                   0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  CHECK(posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));  // this glibc's pidfd_open is not for C++
  CHECK(pidfd_ >= 0);
}

ChildProcess::~ChildProcess() {
  if (!code_.has_value()) {
    Signal(SIGKILL);
    Wait(absl::InfiniteDuration());
  }
  close(pidfd_);
}

void ChildProcess::Signal(int signal) { kill(pid_, signal); }

std::optional<int> ChildProcess::Wait(absl::Duration limit) {
  if (code_.has_value()) return code_;
  pollfd wait{pidfd_, POLLIN, 0};
  const int ms = limit == absl::InfiniteDuration() ? -1 : static_cast<int>(absl::ToInt64Milliseconds(limit));
  if (poll(&wait, 1, ms) != 1) return std::nullopt;
  int status = 0;
  rusage usage{};
  CHECK(wait4(pid_, &status, 0, &usage) == pid_);
  peak_bytes_ = int64_t{usage.ru_maxrss} * 1024;
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return code_;
}

}  // namespace penstock
