// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "destinations/destination.h"
#include "tests/fakes/fake_clock.h"

namespace penstock::destinations {

// What the contract needs of a system: a fresh warehouse, and a way to it beside the destination. The SQL
// that the contract runs itself is plain enough for every system; what is not is a method.
class Warehouse {
 public:
  virtual ~Warehouse() = default;

  // A destination on this warehouse, as a new process would open it. `clock` outlives it.
  virtual std::unique_ptr<Destination> Open(const Clock& clock) = 0;
  virtual void Execute(const std::string& sql) = 0;
  // In the query's order; NULL reads "<null>".
  virtual std::vector<std::vector<std::string>> Query(const std::string& sql) = 0;
  // From now on the table refuses to insert a row with this key.
  virtual void RefuseKey(const std::string& table, const std::string& key_column, const std::string& key) = 0;
  // No more.
  virtual void AcceptKey(const std::string& table, const std::string& key) = 0;
  // The type of a text column without a limit.
  virtual std::string TextType() const = 0;
  // Whether text may contain U+0000.
  virtual bool KeepsNul() const = 0;
  // Whether keys that differ only in blanks at their end are different.
  virtual bool KeepsBlanksApart() const { return true; }
};

// A warehouse with a server, which a connection leads to and where roles have rights.
class ServerWarehouse : public Warehouse {
 public:
  // A destination whose connection is lost when its first transaction is to be committed: before the server has
  // heard of it, or after (`applied`).
  virtual std::unique_ptr<Destination> OpenLosingTheCommit(const Clock& clock, bool applied) = 0;
  // The loader may not insert into the table any more.
  virtual void TakeInsertAway(const std::string& table) = 0;
};

// For INSTANTIATE_TEST_SUITE_P, once per system.
struct WarehouseKind {
  std::string name;
  std::function<std::unique_ptr<Warehouse>()> make;
};
inline void PrintTo(const WarehouseKind& kind, std::ostream* out) { *out << kind.name; }

class DestinationContract : public ::testing::TestWithParam<WarehouseKind> {
 protected:
  // As a process that was killed and came back.
  void Reopen();
  // Every conversation with all its columns, in order of id.
  std::vector<std::vector<std::string>> Conversations();
  std::string Domain(const std::string& id);

  FakeClock clock_;
  std::unique_ptr<Warehouse> warehouse_ = GetParam().make();
  std::unique_ptr<Destination> destination_ = warehouse_->Open(clock_);
};

// For systems with a server: the kind makes a ServerWarehouse.
class ServerContract : public DestinationContract {
 protected:
  ServerWarehouse& server() { return static_cast<ServerWarehouse&>(*warehouse_); }
  void LoadAgainAfterALostCommit(bool applied);
};

// For systems that can compare and keep the coverage.
class UpkeepContract : public DestinationContract {};

// The same with a conversations table that the guide's reader made, without a key, and another tool filled.
class ExistingTable : public DestinationContract {
 protected:
  ExistingTable();
  // `stamp` is an SQL expression.
  void Insert(const std::string& id, const std::string& stamp);
};

// For systems that can take such tables over.
class AdoptContract : public ExistingTable {
 protected:
  // `id` and `stamp` are SQL expressions.
  void Insert(const std::string& id, const std::string& stamp, const std::string& note);
  std::vector<std::string> Notes();
};

// For systems that can be asked.
class QueryContract : public DestinationContract {
 protected:
  // For each statement its rows.
  absl::StatusOr<std::vector<std::vector<TextRow>>> Ask(const ReadQuery& query);
  void Load(const std::vector<TypedRow>& rows);
  // With the schema in the place of each "$", where names must be whole.
  std::string In(const std::string& sql);
  std::string Ids();  // a statement
};
// And which answer all statements from one snapshot, in a session that can only read and be interrupted.
class SnapshotContract : public QueryContract {};

// Rows that were erased.
class EraseContract : public DestinationContract {};
class EraseExistingTable : public ExistingTable {};

}  // namespace penstock::destinations
