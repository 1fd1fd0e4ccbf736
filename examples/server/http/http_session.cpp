#include "http_session.hpp"

#include <algorithm>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>
#include <chrono>
#include <exception>
#include <limits>
#include <string>
#include <utility>

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
constexpr HttpError server_busy{503, "SERVER_BUSY", "Too many requests are waiting. Try again later."};
constexpr HttpError too_many_connections{503, "TOO_MANY_CONNECTIONS",
                                         "Too many clients are connected. Try again later."};
constexpr HttpError internal_error{500, "INTERNAL_ERROR", "The server failed on this request."};

std::string_view text_of(const boost::beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

template <class BeastString>
std::string to_string(const BeastString& text) {
  return {text.data(), text.size()};
}

}  // namespace

HttpSession::HttpSession(asio::ip::tcp::socket socket, HttpContext& context)
    : context_{context},
      stream_{std::make_shared<TimedStream>(std::move(socket))},
      buffer_{context.limits.header_bytes + read_size} {}

asio::awaitable<void> HttpSession::serve() {
  auto next = Next::request;
  while (next == Next::request) next = co_await serve_request();
  if (next == Next::linger) co_await stream_->linger(context_.limits.linger_time, context_.limits.linger_bytes);
  stream_->close();
}

asio::awaitable<void> HttpSession::refuse() {
  const auto next = co_await answer(refusal(too_many_connections), {.keep_alive = false});
  if (next == Next::linger) co_await stream_->linger(context_.limits.linger_time, context_.limits.linger_bytes);
  stream_->close();
}

void HttpSession::finish() {
  asio::post(executor(), [self = shared_from_this()] {
    if (self->idle_) self->stream_->interrupt();
  });
}

void HttpSession::cut() {
  asio::post(executor(), [self = shared_from_this()] { self->stream_->close(); });
}

asio::awaitable<HttpSession::Next> HttpSession::serve_request() {
  const bool begun = co_await await_request();
  if (!begun) co_return Next::close;

  Parser parser;
  HttpRequest request;
  const auto error = co_await receive(parser, request);
  if (error && error->status == client_gone.status) co_return Next::close;
  if (error) co_return co_await answer(refusal(*error), {.keep_alive = false, .without_body = is_head_});

  request.body = std::move(parser.get().body());
  request.arrived = std::chrono::steady_clock::now();
  auto response = co_await handle(request);
  co_return co_await answer(std::move(response),
                            {.keep_alive = keep_alive_ && !context_.stopping, .without_body = is_head_});
}

asio::awaitable<bool> HttpSession::await_request() {
  stream_->expires_after(context_.limits.idle_time);
  bool may_be_line_end = true;
  for (;;) {
    // Some clients send a line end after a body (RFC 9112 section 2.2). It is no beginning of a request.
    if (may_be_line_end && text_of(buffer_).starts_with("\r\n")) {
      buffer_.consume(2);
      may_be_line_end = false;
    }
    const auto begun = text_of(buffer_);
    if (!begun.empty() && !(may_be_line_end && begun == "\r")) co_return true;
    const bool more = co_await fill_when_idle();
    if (!more) co_return false;
  }
}

asio::awaitable<bool> HttpSession::fill_when_idle() {
  bool more = false;
  if (!context_.stopping) {
    idle_ = true;
    more = co_await fill();
    idle_ = false;
  }
  // A request that reached this machine before the stop did is not lost.
  if (!more && context_.stopping && stream_->pending() != 0) more = co_await fill();
  co_return more;
}

asio::awaitable<std::optional<HttpError>> HttpSession::receive(Parser& parser, HttpRequest& request) {
  std::size_t head_size = 0;
  auto error = co_await receive_head(head_size);
  is_head_ = text_of(buffer_).starts_with("HEAD ");  // known even of a head that is refused
  if (!error) error = parse_head(head_size, parser, request);
  if (!error) error = check_site(request, context_.hosts);
  if (!error && !parser.is_done()) error = co_await receive_body(parser, request);
  co_return error;
}

asio::awaitable<std::optional<HttpError>> HttpSession::receive_head(std::size_t& head_size) {
  const auto limit = context_.limits.header_bytes;
  stream_->expires_after(context_.limits.header_time);
  std::size_t scanned = 0;
  for (;;) {
    const auto scan = scan_request_head(text_of(buffer_), scanned);
    if (scan.state == HeadScan::State::complete && scan.size <= limit) {
      head_size = scan.size;
      co_return std::nullopt;
    }
    if (scan.size >= limit) co_return header_too_large;  // also where a bad byte would be the first past it
    if (scan.state == HeadScan::State::malformed) co_return malformed_head;
    scanned = scan.size;
    const bool more = co_await fill();
    if (!more) co_return nothing_more();
  }
}

std::optional<HttpError> HttpSession::parse_head(std::size_t head_size, Parser& parser, HttpRequest& request) {
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
  request.method = to_string(parser.get().method_string());
  request.target = origin_form({parser.get().target().data(), parser.get().target().size()});
  for (const auto& field : parser.get())
    request.headers.push_back({to_string(field.name_string()), to_string(field.value())});
  return std::nullopt;
}

asio::awaitable<std::optional<HttpError>> HttpSession::receive_body(Parser& parser, const HttpRequest& request) {
  stream_->expires_after(context_.limits.body_time);
  const bool is_awaited = buffer_.size() == 0 && parser.get().version() == 11 && !request.header("Expect").empty();
  if (is_awaited) {
    const bool told = co_await stream_->write("HTTP/1.1 100 Continue\r\n\r\n");
    if (!told) co_return nothing_more();
  }

  // The end of a chunked body is never shorter than this, and Beast 1.81 asserts that it sees no less.
  const std::size_t least = parser.chunked() ? 5 : 1;
  parser.eager(true);
  while (!parser.is_done()) {
    boost::beast::error_code error = http::error::need_more;
    if (buffer_.size() >= least) buffer_.consume(parser.put(buffer_.data(), error));
    if (error == http::error::body_limit) co_return body_too_large;
    if (error && error != http::error::need_more) co_return malformed_body;
    if (parser.is_done()) break;
    if (buffer_.size() == buffer_.max_size()) co_return malformed_body;
    const bool more = co_await fill();
    if (!more) co_return nothing_more();
  }
  co_return std::nullopt;
}

asio::awaitable<HttpResponse> HttpSession::handle(const HttpRequest& request) {
  if (context_.is_quick && context_.is_quick(request)) co_return call_handler(request);
  auto place = context_.workers.try_enter();
  if (!place) {
    context_.report(Level::warning, "http.server_busy", "too many requests wait");
    co_return refusal(server_busy);
  }
  co_await asio::post(asio::bind_executor(context_.workers.executor(), asio::use_awaitable));
  const bool too_late = std::chrono::steady_clock::now() - request.arrived > context_.limits.max_wait;
  if (too_late) context_.report(Level::warning, "http.server_busy", "a request waited too long");
  auto response = too_late ? refusal(server_busy) : call_handler(request);
  place.reset();
  co_await asio::post(asio::bind_executor(executor(), asio::use_awaitable));
  co_return response;
}

HttpResponse HttpSession::refusal(const HttpError& error) const {
  if (context_.on_refusal) context_.on_refusal(error.status);
  auto response = error_response(error);
  if (error.status == 503) response.headers.push_back({"Retry-After", "1"});
  return response;
}

HttpResponse HttpSession::call_handler(const HttpRequest& request) const {
  if (context_.cut) return {};  // nobody will read it
  try {
    return context_.handler(request);
  } catch (const std::exception& error) {
    context_.report(Level::error, "http.handler_failed", error.what());
  } catch (...) {
    context_.report(Level::error, "http.handler_failed", "unknown exception");
  }
  return error_response(internal_error);
}

asio::awaitable<HttpSession::Next> HttpSession::answer(HttpResponse response, ResponseFraming framing) {
  auto text = response_text(response, framing);
  if (!text) {
    context_.report(Level::error, "http.bad_response", "a status or a header that can't be sent");
    text = response_text(error_response(internal_error), framing);
  }
  stream_->expires_after(context_.limits.write_time);
  const bool written = co_await stream_->write(*text);
  if (!written) co_return Next::close;
  co_return framing.keep_alive ? Next::request : Next::linger;
}

asio::awaitable<bool> HttpSession::fill() {
  const auto room = std::min(read_size, buffer_.max_size() - buffer_.size());
  const auto size = co_await stream_->read_some(buffer_.prepare(room));
  buffer_.commit(size);
  co_return size != 0;
}

HttpError HttpSession::nothing_more() const noexcept { return stream_->expired() ? request_timeout : client_gone; }

}  // namespace event_draft::server
