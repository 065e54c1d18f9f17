// SPDX-License-Identifier: Apache-2.0
//
// Runs a fuzz target without libFuzzer, so that every compiler and `.ci/run` can: first each file as it is, then
// mutations of these files drawn from a fixed seed.
//
//   fuzz_page [--mutations N] [--seed S] FILE|DIRECTORY...
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/random.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
// Only there when a sanitizer is linked.
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

constexpr size_t kMaxBytes = 4096;

// What a failure's report needs; plain memory, because a signal handler reads it.
struct Running {
  const std::string* input = nullptr;
  std::string kept_at;
  char story[200] = "";
};
Running running;

void Say(const char* text) {
  if (write(STDERR_FILENO, text, std::strlen(text)) < 0) return;
}

// Async-signal-safe: keeps the input and says how to run it again.
void ReportFailure() {
  if (running.input == nullptr) return;
  const int file = open(running.kept_at.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const bool kept = file >= 0 && write(file, running.input->data(), running.input->size()) ==
                                     static_cast<ssize_t>(running.input->size());
  Say("\nfailed: ");
  Say(running.story);
  Say(kept ? "\nreplay it with this file as the only argument: " : "\nits input could not be written to ");
  Say(running.kept_at.c_str());
  Say("\n");
  running.input = nullptr;
}

void OnAbort(int) {
  ReportFailure();
  _exit(1);
}

void Run(const std::string& input) {
  running.input = &input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  running.input = nullptr;
}

class Mutator {
 public:
  Mutator(const std::vector<std::string>& corpus, uint64_t seed) : corpus_(corpus), random_(seed) {}

  std::string Next() {
    std::string input = Any();
    for (size_t changes = 1 + Below(4); changes > 0; --changes) Change(input);
    if (input.size() > kMaxBytes) input.resize(kMaxBytes);
    return input;
  }

 private:
  size_t Below(size_t end) { return end == 0 ? 0 : random_.Next() % end; }
  const std::string& Any() { return corpus_[Below(corpus_.size())]; }
  std::string Piece(const std::string& text) {
    const size_t at = Below(text.size());
    return text.substr(at, 1 + Below(text.size() - at));
  }

  void Change(std::string& input) {
    // Bytes at which formats turn.
    static const std::string kTurns("\0\xFF\x80\x7F\xED\"\\{}[]:,;%/?#@ '\n\t-+.0e", 27);
    const size_t at = Below(input.size() + 1);
    switch (Below(6)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ 1 << Below(8));
        break;
      case 1:
        input.insert(at, 1, kTurns[Below(kTurns.size())]);
        break;
      case 2:
        if (at < input.size()) input[at] = kTurns[Below(kTurns.size())];
        break;
      case 3:
        input.erase(at, Below(at % 2 == 0 ? 4 : input.size() + 1));
        break;
      case 4:
        input.insert(at, Piece(input));
        break;
      default:
        input.insert(at, Piece(Any()));
    }
  }

  const std::vector<std::string>& corpus_;
  penstock::SeededRandom random_;
};

std::vector<std::filesystem::path> FilesIn(const std::vector<std::string>& arguments) {
  std::vector<std::filesystem::path> files;
  for (const std::string& argument : arguments) {
    if (!std::filesystem::is_directory(argument)) {
      files.emplace_back(argument);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(argument)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t mutations = 0;
  uint64_t seed = 1;
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--mutations" && i + 1 < argc) {
      mutations = std::strtoull(argv[++i], nullptr, 10);
    } else if (word == "--seed" && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else {
      arguments.push_back(word);
    }
  }
  std::signal(SIGABRT, OnAbort);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(ReportFailure);
  running.kept_at = std::string(argv[0]) + ".failed";

  std::vector<std::string> corpus;
  for (const std::filesystem::path& path : FilesIn(arguments)) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "%s cannot be read\n", path.c_str());
      return 2;
    }
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    std::snprintf(running.story, sizeof running.story, "file %s", path.c_str());
    Run(corpus.back());
  }
  if (corpus.empty()) {
    std::fprintf(stderr, "name a file or a directory with at least one\n");
    return 2;
  }
  Mutator mutator(corpus, seed);
  for (uint64_t number = 1; number <= mutations; ++number) {
    std::snprintf(running.story, sizeof running.story, "mutation %llu of seed %llu",
                  static_cast<unsigned long long>(number), static_cast<unsigned long long>(seed));
    Run(mutator.Next());
  }
  std::printf("%zu files and %llu mutations of seed %llu: nothing found\n", corpus.size(),
              static_cast<unsigned long long>(mutations), static_cast<unsigned long long>(seed));
  return 0;
}
