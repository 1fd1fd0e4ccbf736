// A load over HTTP/1.1, loopback only. A closed loop: every connection sends a request, waits for the whole answer and sends the
// next one. Or, with a rate, an open loop: requests are due at that rate in all, each connection's in turn, however slow the
// answers are; one that is due before the former answer is there is sent after it. It records every latency, and stops at the
// time or at the count, whichever comes first.
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
  double rate;  // requests a second in all; 0: a closed loop
};

[[noreturn]] void fail(const char* what) { throw std::system_error{errno, std::generic_category(), what}; }

std::string request_for(std::int64_t user) {
  const std::string body =
      R"({"userId":)" + std::to_string(user) +
      R"(,"objective":"신규 고객 유치","storeName":"맛있는집","industry":"음식점","address":"서울시 강남구"})";
  return "POST /api/events/purposes HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

bool is_accepted(std::string_view answer) { return answer.substr(9, 3) == "200"; }

/// The length of the answer at the front of `text`, or 0 while it isn't all there. Throws for a status but 200 and, where a load
/// may be too much, 503.
std::size_t whole_answer(std::string_view text, bool may_refuse) {
  const std::size_t head = text.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  if (!is_accepted(text) && !(may_refuse && text.substr(9, 3) == "503")) {
    throw std::runtime_error{"answered " + std::string{text.substr(0, head)}};
  }
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
  Clock::time_point due{};  // of its next request, in an open loop
  bool waits = false;       // for an answer
};

class Load {
 public:
  explicit Load(const Plan& plan) : plan_{plan}, next_user_{plan.first_user}, epoll_{epoll_create1(EPOLL_CLOEXEC)} {
    if (epoll_ < 0) fail("epoll_create1");
    accepted_.reserve(plan.most_requests);
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
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      connections_[i].due = begin_ + interval() * i / connections_.size();
      send_if_due(connections_[i], begin_);
    }
    std::array<epoll_event, 64> events{};
    while (Clock::now() - begin_ < plan_.time && accepted_.size() + refused_.size() < plan_.most_requests) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), is_open() ? 1 : 1000);
      if (count < 0 && errno != EINTR) fail("epoll_wait");
      for (int i = 0; i < count; ++i) receive(connections_[events[static_cast<std::size_t>(i)].data.u64]);
      if (is_open()) send_what_is_due();
    }
    end_ = Clock::now();
  }

  void report() {
    if (accepted_.empty()) throw std::runtime_error{"not one request was accepted"};
    std::sort(accepted_.begin(), accepted_.end());
    std::sort(refused_.begin(), refused_.end());
    const double seconds = std::chrono::duration<double>(end_ - begin_).count();
    const auto of_accepted = [this](std::size_t percent) { return quantile(accepted_, percent); };
    std::printf(R"({"requests":%zu,"per_second":%.0f,"p50_us":%.1f,"p95_us":%.1f,"p99_us":%.1f)", accepted_.size(),
                static_cast<double>(accepted_.size()) / seconds, of_accepted(50), of_accepted(95), of_accepted(99));
    if (is_open()) {
      std::printf(R"(,"sent_per_second":%.0f,"refused":%zu,"refused_p99_us":%.1f)",
                  static_cast<double>(sent_) / seconds, refused_.size(), refused_.empty() ? 0 : quantile(refused_, 99));
    }
    std::puts("}");
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

  bool is_open() const { return plan_.rate > 0; }

  /// Between two requests of a connection.
  Clock::duration interval() const {
    if (!is_open()) return {};
    const std::chrono::duration<double> time{static_cast<double>(plan_.connections) / plan_.rate};
    return std::chrono::duration_cast<Clock::duration>(time);
  }

  // All connections have the same interval, so they are due in turn.
  void send_what_is_due() {
    const auto now = Clock::now();
    for (Connection& connection : connections_) send_if_due(connection, now);
  }

  void send_if_due(Connection& connection, Clock::time_point now) {
    if (connection.waits || connection.due > now) return;
    send_next(connection, now);
    connection.due = std::max(connection.due + interval(), now - interval());  // it does not make up for a long wait
  }

  // A request is far smaller than an idle socket's buffer, so this doesn't block.
  void send_next(Connection& connection, Clock::time_point now) {
    const std::string request = request_for(plan_.new_users ? next_user_++ : connection.user);
    connection.sent_at = now;
    connection.waits = true;
    ++sent_;
    if (send(connection.socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
      fail("send");
    }
  }

  void receive(Connection& connection) {
    std::array<char, 4096> buffer;
    const ssize_t size = recv(connection.socket, buffer.data(), buffer.size(), 0);
    if (size <= 0) throw std::runtime_error{"the server closed a connection"};
    connection.received.append(buffer.data(), static_cast<std::size_t>(size));
    const std::size_t answer = whole_answer(connection.received, is_open());
    if (answer == 0) return;
    if (answer != connection.received.size()) throw std::runtime_error{"more than one answer"};
    const auto now = Clock::now();
    auto& latencies = is_accepted(connection.received) ? accepted_ : refused_;
    latencies.push_back(std::chrono::duration<float, std::micro>(now - connection.sent_at).count());
    connection.received.clear();
    connection.waits = false;
    send_if_due(connection, now);
  }

  static double quantile(const std::vector<float>& sorted, std::size_t percent) {
    return static_cast<double>(sorted[(sorted.size() - 1) * percent / 100]);
  }

  Plan plan_;
  std::int64_t next_user_;
  int epoll_;
  std::vector<Connection> connections_;
  std::vector<float> accepted_;  // microseconds
  std::vector<float> refused_;
  std::size_t sent_ = 0;
  Clock::time_point begin_{};
  Clock::time_point end_{};
};

}  // namespace

int main(int argc, char** argv) try {
  const bool is_open = argc == 8 && std::string_view{argv[6]} == "--rate";
  if (argc != 6 && argc != 7 && !is_open) {
    throw std::invalid_argument{
        "usage: server_load PORT CONNECTIONS SECONDS miss|hit FIRST_USER [MOST_REQUESTS | --rate A_SECOND]"};
  }
  Load load{{.port = static_cast<std::uint16_t>(std::stoul(argv[1])),
             .connections = std::stoul(argv[2]),
             .time = std::chrono::seconds{std::stol(argv[3])},
             .new_users = std::string_view{argv[4]} == "miss",
             .first_user = std::stoll(argv[5]),
             .most_requests = argc == 7 ? std::stoul(argv[6]) : 2'000'000,
             .rate = is_open ? std::stod(argv[7]) : 0}};
  load.run();
  load.report();
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "server_load: %s\n", error.what());
  return 1;
}
