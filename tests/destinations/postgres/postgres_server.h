// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/config.h"
#include "tests/destinations/sqlite/sqlite_warehouse.h"
#include "tests/fakes/self_signed.h"

namespace penstock::destinations {

// A real server, as Debian's postgresql package brings it, in a folder of its own: listens on a Unix socket and on
// a free port of 127.0.0.1, with TLS by a certificate that is for "localhost". Runs as the package's user when the
// test is root. Role "loader" comes in through the socket without a password and over TCP with kPassword; role
// "carded" over TCP with the client's certificate; the superuser "admin" through the socket.
class PostgresServer {
 public:
  static constexpr char kPassword[] = "correct-horse-battery";

  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;

  // One for all tests of the process.
  static PostgresServer& Shared();

  // Through the socket as `user`.
  PostgresConfig Config(const std::string& schema, const std::string& user = "loader") const;
  // As "admin". A failing statement fails the test.
  void Execute(const std::string& sql, const std::string& database = "postgres");
  // NULL reads "<null>", timestamps and booleans as SQLite has them: 2026-03-16T06:02:51.061Z, 1.
  std::vector<std::vector<std::string>> Query(const std::string& sql,
                                              const std::string& database = "postgres");
  // A schema of its own, in which "loader" may create.
  std::string NewSchema();

  void Stop();
  void Start();

  std::string socket() const;
  std::string socket_folder() const { return folder_.path(); }
  int port() const { return port_; }
  // What the test itself puts beside the server's files.
  std::string File(const std::string& name) const { return folder_ / name; }
  std::string certificate() const { return folder_ / "server.crt"; }
  const SelfSigned& card() const { return card_; }

 private:
  // A program of the package, as the user that may run it; the child's pid.
  pid_t Spawn(const std::vector<std::string>& arguments) const;

  const TemporaryFolder folder_;
  const SelfSigned certificate_;
  const SelfSigned card_{"carded"};
  int port_ = 0;
  int schemas_ = 0;
  pid_t pid_ = 0;
};

}  // namespace penstock::destinations
