// Any bytes as what a client sends over a connection, to the server's session with a stub for a handler. The same bytes go
// in three ways: at once, in pieces, and without an end, where only the session's own time ends it.
#include "http_session.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "asio_operation.hpp"
#include "detached.hpp"
#include "fuzz.hpp"
#include "request_head.hpp"

namespace server = event_draft::server;
namespace asio = boost::asio;
namespace http = boost::beast::http;
using event_draft::fuzz::expect;
using namespace std::chrono_literals;

namespace {

constexpr auto longest_run = 10s;  // of which a session should need milliseconds

// Small, so that short inputs reach every limit.
server::HttpLimits small_limits(std::chrono::milliseconds time) {
  return {.header_bytes = 512,
          .body_bytes = 128,
          .header_time = time,
          .body_time = time,
          .write_time = time,
          .idle_time = time,
          .linger_time = time,
          .linger_bytes = 4096};
}

/// Whose requests the handler answers.
std::vector<server::HttpRequest>* handled = nullptr;

/// Says what was asked, in bytes that the client has no say in.
std::string reply_to(const server::HttpRequest& request) {
  const std::hash<std::string_view> hash;
  return std::to_string(hash(request.target)) + " " + std::to_string(hash(request.body));
}

server::HttpResponse handle(const server::HttpRequest& request) {
  expect(std::ranges::find(server::known_methods, request.method) != server::known_methods.end(), "a method it knows");
  expect(request.target == "*" || request.target.starts_with('/'), "a path");
  expect(request.body.size() <= 128, "a body within the limit");
  handled->push_back(request);
  return {.content_type = "text/plain", .body = reply_to(request)};
}

struct Context : server::HttpContext {
  explicit Context(std::chrono::milliseconds time)
      : HttpContext{.limits = small_limits(time), .hosts = {}, .hook = {}, .on_refusal = {}} {}
};

/// A session and its client, the two ends of one pair of sockets, on one thread.
class Connection {
 public:
  explicit Connection(Context& context) {
    handled = &requests_;
    expect(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_.data()) == 0, "a pair of sockets");
    asio::ip::tcp::socket socket{io_};
    socket.assign(asio::ip::tcp::v4(), ends_[0]);
    serve(std::make_shared<server::HttpSession>(std::move(socket), context, handler_));
    poll();
  }
  ~Connection() { ::close(ends_[1]); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Lets the session do what it can with it before more comes. Past its end nobody listens.
  void send(std::string_view bytes) {
    while (!bytes.empty() && !ended_) {
      const auto sent = ::send(ends_[1], bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
      poll();
    }
  }
  void shutdown_send() { ::shutdown(ends_[1], SHUT_WR); }

  /// Lets the session come to its end, and gives all that it has answered.
  std::string finish() {
    const auto until = std::chrono::steady_clock::now() + longest_run;
    while (!ended_) {
      io_.run_one_for(100ms);
      receive();
      expect(std::chrono::steady_clock::now() < until, "every session ends in time");
    }
    poll();
    return answers_;
  }

  [[nodiscard]] const std::vector<server::HttpRequest>& requests() const { return requests_; }

 private:
  void poll() {
    while (io_.poll() != 0) receive();
    receive();
  }

  void receive() {
    std::array<char, 4096> bytes;
    for (;;) {
      const auto size = ::recv(ends_[1], bytes.data(), bytes.size(), 0);
      if (size <= 0) return;
      answers_.append(bytes.data(), static_cast<std::size_t>(size));
    }
  }

  /// What it throws ends the fuzzer.
  server::Detached serve(std::shared_ptr<server::HttpSession> session) {
    co_await session->serve();
    ended_ = true;
  }

  /// At once, or in a later turn of the loop.
  server::HttpHandler handler_ = [this](const server::HttpRequest& request) -> event_draft::Task<server::HttpResponse> {
    if (request.target.ends_with("slow")) {
      co_await server::asio_operation<>([&](auto go_on) { asio::post(io_, go_on); });
    }
    co_return handle(request);
  };
  asio::io_context io_{1};
  std::array<int, 2> ends_{};
  bool ended_ = false;
  std::string answers_;
  std::vector<server::HttpRequest> requests_;
};

/// What the client is told while it waits depends on when its bytes come; the answers don't.
std::string without_interim(std::string answers) {
  constexpr std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";
  for (auto at = answers.find(interim); at != std::string::npos; at = answers.find(interim, at)) {
    answers.erase(at, interim.size());
  }
  return answers;
}

struct Run {
  std::string answers;
  std::vector<server::HttpRequest> requests;
};

Run run(Context& context, std::string_view bytes, std::size_t piece) {
  Connection connection{context};
  while (!bytes.empty()) {
    connection.send(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  connection.shutdown_send();
  auto answers = without_interim(connection.finish());
  return {std::move(answers), connection.requests()};
}

/// Takes one answer off the front.
http::response<http::string_body> take_answer(std::string_view& bytes, bool without_body) {
  http::response_parser<http::string_body> parser;
  parser.skip(without_body);
  parser.eager(true);
  boost::beast::error_code error;
  const auto size = parser.put(asio::buffer(bytes.data(), bytes.size()), error);
  expect(!error && parser.is_done(), "an answer is well-formed and whole");
  bytes.remove_prefix(size);
  return parser.release();
}

/// An answer for each request in its order, and at most a refusal after them.
void check_answers(const Run& run) {
  std::string_view rest = run.answers;
  bool kept_alive = true;
  for (const auto& request : run.requests) {
    const bool is_head = request.method == "HEAD";
    expect(kept_alive, "nothing is handled after a connection's last answer");
    const auto answer = take_answer(rest, is_head);
    kept_alive = answer.keep_alive();
    expect(answer.result_int() == 200, "what the handler answered");
    expect(is_head || answer.body() == reply_to(request), "to this request");
  }
  if (rest.empty()) return;
  expect(kept_alive, "nothing is said after a connection's last answer");
  const bool has_no_body = rest.ends_with("\r\n\r\n");  // to HEAD
  const auto refusal = take_answer(rest, has_no_body);
  expect(refusal.result_int() >= 400 && refusal.result_int() != 500, "a refusal, and no failure of the server's own");
  expect(!refusal.keep_alive() && rest.empty(), "a refusal is the last answer");
}

/// Where a body's chunks are malformed, pieces may change what is said of it:
/// - Beast 1.81 reads on past the line's end where an extension opens a quote and does not close it, and takes the chunk's
///   size off the body's limit anew each time that it comes back for more. So it may be "too large".
/// - Less than the shortest end of a body is not looked at. When no more comes, nothing is said.
bool told_otherwise(std::string_view at_once, std::string_view in_pieces) {
  const auto last = at_once.rfind("HTTP/1.1 400");
  const bool malformed = last != std::string_view::npos && (at_once.ends_with("not in well-formed chunks.\"}") ||
                                                            at_once.ends_with("\r\n\r\n"));  // to HEAD
  const auto before = malformed ? at_once.substr(0, last) : at_once;
  if (!in_pieces.starts_with(before)) return false;
  const auto said = in_pieces.substr(before.size());
  return said.starts_with("HTTP/1.1 413") || (malformed && said.empty());
}

bool same(const server::HttpRequest& a, const server::HttpRequest& b) {
  const auto same_header = [](const auto& x, const auto& y) { return x.name == y.name && x.value == y.value; };
  return a.method == b.method && a.target == b.target && a.body == b.body &&
         std::ranges::equal(a.headers, b.headers, same_header);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Context patient{10s};
  static Context impatient{2ms};
  const std::string_view bytes = event_draft::fuzz::text_of(data, size);

  const Run at_once = run(patient, bytes, size);
  check_answers(at_once);
  const std::size_t piece = size < 1024 ? 1 + size % 7 : 100;
  const Run in_pieces = run(patient, bytes, piece);
  expect(std::ranges::equal(at_once.requests, in_pieces.requests, same), "pieces do not change the requests");
  expect(at_once.answers == in_pieces.answers || told_otherwise(at_once.answers, in_pieces.answers),
         "pieces do not change the answers");

  if (size % 16 == 0) {  // it takes its time, so not for each
    Connection silent{impatient};
    silent.send(bytes);
    static_cast<void>(silent.finish());
  }
  return 0;
}
