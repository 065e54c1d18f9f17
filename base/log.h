// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace penstock {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat { kText, kJson };

// To stderr, one line per call. Called once, before any thread starts.
void SetUpLog(LogLevel level, LogFormat format);

using LogFields = std::vector<std::pair<absl::string_view, std::string>>;

// A sentence and its fields (job, window, lease ...). Thread-safe. Texts registered as secrets are blotted
// out.
void Log(LogLevel level, absl::string_view message, const LogFields& fields = {});

// From now on `secret` (8 characters or more) appears in no log line of this process.
void HideInLogs(absl::string_view secret);
// The same blotting for other output that may quote a server: error texts, reasons.
std::string Redact(absl::string_view text);

}  // namespace penstock
