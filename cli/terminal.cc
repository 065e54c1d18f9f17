// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/instant.h"

namespace penstock::cli {
namespace {

constexpr int kBar = 30;
constexpr int kShortestBar = 10;

// 100 only when all is done: 99.6 % is not the end.
int Percent(double fraction) {
  return static_cast<int>(std::floor(std::clamp(fraction, 0.0, 1.0) * 100 + 1e-9));
}

std::string Bar(double fraction, int length) {
  const int full = static_cast<int>(std::floor(std::clamp(fraction, 0.0, 1.0) * length + 1e-9));
  return absl::StrCat("[", std::string(full, '#'), std::string(length - full, '.'), "]");
}

}  // namespace

Terminal StandardOutput() {
  Terminal terminal;
  terminal.is_terminal = isatty(STDOUT_FILENO) == 1;
  winsize size{};
  if (terminal.is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.width = std::max<int>(40, size.ws_col);
  }
  return terminal;
}

std::string ProgressBar(const Progress& progress, int width) {
  const std::string head = absl::StrCat(progress.name, "  ", Percent(progress.fraction), " % ");
  std::vector<std::string> tail = {absl::StrCat(" ", Counted(progress.rows, "row")),
                                   absl::StrCat("  ", progress.per_minute, "/min")};
  if (progress.left) tail.push_back(absl::StrCat("  left ", FormatSpan(*progress.left)));
  const auto room = [&] {
    int used = static_cast<int>(Columns(head)) + 2;
    for (const std::string& part : tail) used += static_cast<int>(Columns(part));
    return width - used;
  };
  while (!tail.empty() && room() < kShortestBar) tail.pop_back();
  std::string line = absl::StrCat(head, Bar(progress.fraction, std::clamp(room(), 0, kBar)));
  for (const std::string& part : tail) line += part;
  return Cut(line, static_cast<size_t>(width));
}

std::string ProgressLine(const Progress& progress, absl::Time now) {
  std::string line =
      absl::StrCat(absl::FormatTime("%E4Y-%m-%dT%H:%M:%SZ", now, absl::UTCTimeZone()), " ", progress.name,
                   " ", Percent(progress.fraction), " %, ", Counted(progress.rows, "row"), ", ",
                   Counted(progress.requests, "request"), ", ", progress.per_minute, "/min");
  if (progress.left) absl::StrAppend(&line, ", left ", FormatSpan(*progress.left));
  return line;
}

std::string WithSeparators(uint64_t number) {
  std::string text = absl::StrCat(number);
  for (size_t place = text.size(); place > 3;) {
    place -= 3;
    text.insert(place, ",");
  }
  return text;
}

std::string Counted(uint64_t number, absl::string_view noun) {
  return absl::StrCat(WithSeparators(number), " ", noun, number == 1 ? "" : "s");
}

std::string SizeWords(uint64_t bytes) {
  if (bytes < 1000) return Counted(bytes, "byte");
  double size = static_cast<double>(bytes);
  const char* unit = "";
  for (const char* larger : {"kB", "MB", "GB", "TB"}) {
    if (size < 999.5) break;
    size /= 1000;
    unit = larger;
  }
  if (size >= 9.95) return absl::StrCat(std::lround(size), " ", unit);
  const int64_t tenths = std::lround(size * 10);
  return absl::StrCat(tenths / 10, ".", tenths % 10, " ", unit);
}

std::string Printable(absl::string_view text) {
  std::string clean(text);
  for (size_t i = 0; i < clean.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(clean[i]);
    if (c < 0x20 || c == 0x7F) clean[i] = ' ';
    // U+0080 to U+009F: some terminals take them for escape sequences.
    if (c == 0xC2 && i + 1 < clean.size() && static_cast<unsigned char>(clean[i + 1]) < 0xA0) {
      clean[i] = ' ';
      clean[i + 1] = ' ';
    }
  }
  return clean;
}

size_t Columns(absl::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string Cut(absl::string_view text, size_t columns) {
  size_t end = 0;
  for (size_t seen = 0; end < text.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
    if (begins && seen++ == columns) break;
  }
  return std::string(text.substr(0, end));
}

std::string Wrap(absl::string_view text, size_t width, size_t indent) {
  std::string wrapped;
  size_t column = 0;
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (column > 0 && column + 1 + Columns(word) > width) {
      absl::StrAppend(&wrapped, "\n", std::string(indent, ' '));
      column = indent;
    } else if (column > 0) {
      wrapped += ' ';
      ++column;
    }
    absl::StrAppend(&wrapped, word);
    column += Columns(word);
  }
  return wrapped;
}

}  // namespace penstock::cli
