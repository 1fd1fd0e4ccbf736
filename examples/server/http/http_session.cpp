#include "http_session.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>
#include <chrono>
#include <exception>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include "asio_operation.hpp"
#include "request_head.hpp"

namespace event_draft::server {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Level = HttpEvent::Level;

namespace {

constexpr std::size_t read_size = 8 * 1024;

// Not an answer: there is nobody left to give one to.
constexpr HttpError client_gone{0, "", ""};

constexpr HttpError malformed_head{400, "MALFORMED_REQUEST", "The head is not lines of text and a blank line."};
constexpr HttpError malformed_body{400, "MALFORMED_REQUEST", "The body is not in well-formed chunks."};
constexpr HttpError header_too_large{431, "HEADER_TOO_LARGE", "The request line and the headers are too large."};
constexpr HttpError body_too_large{413, "BODY_TOO_LARGE", "The body is too large."};
constexpr HttpError request_timeout{408, "REQUEST_TIMEOUT", "The request did not arrive in time."};
constexpr HttpError too_many_connections{503, "TOO_MANY_CONNECTIONS",
                                         "Too many clients are connected. Try again later."};
constexpr HttpError internal_error{500, "INTERNAL_ERROR", "The server failed on this request."};

std::string_view text_of(const boost::beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

template <class BeastString>
std::string_view view_of(const BeastString& text) {
  return {text.data(), text.size()};
}

}  // namespace

/// Reads what has come, as much as there is room for. Awaited, it is false when nothing more comes.
class HttpSession::Fill {
 public:
  explicit Fill(HttpSession& session)
      : session_{session},
        read_{session.stream_->read_some(
            session.buffer_.prepare(std::min(read_size, session.buffer_.max_size() - session.buffer_.size())))} {}

  [[nodiscard]] bool await_ready() const noexcept { return read_.await_ready(); }
  void await_suspend(std::coroutine_handle<> waiting) { read_.await_suspend(waiting); }
  [[nodiscard]] bool await_resume() const {
    session_.buffer_.commit(read_.await_resume());
    return read_.await_resume() != 0;
  }

 private:
  HttpSession& session_;
  TimedStream::Read read_;
};

HttpSession::Fill HttpSession::fill() { return Fill{*this}; }

HttpSession::HttpSession(asio::ip::tcp::socket socket, HttpContext& context, const HttpHandler& handler)
    : context_{context},
      handler_{handler},
      stream_{std::make_shared<TimedStream>(std::move(socket))},
      buffer_{context.limits.header_bytes + read_size} {}

Task<void> HttpSession::serve() {
  auto next = Next::request;
  while (next == Next::request) {
    stream_->expires_after(context_.limits.idle_time);
    may_be_line_end_ = true;
    bool more = true;
    while (more && !has_request_begun()) {
      more = false;
      if (!context_.stopping) {
        idle_ = true;
        more = co_await fill();
        idle_ = false;
      }
      // A request that reached this machine before the stop did is not lost.
      if (!more && context_.stopping && stream_->pending() != 0) more = co_await fill();
    }
    if (!more) break;
    next = co_await serve_request();
    if (next == Next::request && buffer_.size() != 0) co_await let_others_go_first();
  }
  if (next == Next::linger) co_await stream_->linger(context_.limits.linger_time, context_.limits.linger_bytes);
  stream_->close();
}

Task<void> HttpSession::refuse() {
  const auto next = co_await answer(refusal(too_many_connections), {.keep_alive = false});
  if (next == Next::linger) co_await stream_->linger(context_.limits.linger_time, context_.limits.linger_bytes);
  stream_->close();
}

void HttpSession::finish() noexcept {
  on_loop([](HttpSession& self) {
    if (self.idle_) self.stream_->interrupt();
  });
}

void HttpSession::cut() noexcept {
  on_loop([](HttpSession& self) { self.stream_->close(); });
}

void HttpSession::on_loop(void (*act)(HttpSession&)) noexcept {
  try {
    asio::post(executor(), [self = shared_from_this(), act] { act(*self); });
  } catch (const std::bad_alloc&) {  // it ends by its own time
  }
}

/// Some clients send a line end after a body (RFC 9112 section 2.2). It is no beginning of a request.
bool HttpSession::has_request_begun() {
  if (may_be_line_end_ && text_of(buffer_).starts_with("\r\n")) {
    buffer_.consume(2);
    may_be_line_end_ = false;
  }
  const auto begun = text_of(buffer_);
  return !begun.empty() && !(may_be_line_end_ && begun == "\r");
}

Task<HttpSession::Next> HttpSession::serve_request() {
  Parser parser;
  const auto error = co_await receive(parser);
  if (error && error->status == client_gone.status) co_return Next::close;
  if (error) co_return co_await answer(refusal(*error), {.keep_alive = false, .without_body = is_head_});

  request_.body = std::move(parser.get().body());
  request_.arrived = std::chrono::steady_clock::now();
  if (context_.cut) co_return Next::close;
  HttpResponse response;
  bool is_answered = false;
  try {
    response = co_await handler_(request_);
    is_answered = true;
  } catch (const std::exception& failure) {
    context_.report(Level::error, "http.handler_failed", failure.what());
  } catch (...) {
    context_.report(Level::error, "http.handler_failed", "unknown exception");
  }
  if (!is_answered) response = refusal(internal_error);
  request_.body = {};  // it may be large, and the connection may idle
  co_return co_await answer(std::move(response),
                            {.keep_alive = keep_alive_ && !context_.stopping, .without_body = is_head_});
}

Task<std::optional<HttpError>> HttpSession::receive(Parser& parser) {
  stream_->expires_after(context_.limits.header_time);
  auto head = scan_request_head(text_of(buffer_), 0);
  auto error = judge_head(head);
  while (!error && head.state == HeadScan::State::incomplete) {
    const bool more = co_await fill();
    head = scan_request_head(text_of(buffer_), head.size);
    error = more ? judge_head(head) : nothing_more();
  }
  is_head_ = text_of(buffer_).starts_with("HEAD ");  // known even of a head that is refused
  if (!error) error = parse_head(head.size, parser);
  if (!error) error = check_site(request_, context_.hosts);
  const bool has_body_begun = buffer_.size() != 0;
  if (!error) error = parse_body(parser);
  if (!error && !parser.is_done()) error = co_await receive_body(parser, has_body_begun);
  co_return error;
}

std::optional<HttpError> HttpSession::judge_head(const HeadScan& head) const noexcept {
  const auto limit = context_.limits.header_bytes;
  if (head.state == HeadScan::State::complete && head.size <= limit) return std::nullopt;
  if (head.size >= limit) return header_too_large;  // also where a bad byte would be the first past it
  if (head.state == HeadScan::State::malformed) return malformed_head;
  return std::nullopt;
}

std::optional<HttpError> HttpSession::parse_head(std::size_t head_size, Parser& parser) {
  if (auto error = check_request_head(text_of(buffer_).substr(0, head_size))) return error;

  // The limits are asked for before the parser has seen a byte; a parser of a body that is too long never starts.
  parser.header_limit(static_cast<std::uint32_t>(
      std::min<std::size_t>(context_.limits.header_bytes, std::numeric_limits<std::uint32_t>::max())));
  parser.body_limit(context_.limits.body_bytes);
  boost::beast::error_code error;
  parser.put(asio::buffer(buffer_.data(), head_size), error);
  buffer_.consume(head_size);
  if (error == http::error::body_limit) return body_too_large;
  if (error || !parser.is_header_done()) return malformed_head;

  // Taken now and not after the body: a trailer must not pass for a header.
  keep_alive_ = parser.keep_alive();
  request_.method = view_of(parser.get().method_string());
  request_.target = origin_form(view_of(parser.get().target()));
  std::size_t count = 0;
  for (const auto& field : parser.get()) {
    if (request_.headers.size() == count) request_.headers.emplace_back();
    HttpHeader& header = request_.headers[count++];
    header.name = view_of(field.name_string());
    header.value = view_of(field.value());
  }
  request_.headers.resize(count);
  return std::nullopt;
}

Task<std::optional<HttpError>> HttpSession::receive_body(Parser& parser, bool has_begun) {
  stream_->expires_after(context_.limits.body_time);
  const bool is_awaited = !has_begun && parser.get().version() == 11 && !request_.header("Expect").empty();
  if (is_awaited) {
    const bool told = co_await stream_->write("HTTP/1.1 100 Continue\r\n\r\n");
    if (!told) co_return nothing_more();
  }
  while (!parser.is_done()) {
    if (buffer_.size() == buffer_.max_size()) co_return malformed_body;
    const bool more = co_await fill();
    if (!more) co_return nothing_more();
    if (const auto error = parse_body(parser)) co_return error;
  }
  co_return std::nullopt;
}

/// As far as it is there.
std::optional<HttpError> HttpSession::parse_body(Parser& parser) {
  // The end of a chunked body is never shorter than this, and Beast 1.81 asserts that it sees no less.
  const std::size_t least = parser.chunked() ? 5 : 1;
  parser.eager(true);
  if (parser.is_done() || buffer_.size() < least) return std::nullopt;
  boost::beast::error_code error;
  buffer_.consume(parser.put(buffer_.data(), error));
  if (error == http::error::body_limit) return body_too_large;
  if (error && error != http::error::need_more) return malformed_body;
  return std::nullopt;
}

HttpResponse HttpSession::refusal(const HttpError& error) const {
  if (context_.on_refusal) context_.on_refusal(error.status);
  return refusal_response(error);
}

Task<HttpSession::Next> HttpSession::answer(HttpResponse response, ResponseFraming framing) {
  auto text = response_text(response, framing);
  if (!text) {
    context_.report(Level::error, "http.bad_response", "a status or a header that can't be sent");
    text = response_text(error_response(internal_error), framing);
  }
  stream_->expires_after(context_.limits.write_time);
  const auto rest = std::string_view{*text}.substr(stream_->write_now(*text));
  if (!rest.empty()) {
    const bool written = co_await stream_->write(rest);
    if (!written) co_return Next::close;
  }
  co_return framing.keep_alive ? Next::request : Next::linger;
}

/// Requests that a client sends ahead of their answers must not keep the other connections waiting.
Task<void> HttpSession::let_others_go_first() {
  co_await asio_operation<>([&](auto go_on) { asio::post(executor(), go_on); });
}

HttpError HttpSession::nothing_more() const noexcept { return stream_->expired() ? request_timeout : client_gone; }

}  // namespace event_draft::server
