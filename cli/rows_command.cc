// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/row_format.h"
#include "cli/table.h"
#include "cli/words.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

struct RowsFlags {
  std::string endpoint;
  std::string id;
  std::string format = "jsonl";
  bool raw = false;
};

absl::StatusOr<ExitCode> Count(Session& session, const RowsFlags& flags) {
  std::optional<Endpoint> only;
  if (!flags.endpoint.empty()) {
    ASSIGN_OR_RETURN(only, ParseEndpoint(flags.endpoint));
  }
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  v1::CountRowsRequest request;
  request.set_source(session.flags().source);
  ASSIGN_OR_RETURN(v1::CountRowsResponse response, admin->Call(&AdminStub::CountRows, request));
  v1::CountRowsResponse shown;
  for (const auto& count : response.counts()) {
    if (!only || ToProto(*only) == count.endpoint()) *shown.add_counts() = count;
  }
  if (session.flags().json) {
    session.out() << ToJson(shown) << "\n";
    return ExitCode::kDone;
  }
  Table table({{"ENDPOINT"}, {"ROWS", Table::kRight}, {"QUARANTINED", Table::kRight}});
  uint64_t rows = 0;
  uint64_t quarantined = 0;
  for (const auto& count : shown.counts()) {
    table.Add({Word(count.endpoint()), WithSeparators(count.rows()), WithSeparators(count.quarantined())});
    rows += count.rows();
    quarantined += count.quarantined();
  }
  if (!only) table.Add({"all", WithSeparators(rows), WithSeparators(quarantined)});
  session.out() << table.Render(session.width());
  if (quarantined > 0) session.out() << session.Next("quarantine list", 0) << "\n";
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Get(Session& session, const RowsFlags& flags) {
  ASSIGN_OR_RETURN(const Endpoint endpoint, ParseEndpoint(flags.endpoint));
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  v1::GetRowRequest request;
  request.set_source(session.flags().source);
  request.set_endpoint(ToProto(endpoint));
  request.set_id(flags.id);
  ASSIGN_OR_RETURN(v1::Row row, admin->Call(&AdminStub::GetRow, request));
  session.out() << (session.flags().json ? JsonLine(row) : row.raw()) << "\n";
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Export(Session& session, const RowsFlags& flags) {
  ASSIGN_OR_RETURN(const Endpoint endpoint, ParseEndpoint(flags.endpoint));
  const bool csv = flags.format == "csv";
  if (csv && flags.raw)
    return absl::InvalidArgumentError(
        "--raw: is for --format jsonl; csv holds the record in its last column");
  if (csv && session.flags().json) {
    return absl::InvalidArgumentError("--output json: contradicts --format csv; leave one of the two out");
  }
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  v1::ExportRowsRequest request;
  request.set_source(session.flags().source);
  request.set_endpoint(ToProto(endpoint));
  std::ostream& out = session.out();
  bool heading_due = csv;
  const auto write_heading = [&] {
    if (heading_due) out << kCsvHeading << "\n";
    heading_due = false;
  };
  RETURN_IF_ERROR(admin->ExportRows(request, [&](const v1::Row& row) -> absl::Status {
    write_heading();
    out << (csv ? CsvLine(row) : flags.raw ? RawLine(row) : JsonLine(row)) << '\n';
    if (out) return absl::OkStatus();
    return absl::ResourceExhaustedError("the export cannot be written; is the disk full?");
  }));
  write_heading();  // also of an endpoint without rows, but never before an error
  return ExitCode::kDone;
}

CLI::Option* AddEndpoint(CLI::App& app, RowsFlags& flags) {
  return app
      .add_option("--endpoint", flags.endpoint,
                  "conversations, interactions, plugin-calls, plugin-resources or users")
      ->option_text("E");
}

}  // namespace

void AddRowsCommands(CLI::App& app, Action& chosen) {
  CLI::App* group = AddGroup(app, {"rows",
                                   "Read the rows of the store.",
                                   {"penstock --state ./state rows count",
                                    "penstock --state ./state rows export --endpoint users > users.jsonl"}});
  auto flags = std::make_shared<RowsFlags>();
  CLI::App* count = AddCommand(
      *group, chosen, {"count", "How many rows each endpoint has.", {"penstock --state ./state rows count"}},
      [flags](Session& session) { return Count(session, *flags); });
  AddEndpoint(*count, *flags);

  CLI::App* get =
      AddCommand(*group, chosen,
                 {"get",
                  "One record, byte for byte as the API sent it. With --output json: its stamps too.",
                  {"penstock --state ./state rows get --endpoint users --id 4611686018427387904"}},
                 [flags](Session& session) { return Get(session, *flags); });
  AddEndpoint(*get, *flags)->required();
  get->add_option("--id", flags->id, "The record's id")->option_text("ID")->required();

  CLI::App* rows =
      AddCommand(*group, chosen,
                 {"export",
                  "All rows of an endpoint in order of id, one on each line. jsonl: id, created_time, "
                  "last_updated_time and the record; csv: the same four columns.",
                  {"penstock --state ./state rows export --endpoint plugin-calls --raw",
                   "penstock --state ./state rows export --endpoint users --format csv"}},
                 [flags](Session& session) { return Export(session, *flags); });
  AddEndpoint(*rows, *flags)->required();
  rows->add_option("--format", flags->format, "jsonl (the default) or csv")
      ->option_text("FORMAT")
      ->check(CLI::IsMember({"jsonl", "csv"}));
  rows->add_flag("--raw", flags->raw,
                 "The records alone, as the API sent them, without white space between tokens");
}

}  // namespace penstock::cli
