// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlserver/dialect.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "base/status_macros.h"
#include "destinations/sqlserver/sql_text.h"

namespace penstock::destinations::sqlserver {
namespace {

constexpr char kOldest[] = "'0001-01-01T00:00:00'";

// Whether a column of the profile holds the id of a record. A resource's own id may be anything.
bool HoldsId(const Column& column) {
  const std::string& field = column.fields.front();
  for (const char* id :
       {"id", "conversation_id", "interaction_id", "parent_interaction_id", "plugin_call_id", "user_id"}) {
    if (field == id) return true;
  }
  return false;
}

std::string IdType() { return absl::StrCat("nvarchar(", kIdUnits, ") COLLATE ", kIdCollation); }

std::string NativeType(const Column& column) {
  switch (column.type) {
    case ColumnType::kText:
      return HoldsId(column) ? IdType() : "nvarchar(max)";
    case ColumnType::kTimestamp:
      return kInstantType;
    case ColumnType::kBoolean:
      return "bit";
    case ColumnType::kJson:
      return "nvarchar(max)";
  }
  CHECK(false);
}

struct Declared {
  std::string name;
  std::string type;
  std::string comment;
};

std::vector<Declared> Declarations(const Table& table) {
  std::vector<Declared> all;
  for (const Column& column : table.columns) all.push_back({column.name, NativeType(column), column.comment});
  all.push_back({kExtraColumn, "nvarchar(max)", "Fields that the columns do not know (Json col)"});
  all.push_back({kSequenceColumn, "bigint", "Number of the row's last change in the Penstock store"});
  all.push_back({kLoadedAtColumn, kInstantType, "When the row was written here, UTC"});
  return all;
}

std::string Names(const Layout& layout, absl::string_view row) {
  return absl::StrJoin(layout.targets, ", ", [row](std::string* out, const Target& target) {
    absl::StrAppend(out, row, target.name);
  });
}

// The bytes of a text: its comparison regards neither case nor blanks at the end.
std::string Bytes(absl::string_view value) { return absl::StrCat("CONVERT(varbinary(max), ", value, ")"); }

// By an index, as the column compares, and then exactly.
std::string SameId(const Layout& layout) {
  const std::string& key = layout.targets.front().name;
  return absl::Substitute("t.$0 = s.$0 AND $1 = $2", key, Bytes(absl::StrCat("t.", key)),
                          Bytes(absl::StrCat("s.", key)));
}

std::string StampOf(const Target& target, absl::string_view row) {
  const std::string column = absl::StrCat(row, ".", target.name);
  switch (target.kind) {
    case Kind::kText:
      // RFC 3339 with a zone; what else a column of text may hold, the conversion would guess at.
      return absl::Substitute(
          "COALESCE(CASE WHEN $0 LIKE '____-__-__T__:__:__%' AND ($0 LIKE '%Z' OR $0 LIKE '%+__:__' OR $0 "
          "LIKE '%-__:__') THEN TRY_CONVERT(datetimeoffset(6), $0) END, '0001-01-01T00:00:00+00:00')",
          column);
    case Kind::kInstantZoned:
      return absl::StrCat("COALESCE(", column, ", '0001-01-01T00:00:00+00:00')");
    default:
      return absl::Substitute("COALESCE(CONVERT($0, $1), $2)", kInstantType, column, kOldest);
  }
}

// All but the key, to be compared. The last one, PENSTOCK_SEQ, tells most of them apart.
std::string Content(const Layout& layout, absl::string_view row) {
  std::vector<std::string> all;
  for (size_t i = layout.targets.size() - 1; i > 0; --i) {
    const std::string column = absl::StrCat(row, ".", layout.targets[i].name);
    all.push_back(layout.targets[i].kind == Kind::kText ? Bytes(column) : column);
  }
  return absl::StrJoin(all, ", ");
}

// EXCEPT takes two NULLs for the same.
std::string Differs(const Layout& layout) {
  return absl::Substitute("EXISTS (SELECT $0 EXCEPT SELECT $1)", Content(layout, "t"), Content(layout, "s"));
}

struct Stamps {
  std::string mine;    // of the stored row t
  std::string theirs;  // of s
};

Stamps BothStamps(const Table& table, const Layout& layout) {
  const Target& stamp = layout.targets[StampColumn(table)];
  return {StampOf(stamp, "t"), StampOf(stamp, "s")};
}

// Whether the stored row `t` gives way to `s`.
std::string Guard(const Table& table, const Layout& layout) {
  const Stamps stamps = BothStamps(table, layout);
  return absl::Substitute("$0 > $1 OR ($0 = $1 AND $2)", stamps.theirs, stamps.mine, Differs(layout));
}

}  // namespace

std::string SessionSettings(absl::Duration lock_timeout) {
  return absl::StrCat(
      "SET XACT_ABORT ON; SET ANSI_NULLS ON; SET ANSI_PADDING ON; SET ANSI_WARNINGS ON; SET ARITHABORT ON; "
      "SET CONCAT_NULL_YIELDS_NULL ON; SET QUOTED_IDENTIFIER ON; SET NOCOUNT OFF; SET LOCK_TIMEOUT ",
      absl::ToInt64Milliseconds(lock_timeout));
}

std::string LockSchema(absl::string_view schema) {
  return absl::StrCat("DECLARE @granted int; EXEC @granted = sp_getapplock @Resource = ",
                      QuoteText(absl::StrCat("penstock ", schema)),
                      ", @LockMode = 'Exclusive', @LockOwner = 'Transaction'; SELECT @granted");
}

std::string CreateSchema(absl::string_view schema) {
  return absl::StrCat("CREATE SCHEMA ", QuoteName(schema));
}

std::string CreateTable(absl::string_view schema, const Table& table) {
  std::vector<std::string> columns;
  for (const Declared& declared : Declarations(table)) {
    columns.push_back(absl::StrCat(QuoteName(declared.name), " ", declared.type,
                                   columns.empty() ? " NOT NULL PRIMARY KEY NONCLUSTERED" : " NULL"));
  }
  return absl::StrCat("CREATE TABLE ", Qualified(schema, table.name), " (\n  ",
                      absl::StrJoin(columns, ",\n  "), "\n)");
}

std::string DescribeColumns(absl::string_view schema, const Table& table) {
  std::vector<std::string> all;
  for (const Declared& declared : Declarations(table)) {
    all.push_back(absl::Substitute(
        "EXEC sys.sp_addextendedproperty N'MS_Description', $0, N'SCHEMA', $1, N'TABLE', $2, N'COLUMN', $3",
        QuoteText(declared.comment), QuoteText(schema), QuoteText(table.name), QuoteText(declared.name)));
  }
  return absl::StrJoin(all, ";\n");
}

std::string AddColumn(absl::string_view schema, const Table& table, absl::string_view column) {
  for (const Declared& declared : Declarations(table)) {
    if (declared.name != column) continue;
    return absl::StrCat("ALTER TABLE ", Qualified(schema, table.name), " ADD ", QuoteName(column), " ",
                        declared.type, " NULL");
  }
  CHECK(false);
}

std::string CreateKeyIndex(absl::string_view schema, const Table& table) {
  return absl::StrCat("CREATE INDEX ", QuoteName(absl::StrCat("PENSTOCK_KEY_", table.name)), " ON ",
                      Qualified(schema, table.name), " (", QuoteName(table.columns.front().name), ")");
}

std::string StageName(const Table& table) {
  std::string name(Name(table.endpoint));
  std::replace(name.begin(), name.end(), '-', '_');
  return absl::StrCat("#PENSTOCK_STAGE_", absl::AsciiStrToUpper(name));
}

std::string DropStage(const Table& table) { return absl::StrCat("DROP TABLE IF EXISTS ", StageName(table)); }

std::string CreateStage(const Table& table, const Layout& layout) {
  return absl::StrCat("CREATE TABLE ", StageName(table), " (",
                      absl::StrJoin(layout.targets, ", ",
                                    [](std::string* out, const Target& target) {
                                      absl::StrAppend(out, target.name, " ", target.type,
                                                      target.collation.empty() ? "" : " COLLATE ",
                                                      target.collation, " NULL");
                                    }),
                      ")");
}

std::string EmptyStage(const Table& table) { return absl::StrCat("DELETE FROM ", StageName(table)); }

std::string FillStage(const Table& table, const Layout& layout) {
  std::vector<std::string> cells;
  std::vector<std::string> columns;
  for (size_t i = 0; i < layout.targets.size(); ++i) {
    const Target& target = layout.targets[i];
    cells.push_back(absl::StrCat("j.[c", i, "]"));
    // A text that is too long is an error of the insertion, not a shorter text.
    columns.push_back(
        absl::StrCat("[c", i, "] ", target.kind == Kind::kText ? "nvarchar(max)" : target.type));
  }
  return absl::StrCat("INSERT INTO ", StageName(table), " (", Names(layout, ""), ") SELECT ",
                      absl::StrJoin(cells, ", "), " FROM ", FromJson(columns));
}

std::string LockTable(absl::string_view schema, const Table& table) {
  return absl::StrCat("SELECT COUNT(*) FROM (SELECT TOP (1) 1 AS [ONE] FROM ", Qualified(schema, table.name),
                      " WITH (TABLOCKX, HOLDLOCK)) AS l");
}

std::string UpdateFromStage(absl::string_view schema, const Table& table, const Layout& layout,
                            absl::Time now) {
  std::vector<std::string> assignments;
  for (size_t i = 1; i < layout.targets.size(); ++i) {
    assignments.push_back(absl::StrCat(layout.targets[i].name, " = s.", layout.targets[i].name));
  }
  assignments.push_back(absl::StrCat(QuoteName(kLoadedAtColumn), " = ", InstantLiteral(now)));
  return absl::Substitute("UPDATE t SET $0 FROM $1 AS t JOIN $2 AS s ON $3 WHERE $4",
                          absl::StrJoin(assignments, ", "), Qualified(schema, table.name), StageName(table),
                          SameId(layout), Guard(table, layout));
}

std::string InsertFromStage(absl::string_view schema, const Table& table, const Layout& layout,
                            absl::Time now) {
  return absl::Substitute(
      "INSERT INTO $0 ($1, $2) SELECT $3, $4 FROM $5 AS s WHERE NOT EXISTS (SELECT 1 FROM $0 AS t WHERE $6)",
      Qualified(schema, table.name), Names(layout, ""), QuoteName(kLoadedAtColumn), Names(layout, "s."),
      InstantLiteral(now), StageName(table), SameId(layout));
}

std::string DeleteRows(absl::string_view schema, const Table& table, const Layout& layout) {
  const Target& key = layout.targets.front();
  // Bytes can be compared only with those of the same kind of text.
  const bool narrow = absl::StartsWith(key.type, "varchar") || absl::StartsWith(key.type, "char");
  const std::string id =
      key.collation.empty() ? std::string("j.[i]") : absl::StrCat("j.[i] COLLATE ", key.collation);
  return absl::Substitute("DELETE FROM $0 WHERE EXISTS (SELECT 1 FROM $1 WHERE $2 = $3 AND $4 = $5)",
                          Qualified(schema, table.name),
                          FromJson({narrow ? "[i] varchar(max)" : "[i] nvarchar(max)"}), id, key.name,
                          Bytes("j.[i]"), Bytes(key.name));
}

std::string CompareStage(absl::string_view schema, const Table& table, const Layout& layout) {
  const Stamps stamps = BothStamps(table, layout);
  return absl::Substitute(
      "SELECT c.$0, c.[STANDING] FROM (SELECT s.$0, CASE WHEN t.$1 IS NULL THEN 3 WHEN $2 < $3 THEN 2 WHEN "
      "$4 THEN 1 ELSE 0 END AS [STANDING] FROM $5 AS s LEFT JOIN $6 AS t ON $7) AS c WHERE c.[STANDING] > 0",
      layout.targets.back().name, layout.targets.front().name, stamps.theirs, stamps.mine,
      Guard(table, layout), StageName(table), Qualified(schema, table.name), SameId(layout));
}

std::string CountRows(absl::string_view schema, const Table& table) {
  return absl::StrCat("SELECT COUNT_BIG(*) FROM ", Qualified(schema, table.name));
}

}  // namespace penstock::destinations::sqlserver
