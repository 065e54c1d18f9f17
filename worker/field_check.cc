// SPDX-License-Identifier: Apache-2.0
#include "worker/field_check.h"

#include <algorithm>

#include "worker/limits.h"

namespace penstock::worker {
namespace {

using destinations::Column;
using destinations::ColumnType;

constexpr v1::JsonType kNotNull[] = {v1::JSON_BOOLEAN, v1::JSON_NUMBER, v1::JSON_STRING, v1::JSON_OBJECT,
                                     v1::JSON_ARRAY};

// As the normaliser does: whether some value of the type fits.
bool Takes(ColumnType column, v1::JsonType type) {
  switch (column) {
    case ColumnType::kText:
      return type == v1::JSON_STRING || type == v1::JSON_NUMBER;
    case ColumnType::kTimestamp:
      return type == v1::JSON_STRING;
    case ColumnType::kBoolean:
      return type == v1::JSON_BOOLEAN || type == v1::JSON_STRING || type == v1::JSON_NUMBER;
    case ColumnType::kJson:
      return true;
  }
  return false;
}

const Column* ColumnOf(const destinations::Table& table, const std::string& field) {
  for (const Column& column : table.columns) {
    if (std::find(column.fields.begin(), column.fields.end(), field) != column.fields.end()) return &column;
  }
  return nullptr;
}

v1::JsonType AnyType(const PageField& field) {
  for (v1::JsonType type : kNotNull) {
    if (field.Has(type)) return type;
  }
  return v1::JSON_NULL;
}

}  // namespace

std::vector<v1::OddField> OddFields(const std::vector<PageField>& fields, const destinations::Table& table) {
  std::vector<v1::OddField> odd;
  const auto add = [&](const PageField& field, v1::JsonType type, const std::string& column) {
    if (odd.size() >= kOddFieldsMax) return;
    v1::OddField& one = odd.emplace_back();
    one.set_name(field.name.substr(0, kFieldNameBytesMax));
    one.set_type(type);
    one.set_column(column);
  };
  for (const PageField& field : fields) {
    const Column* column = ColumnOf(table, field.name);
    if (column == nullptr) {
      add(field, AnyType(field), "");
      continue;
    }
    for (v1::JsonType type : kNotNull) {
      if (field.Has(type) && !Takes(column->type, type)) add(field, type, column->name);
    }
  }
  return odd;
}

}  // namespace penstock::worker
