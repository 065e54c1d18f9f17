// SPDX-License-Identifier: Apache-2.0
#include "worker/query_answer.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "proto/convert.h"
#include "worker/limits.h"

namespace penstock::worker {
namespace {

using Column = v1::QueryColumn;

void AddColumn(const std::string& name, Column::Kind kind, v1::QueryHeader* header) {
  Column& column = *header->add_columns();
  column.set_name(name);
  column.set_kind(kind);
}

void Add(std::optional<double> number, v1::QueryRow* row) {
  v1::QueryValue& value = *row->add_values();
  if (number.has_value()) value.set_number(*number);
}

void Add(std::optional<int64_t> number, v1::QueryRow* row) {
  v1::QueryValue& value = *row->add_values();
  if (number.has_value()) value.set_integer(*number);
}

std::string Word(metrics::By by) {
  switch (by) {
    case metrics::By::kTotal:
      return metrics::kTotal;
    case metrics::By::kDay:
      return "day";
    case metrics::By::kWeek:
      return "week";
    case metrics::By::kMonth:
      return "month";
  }
  CHECK(false);
}

void SetTimes(const metrics::Frame& frame, v1::QueryHeader* header) {
  *header->mutable_from() = ToProto(frame.from);
  *header->mutable_to() = ToProto(frame.to);
  header->set_time_zone(frame.zone);
  header->set_by(Word(frame.by));
}

}  // namespace

QueryResult TableOf(const metrics::Request& request, const metrics::Answer& answer) {
  QueryResult result;
  v1::QueryHeader& header = result.header;
  AddColumn("period", Column::PERIOD, &header);
  for (const std::string& group : answer.groups) AddColumn(group, Column::GROUP, &header);
  AddColumn("value", Column::VALUE, &header);
  AddColumn("numerator", Column::NUMERATOR, &header);
  AddColumn("denominator", Column::DENOMINATOR, &header);
  AddColumn("provisional", Column::PROVISIONAL, &header);
  AddColumn("unattributed", Column::UNATTRIBUTED, &header);
  for (const std::string& beside : answer.beside) AddColumn(beside, Column::BESIDE, &header);
  for (const std::string& warning : answer.warnings) header.add_warnings(warning);
  SetTimes(request.frame, &header);
  for (const metrics::Cell& cell : answer.cells) {
    v1::QueryRow& row = result.rows.emplace_back();
    row.add_values()->set_text(cell.period);
    for (const std::string& group : cell.groups) row.add_values()->set_text(group);
    Add(cell.value, &row);
    Add(std::optional<double>(cell.numerator), &row);
    Add(cell.denominator, &row);
    row.add_values()->set_flag(cell.provisional);
    Add(cell.unattributed, &row);
    for (const std::optional<int64_t>& beside : cell.beside) Add(beside, &row);
  }
  return result;
}

QueryResult TableOf(const metrics::Request& request, const metrics::CountedRows& found) {
  QueryResult result;
  v1::QueryHeader& header = result.header;
  AddColumn("period", Column::PERIOD, &header);
  for (const std::string& group : found.groups) AddColumn(group, Column::GROUP, &header);
  AddColumn("id", Column::KIND_UNSPECIFIED, &header);
  if (found.timed) AddColumn("created", Column::KIND_UNSPECIFIED, &header);
  for (const metrics::RowColumn& column : found.columns) {
    AddColumn(column.name, Column::KIND_UNSPECIFIED, &header);
  }
  SetTimes(request.frame, &header);
  header.set_more(found.more);
  for (const metrics::CountedRows::Row& counted : found.rows) {
    v1::QueryRow& row = result.rows.emplace_back();
    row.add_values()->set_text(counted.period);
    for (const std::string& group : counted.groups) row.add_values()->set_text(group);
    row.add_values()->set_text(counted.id);
    if (found.timed) row.add_values()->set_text(FormatStamp(counted.created));
    for (size_t i = 0; i < counted.values.size(); ++i) {
      v1::QueryValue& value = *row.add_values();
      double number = 0;
      if (!counted.values[i].has_value()) continue;
      if (found.columns[i].number && absl::SimpleAtod(*counted.values[i], &number)) {
        value.set_number(number);
      } else {
        value.set_text(*counted.values[i]);
      }
    }
  }
  return result;
}

QueryResult ListOf(const std::string& column, const std::vector<std::string>& texts) {
  QueryResult result;
  AddColumn(column, Column::KIND_UNSPECIFIED, &result.header);
  for (const std::string& text : texts) result.rows.emplace_back().add_values()->set_text(text);
  return result;
}

std::vector<v1::QueryAnswer> PiecesOf(QueryResult result) {
  std::vector<v1::QueryAnswer> pieces(1);
  *pieces.back().mutable_header() = std::move(result.header);
  for (v1::QueryRow& row : result.rows) {
    if (static_cast<size_t>(pieces.back().rows_size()) >= kQueryMessageRows) pieces.emplace_back();
    *pieces.back().add_rows() = std::move(row);
  }
  return pieces;
}

std::vector<v1::ReportQueryRequest> ReportOf(QueryResult result) {
  const size_t rows = result.rows.size();
  std::vector<v1::ReportQueryRequest> messages;
  for (v1::QueryAnswer& piece : PiecesOf(std::move(result))) {
    *messages.emplace_back().mutable_answer() = std::move(piece);
  }
  messages.emplace_back().mutable_end()->set_rows(rows);
  return messages;
}

v1::ReportQueryRequest ReportOf(const absl::Status& failure) {
  v1::ReportQueryRequest message;
  message.mutable_failure()->set_code(static_cast<int>(failure.code()));
  message.mutable_failure()->set_detail(Redact(std::string(failure.message())));
  return message;
}

}  // namespace penstock::worker
