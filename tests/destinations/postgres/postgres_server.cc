// SPDX-License-Identifier: Apache-2.0
#include "tests/destinations/postgres/postgres_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "tests/fakes/await.h"

namespace penstock::destinations {
namespace {

constexpr Oid kBoolOid = 16;
constexpr Oid kTimestamptzOid = 1184;

std::string Program(const std::string& name) {
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql")) {
    const std::filesystem::path path = version.path() / "bin" / name;
    if (std::filesystem::exists(path)) return path;
  }
  CHECK(false);  // ./dev installs the package postgresql
}

int FreePort() {
  const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(bind(socket_fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  socklen_t size = sizeof address;
  CHECK(getsockname(socket_fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  close(socket_fd);
  return ntohs(address.sin_port);
}

void Give(const std::string& path) {
  if (geteuid() != 0) return;
  const passwd* user = getpwnam("postgres");
  CHECK(user != nullptr && chown(path.c_str(), user->pw_uid, user->pw_gid) == 0);
}

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
  void operator()(PGconn* connection) const { PQfinish(connection); }
};

std::string Cell(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column)) return "<null>";
  std::string text(PQgetvalue(result, row, column), PQgetlength(result, row, column));
  if (PQftype(result, column) == kBoolOid) return text == "t" ? "1" : "0";
  if (PQftype(result, column) != kTimestamptzOid) return text;
  // "2026-03-16 06:02:51.06+00"; zeros at a fraction's end are left out.
  text[10] = 'T';
  text.resize(text.size() - 3);
  if (text.size() == 19) text += '.';
  text.resize(text.size() <= 23 ? 23 : 26, '0');
  return text + "Z";
}

}  // namespace

PostgresServer::PostgresServer() {
  Give(folder_.path());
  certificate_.WriteCertificate(certificate());
  certificate_.WriteKey(folder_ / "server.key");
  Give(folder_ / "server.key");
  card_.WriteCertificate(folder_ / "card.crt");
  port_ = FreePort();
  const pid_t made = Spawn({Program("initdb"), "-D", folder_ / "data", "-U", "admin", "-A", "trust", "-E",
                            "UTF8", "--locale=C.UTF-8", "--no-sync"});
  int status = 0;
  CHECK(waitpid(made, &status, 0) == made);
  if (status != 0) ADD_FAILURE() << std::ifstream(folder_ / "log").rdbuf();
  CHECK(status == 0);
  std::ofstream(folder_ / "data/pg_hba.conf") << "local all all trust\n"
                                                 "hostssl all carded 127.0.0.1/32 cert\n"
                                                 "host all loader 127.0.0.1/32 scram-sha-256\n";
  std::ofstream(folder_ / "data/postgresql.conf", std::ios::app)
      << "listen_addresses = '127.0.0.1'\nport = " << port_ << "\nunix_socket_directories = '"
      << folder_.path()
      << "'\nfsync = off\nmax_connections = 40\nshared_buffers = 64MB\nssl = on\nssl_cert_file = '"
      << certificate() << "'\nssl_key_file = '" << (folder_ / "server.key") << "'\nssl_ca_file = '"
      << (folder_ / "card.crt") << "'\n";
  Start();
  Execute("CREATE ROLE loader LOGIN; CREATE ROLE carded LOGIN");
  Execute(absl::StrCat("ALTER ROLE loader PASSWORD '", kPassword, "'"));
}

PostgresServer::~PostgresServer() { Stop(); }

PostgresServer& PostgresServer::Shared() {
  static PostgresServer server;  // stopped at the end of the process
  return server;
}

pid_t PostgresServer::Spawn(const std::vector<std::string>& arguments) const {
  const passwd* user = geteuid() == 0 ? getpwnam("postgres") : nullptr;
  CHECK(geteuid() != 0 || user != nullptr);
  const std::string log = folder_ / "log";
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child > 0) return child;
  if (user != nullptr && (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) _exit(126);
  prctl(PR_SET_PDEATHSIG, SIGQUIT);  // a test that aborts leaves no server behind
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  dup2(out, 1);
  dup2(out, 2);
  if (chdir("/") != 0) _exit(126);
  execv(argv[0], argv.data());
  _exit(127);
}

void PostgresServer::Start() {
  pid_ = Spawn({Program("postgres"), "-D", folder_ / "data"});
  const std::string place = absl::StrCat("host=", folder_.path(), " port=", port_, " dbname=postgres");
  CHECK(Await([&] { return PQping(place.c_str()) == PQPING_OK; }));
}

void PostgresServer::Stop() {
  if (pid_ == 0) return;
  kill(pid_, SIGINT);  // ends sessions and stops in good order
  CHECK(waitpid(pid_, nullptr, 0) == pid_);
  pid_ = 0;
}

std::string PostgresServer::socket() const { return absl::StrCat(folder_.path(), "/.s.PGSQL.", port_); }

PostgresConfig PostgresServer::Config(const std::string& schema, const std::string& user) const {
  PostgresConfig config;
  config.host = folder_.path();
  config.port = static_cast<uint32_t>(port_);
  config.database = "postgres";
  config.schema = schema;
  config.user = user;
  config.tls = TlsMode::kPrefer;
  return config;
}

void PostgresServer::Execute(const std::string& sql, const std::string& database) { Query(sql, database); }

std::vector<std::vector<std::string>> PostgresServer::Query(const std::string& sql,
                                                            const std::string& database) {
  const std::string place = absl::StrCat("host=", folder_.path(), " port=", port_, " dbname=", database,
                                         " user=admin options='-c TimeZone=UTC'");
  const std::unique_ptr<PGconn, Clear> connection(PQconnectdb(place.c_str()));
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  const std::unique_ptr<PGresult, Clear> result(PQexec(connection.get(), sql.c_str()));
  const ExecStatusType status = PQresultStatus(result.get());
  EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
      << sql << ": " << PQerrorMessage(connection.get());
  std::vector<std::vector<std::string>> rows;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    std::vector<std::string>& cells = rows.emplace_back();
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      cells.push_back(Cell(result.get(), row, column));
    }
  }
  return rows;
}

std::string PostgresServer::NewSchema() {
  const std::string schema = absl::StrCat("s", ++schemas_);
  Execute(absl::StrCat("CREATE SCHEMA ", schema, " AUTHORIZATION loader"));
  return schema;
}

}  // namespace penstock::destinations
