// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <mutex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/json_text.h"

namespace penstock {
namespace {

struct Settings {
  std::mutex mutex;
  std::vector<std::string> secrets;
  LogFormat format = LogFormat::kText;
};

Settings& TheSettings() {
  static Settings* const settings = new Settings;
  return *settings;
}

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

// What a server said may hold line breaks: they must not look like lines of this log.
std::string OneLine(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return text;
}

// Secrets are blotted out before anything is quoted: an escaped secret would no longer be recognised.
std::string Line(LogFormat format, absl::string_view message, const LogFields& fields) {
  if (format == LogFormat::kText) {
    std::string line = OneLine(Redact(message));
    for (const auto& [name, value] : fields) absl::StrAppend(&line, " ", name, "=", OneLine(Redact(value)));
    return line;
  }
  std::string line = absl::StrCat("\"message\":", QuoteJson(Redact(message)));
  for (const auto& [name, value] : fields) {
    absl::StrAppend(&line, ",", QuoteJson(name), ":", QuoteJson(Redact(value)));
  }
  return line;
}

}  // namespace

void SetUpLog(LogLevel level, LogFormat format) {
  auto logger =
      std::make_shared<spdlog::logger>("penstock", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_level(ToSpdlog(level));
  if (format == LogFormat::kText) {
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %L %v", spdlog::pattern_time_type::utc);
  } else {
    logger->set_pattern("{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",\"level\":\"%l\",%v}",
                        spdlog::pattern_time_type::utc);
  }
  TheSettings().format = format;
  spdlog::set_default_logger(logger);
}

void Log(LogLevel level, absl::string_view message, const LogFields& fields) {
  spdlog::logger* const logger = spdlog::default_logger_raw();
  if (!logger->should_log(ToSpdlog(level))) return;
  const std::string line = Line(TheSettings().format, message, fields);
  logger->log(ToSpdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

void HideInLogs(absl::string_view secret) {
  if (secret.size() < 8) return;
  Settings& settings = TheSettings();
  std::lock_guard lock(settings.mutex);
  // Longest first, so that of two secrets with one beginning the longer is hidden whole. Read again: already
  // there.
  auto place = settings.secrets.begin();
  while (place != settings.secrets.end() && place->size() >= secret.size()) {
    if (*place == secret) return;
    ++place;
  }
  settings.secrets.emplace(place, secret);
}

std::string Redact(absl::string_view text) {
  Settings& settings = TheSettings();
  std::lock_guard lock(settings.mutex);
  std::string clean(text);
  for (const std::string& secret : settings.secrets) {
    absl::StrReplaceAll({{secret, "[hidden]"}}, &clean);
  }
  return clean;
}

}  // namespace penstock
