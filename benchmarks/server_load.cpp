// A closed loop over HTTP/1.1: every connection sends a request, waits for the whole answer and sends the next one. Loopback
// only. It records every latency, and stops at the time or at the count, whichever comes first.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Plan {
  std::uint16_t port;
  std::size_t connections;
  std::chrono::seconds time;
  bool new_users;           // a user a request, so that every request creates; else a user a connection
  std::int64_t first_user;  // no earlier run may have used it or a later one
  std::size_t most_requests;
};

[[noreturn]] void fail(const char* what) { throw std::system_error{errno, std::generic_category(), what}; }

std::string request_for(std::int64_t user) {
  const std::string body =
      R"({"userId":)" + std::to_string(user) +
      R"(,"objective":"신규 고객 유치","storeName":"맛있는집","industry":"음식점","address":"서울시 강남구"})";
  return "POST /api/events/purposes HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// The length of the answer at the front of `text`, or 0 while it isn't all there. Throws for any status but 200.
std::size_t whole_answer(std::string_view text) {
  const std::size_t head = text.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  if (text.substr(9, 3) != "200") throw std::runtime_error{"answered " + std::string{text.substr(0, head)}};
  constexpr std::string_view name = "\r\ncontent-length: ";
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; };
  const auto found =
      std::search(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(head), name.begin(), name.end(), same);
  const auto at = static_cast<std::size_t>(found - text.begin()) + name.size();
  std::size_t length = 0;
  if (at > head || std::from_chars(text.data() + at, text.data() + head, length).ec != std::errc{}) {
    throw std::runtime_error{"an answer without Content-Length"};
  }
  return text.size() >= head + 4 + length ? head + 4 + length : 0;
}

struct Connection {
  int socket;
  std::int64_t user;
  std::string received{};
  Clock::time_point sent_at{};
};

class Load {
 public:
  explicit Load(const Plan& plan) : plan_{plan}, next_user_{plan.first_user}, epoll_{epoll_create1(EPOLL_CLOEXEC)} {
    if (epoll_ < 0) fail("epoll_create1");
    latencies_.reserve(plan.most_requests);
    connections_.reserve(plan.connections);
    for (std::size_t i = 0; i < plan.connections; ++i) connect();
  }
  ~Load() {
    for (const Connection& connection : connections_) close(connection.socket);
    close(epoll_);
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  void run() {
    begin_ = Clock::now();
    for (Connection& connection : connections_) send_next(connection);
    std::array<epoll_event, 64> events{};
    while (Clock::now() - begin_ < plan_.time && latencies_.size() < plan_.most_requests) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 1000);
      if (count < 0 && errno != EINTR) fail("epoll_wait");
      for (int i = 0; i < count; ++i) receive(connections_[events[static_cast<std::size_t>(i)].data.u64]);
    }
    end_ = Clock::now();
  }

  void report() {
    if (latencies_.empty()) throw std::runtime_error{"not one answer"};
    std::sort(latencies_.begin(), latencies_.end());
    const double seconds = std::chrono::duration<double>(end_ - begin_).count();
    std::printf(R"({"requests":%zu,"per_second":%.0f,"p50_us":%.1f,"p95_us":%.1f,"p99_us":%.1f})"
                "\n",
                latencies_.size(), static_cast<double>(latencies_.size()) / seconds, quantile(50), quantile(95),
                quantile(99));
  }

 private:
  void connect() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) fail("socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(plan_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // The socket API takes every kind of address by this one pointer type.
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connect");
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = connections_.size();
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) fail("epoll_ctl");
    connections_.push_back({socket, next_user_++});
  }

  // A request is far smaller than an idle socket's buffer, so this doesn't block.
  void send_next(Connection& connection) {
    const std::string request = request_for(plan_.new_users ? next_user_++ : connection.user);
    connection.sent_at = Clock::now();
    if (send(connection.socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
      fail("send");
    }
  }

  void receive(Connection& connection) {
    std::array<char, 4096> buffer;
    const ssize_t size = recv(connection.socket, buffer.data(), buffer.size(), 0);
    if (size <= 0) throw std::runtime_error{"the server closed a connection"};
    connection.received.append(buffer.data(), static_cast<std::size_t>(size));
    const std::size_t answer = whole_answer(connection.received);
    if (answer == 0) return;
    if (answer != connection.received.size()) throw std::runtime_error{"more than one answer"};
    latencies_.push_back(std::chrono::duration<float, std::micro>(Clock::now() - connection.sent_at).count());
    connection.received.clear();
    send_next(connection);
  }

  double quantile(std::size_t percent) const {
    return static_cast<double>(latencies_[(latencies_.size() - 1) * percent / 100]);
  }

  Plan plan_;
  std::int64_t next_user_;
  int epoll_;
  std::vector<Connection> connections_;
  std::vector<float> latencies_;  // microseconds
  Clock::time_point begin_{};
  Clock::time_point end_{};
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 6 && argc != 7) {
    throw std::invalid_argument{"usage: server_load PORT CONNECTIONS SECONDS miss|hit FIRST_USER [MOST_REQUESTS]"};
  }
  Load load{{.port = static_cast<std::uint16_t>(std::stoul(argv[1])),
             .connections = std::stoul(argv[2]),
             .time = std::chrono::seconds{std::stol(argv[3])},
             .new_users = std::string_view{argv[4]} == "miss",
             .first_user = std::stoll(argv[5]),
             .most_requests = argc == 7 ? std::stoul(argv[6]) : 2'000'000}};
  load.run();
  load.report();
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "server_load: %s\n", error.what());
  return 1;
}
