// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlite/read.h"

#include <utility>

#include "absl/strings/match.h"
#include "base/status_macros.h"
#include "destinations/sqlite/connection.h"

namespace penstock::destinations::sqlite {
namespace {

absl::Status Trouble(const ReadMeter& meter, absl::Status status) {
  const std::string words = OwnWords(status);
  if (absl::StartsWith(words, "no such ")) {
    status = absl::NotFoundError(status.message());
  } else if (absl::IsPermissionDenied(status) && absl::StrContains(words, "readonly")) {
    status = absl::FailedPreconditionError(status.message());
  }
  return meter.Trouble(status, words);
}

absl::Status ReadRows(Statement& statement, size_t number, ReadMeter& meter, const RowSink& sink,
                      const absl::Status& stopped) {
  while (true) {
    const absl::StatusOr<bool> row = statement.Step();
    if (!stopped.ok()) return stopped;
    if (!row.ok()) return Trouble(meter, row.status());
    if (!*row) return absl::OkStatus();
    TextRow cells;
    for (int i = 0; i < statement.columns(); ++i) {
      cells.push_back(statement.IsNull(i) ? std::nullopt : std::optional<std::string>(statement.Text(i)));
    }
    RETURN_IF_ERROR(meter.Count(cells));
    RETURN_IF_ERROR(sink(number, std::move(cells)));
  }
}

}  // namespace

absl::Status Read(const std::string& path, absl::Duration busy_timeout, const ReadQuery& query,
                  ReadMeter& meter, const RowSink& sink) {
  RETURN_IF_ERROR(meter.CheckStatements());
  const auto connection = Connection::Open(path, {.read = true, .busy_timeout = busy_timeout});
  if (!connection.ok()) return Trouble(meter, connection.status());
  absl::Status stopped;
  (*connection)->Watch([&] {
    stopped.Update(meter.KeepOn());
    return stopped.ok();
  });
  // One snapshot for all; it ends with the connection.
  RETURN_IF_ERROR((*connection)->Execute("BEGIN"));
  for (size_t i = 0; i < query.statements.size(); ++i) {
    absl::StatusOr<Statement> statement = (*connection)->Prepare(query.statements[i]);
    if (!statement.ok()) return Trouble(meter, statement.status());
    RETURN_IF_ERROR(ReadRows(*statement, i, meter, sink, stopped));
  }
  return absl::OkStatus();
}

}  // namespace penstock::destinations::sqlite
