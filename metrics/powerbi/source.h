// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/config.h"

namespace penstock::metrics::powerbi {

// Whether Power BI keeps a copy of the rows, or asks the warehouse each time.
enum class Mode { kImport, kDirectQuery };
// "import", "directquery". INVALID_ARGUMENT names the nearest.
absl::StatusOr<Mode> ParseMode(const std::string& text);

// A destination as Power BI reaches it. No user, no role, no secret: whoever opens the files brings his own.
struct Source {
  DestinationType type = DestinationType::kPostgres;
  std::string server;  // HOST, HOST:PORT
  std::string database;
  std::string schema;
  std::string warehouse = {};  // Snowflake's
};

// `server`: where Power BI finds it, when that is not where Penstock does; empty: the same. INVALID_ARGUMENT: one
// sentence that says why Power BI cannot read it and what to do.
absl::StatusOr<Source> SourceOf(const DestinationConfig& destination, const std::string& server);

// A .pbids file: the first step of "Get data" with the connection filled in.
// https://learn.microsoft.com/power-bi/connect-data/desktop-data-sources#use-pbids-files-to-get-data
std::string Pbids(const Source& source, Mode mode);

// M, the language of Power Query. What a model asks for when it is opened elsewhere, by name and value.
struct SourceParameter {
  std::string name;
  std::string value;
};
std::vector<SourceParameter> SourceParameters(const Source& source);
// The steps of `let` that lead to a view: "Source = PostgreSQL.Database(Server, Database)", ..; the last is View.
std::vector<std::string> StepsTo(const std::string& view, const Source& source);
std::string QuoteM(const std::string& text);
// A view's column, as the system spells it.
std::string SourceColumn(const std::string& column, const Source& source);

}  // namespace penstock::metrics::powerbi
