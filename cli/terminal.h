// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace penstock::cli {

// Where the output goes. No colours anywhere: a log, a pipe and a screen get the same words.
struct Terminal {
  bool is_terminal = false;
  int width = 80;
};
// Of this process's standard output. The width is what the terminal says, at least 40; 80 when it says
// nothing.
Terminal StandardOutput();

// How far long work is.
struct Progress {
  std::string name;     // the source
  double fraction = 0;  // 0 to 1
  uint64_t rows = 0;
  uint64_t requests = 0;
  uint32_t per_minute = 0;  // requests granted in the last minute
  std::optional<absl::Duration> left;
};

// One line, never wider than `width`:
//   acme  58 % [#################.............] 1,021,500 rows  60/min  left 25 min
// What does not fit is dropped from the right, then the bar becomes shorter.
std::string ProgressBar(const Progress& progress, int width);

// The same for logs and pipes, with the time in front:
//   2026-03-31T06:02:11Z acme 58 %, 1,021,500 rows, 2,043 requests, 60/min, left 25 min
std::string ProgressLine(const Progress& progress, absl::Time now);

// "1,021,500".
std::string WithSeparators(uint64_t number);
// "1 row", "2,043 rows".
std::string Counted(uint64_t number, absl::string_view noun);

// "412 bytes", "66 MB", "1.2 GB": powers of 1,000.
std::string SizeWords(uint64_t bytes);

// Text of the source or of a server made safe for a terminal: control characters (escape sequences, line
// breaks) become spaces.
std::string Printable(absl::string_view text);

// How many columns UTF-8 text takes, one for each code point; and its beginning of at most that many.
size_t Columns(absl::string_view text);
std::string Cut(absl::string_view text, size_t columns);

// Words broken over lines of at most `width`; lines after the first begin with `indent` spaces. A longer word
// stands alone on its line.
std::string Wrap(absl::string_view text, size_t width, size_t indent = 0);

}  // namespace penstock::cli
