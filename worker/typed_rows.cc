// SPDX-License-Identifier: Apache-2.0
#include "worker/typed_rows.h"

#include <utility>

#include "base/status_macros.h"
#include "proto/convert.h"
#include "worker/normaliser.h"

namespace penstock::worker {

bool IsRow(const v1::Change& change) { return !change.erased() && !change.row().stand_in(); }

absl::StatusOr<TypedRows> MakeTypedRows(const std::vector<v1::Change>& changes, TableNames tables,
                                        const ColumnRules& columns) {
  TypedRows typed;
  typed.rows.reserve(changes.size());
  for (const v1::Change& change : changes) {
    if (change.row().stand_in()) continue;
    const Endpoint endpoint = FromProto(change.endpoint());
    if (change.erased()) {
      destinations::TypedRow& row = typed.erased.emplace_back();
      row.endpoint = endpoint;
      row.values.emplace_back(change.row().id());
      row.change = change.number();
      row.erased = true;
      continue;
    }
    ASSIGN_OR_RETURN(Normalised normalised, Normalise(change, destinations::TableOf(tables, endpoint)));
    typed.irregular += normalised.irregular;
    columns.Apply(normalised.row);
    typed.rows.push_back(std::move(normalised.row));
  }
  return typed;
}

}  // namespace penstock::worker
