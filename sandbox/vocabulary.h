// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace penstock::sandbox {

// What the people and the bot of the synthetic tenant say. All texts are JSON already (quotes and line ends
// escaped), so that rendering a record is copying.

struct Question {
  absl::string_view text;
  absl::string_view domain;  // a JSON value: "\"IT\"" or "null"
  absl::string_view entity;  // likewise
};

const std::vector<Question>& Questions();
const std::vector<absl::string_view>& PluginNames();
const std::vector<absl::string_view>& FirstNames();
const std::vector<absl::string_view>& LastNames();
const std::vector<absl::string_view>& DocumentNames();
const std::vector<absl::string_view>& ButtonTexts();

// About `length` bytes of prose: whole sentences, picked by `choice`. Lives for the whole process.
absl::string_view Prose(uint64_t choice, uint32_t length);

}  // namespace penstock::sandbox
