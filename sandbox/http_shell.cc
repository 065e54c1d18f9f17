// SPDX-License-Identifier: Apache-2.0
#include "sandbox/http_shell.h"

#include <httplib.h>
#include <sys/socket.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "sandbox/connection.h"

namespace penstock::sandbox {
namespace {

constexpr size_t kThreads = 64;
constexpr absl::Duration kKeepAlive = absl::Seconds(75);
constexpr int kBodySlices = 20;

// The connection that this thread serves: httplib hands the request over, but not the way back.
thread_local Connection* current_connection = nullptr;

// httplib with our own connections, so that they can be reset, and ended at once when the sandbox stops.
class Server final : public httplib::Server {
 public:
  void EndConnections() {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    for (socket_t socket : open_) shutdown(socket, SHUT_RDWR);
  }

 private:
  bool process_and_close_socket(socket_t socket) override {
    Connection connection(socket);
    if (!Enter(socket)) return false;
    current_connection = &connection;
    bool open = true;
    while (open && connection.WaitForRequest(kKeepAlive)) {
      bool closed = false;
      // With more connections than threads an idle one must not keep a thread from those that wait.
      const bool last = crowd_ > kThreads / 2;
      open = process_request(connection, last, closed, nullptr) && !closed && !last;
    }
    current_connection = nullptr;
    Leave(socket);
    return true;
  }

  bool Enter(socket_t socket) {
    std::lock_guard lock(mutex_);
    if (stopped_) return false;
    open_.insert(socket);
    crowd_ = open_.size();
    return true;
  }
  void Leave(socket_t socket) {
    std::lock_guard lock(mutex_);
    open_.erase(socket);
    crowd_ = open_.size();
  }

  std::mutex mutex_;
  bool stopped_ = false;
  std::set<socket_t> open_;
  std::atomic<size_t> crowd_ = 0;
};

// Hands out a body piece by piece, as its delivery wants it.
class BodyFeeder {
 public:
  BodyFeeder(HttpReply reply, const absl::Notification& stop) : reply_(std::move(reply)), stop_(stop) {}

  bool Feed(size_t offset, httplib::DataSink& sink) const {
    const std::string& body = reply_.body;
    size_t end = reply_.delivery.cut ? body.size() / 2 : body.size();
    if (offset >= end) return false;
    absl::Duration pause;
    if (reply_.delivery.drip) {
      end = offset + 1;
      pause = absl::Seconds(1);
    } else if (reply_.delivery.body > absl::ZeroDuration()) {
      end = std::min(end, offset + body.size() / kBodySlices + 1);
      pause = reply_.delivery.body / kBodySlices;
    }
    if (pause > absl::ZeroDuration() && stop_.WaitForNotificationWithTimeout(pause)) return false;
    return sink.write(body.data() + offset, end - offset);
  }

 private:
  const HttpReply reply_;
  const absl::Notification& stop_;
};

class Shell final : public HttpShell {
 public:
  explicit Shell(Handler handler) : handler_(std::move(handler)) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_.set_keep_alive_max_count(1'000'000);
    server_.set_keep_alive_timeout(absl::ToInt64Seconds(kKeepAlive));
    server_.set_payload_max_length(1 << 20);
    const auto serve = [this](const httplib::Request& request, httplib::Response& response) {
      Serve(request, response);
    };
    // Before routing, because httplib would match every path against regular expressions; a POST has no body
    // yet there.
    server_.set_pre_routing_handler([serve](const httplib::Request& request, httplib::Response& response) {
      if (request.method == "POST") return httplib::Server::HandlerResponse::Unhandled;
      serve(request, response);
      return httplib::Server::HandlerResponse::Handled;
    });
    server_.Post(".*", serve);
  }
  ~Shell() override { Stop(); }

  absl::Status Start(const std::string& host, int port) {
    const bool bound =
        port == 0 ? (port_ = server_.bind_to_any_port(host)) > 0 : server_.bind_to_port(host, port);
    if (port != 0) port_ = port;
    if (!bound) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", host, ":", port,
                                                 ": the port is taken or the address is not of this machine; "
                                                 "port 0 takes any free one"));
    }
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  void Stop() override {
    std::lock_guard lock(stop_mutex_);
    if (!thread_.joinable()) return;
    stop_.Notify();
    server_.stop();
    server_.EndConnections();
    thread_.join();
  }

 private:
  void Serve(const httplib::Request& from, httplib::Response& to) {
    HttpRequest request;
    request.method = from.method;
    request.path = from.path;
    // Not httplib's own: it loses what stands before a second `=`.
    const size_t question = from.target.find('?');
    if (question != std::string::npos)
      request.parameters = DecodeParameters(from.target.substr(question + 1));
    request.host = from.get_header_value("Host");
    request.authorization = from.get_header_value("Authorization");
    request.accept_encoding = from.get_header_value("Accept-Encoding");
    request.content_type = from.get_header_value("Content-Type");
    request.body = from.body;
    HttpReply reply = handler_(request);
    // A stop in the meantime ends the connection, as it would in the middle of a body.
    const bool stopped = reply.delivery.first_byte > absl::ZeroDuration() &&
                         stop_.WaitForNotificationWithTimeout(reply.delivery.first_byte);
    if (reply.delivery.reset || stopped) current_connection->Reset();
    to.status = reply.status;
    for (const auto& [name, value] : reply.headers) to.set_header(name, value);
    if (reply.body.empty()) return to.set_content("", reply.content_type);
    // A body of known length behind a provider: httplib would compress a plain one of its own accord.
    const size_t length = reply.body.size();
    const std::string type = reply.content_type;
    auto feeder = std::make_shared<BodyFeeder>(std::move(reply), stop_);
    to.set_content_provider(length, type, [feeder](size_t offset, size_t, httplib::DataSink& sink) {
      return feeder->Feed(offset, sink);
    });
  }

  const Handler handler_;
  Server server_;
  int port_ = 0;
  std::thread thread_;
  std::mutex stop_mutex_;
  absl::Notification stop_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpShell>> HttpShell::Listen(const std::string& host, int port,
                                                             Handler handler) {
  auto shell = std::make_unique<Shell>(std::move(handler));
  if (absl::Status started = shell->Start(host, port); !started.ok()) return started;
  return std::unique_ptr<HttpShell>(std::move(shell));
}

}  // namespace penstock::sandbox
