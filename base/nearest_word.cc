// SPDX-License-Identifier: Apache-2.0
#include "base/nearest_word.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace penstock {
namespace {

// Optimal string alignment: Levenshtein with swapped neighbours as one mistake.
size_t Mistakes(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      cost[i][j] = std::min(
          {cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string NearestWord(absl::string_view typed, const std::vector<std::string>& choices) {
  std::string nearest;
  size_t fewest = SIZE_MAX;
  for (const std::string& choice : choices) {
    // Nobody mistypes a word into one twice as long; this also bounds the work.
    if (typed.size() > 2 * choice.size() + 1) continue;
    const size_t mistakes = Mistakes(typed, choice);
    if (mistakes <= std::max<size_t>(1, choice.size() / 3) && mistakes < fewest) {
      nearest = choice;
      fewest = mistakes;
    }
  }
  return nearest;
}

std::string DidYouMean(absl::string_view typed, const std::vector<std::string>& choices) {
  const std::string nearest = NearestWord(typed, choices);
  return nearest.empty() ? "" : absl::StrCat("; did you mean '", nearest, "'?");
}

}  // namespace penstock
