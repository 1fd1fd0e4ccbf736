#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <memory>
#include <optional>

#include "http_context.hpp"
#include "http_error.hpp"
#include "response_text.hpp"
#include "timed_stream.hpp"

namespace event_draft::server {

/// One connection: its requests are read, handled and answered one after the other, in order. Bytes of a request that
/// came early wait in the buffer, and past that in the socket, so a client can't make the server store more than one.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  /// The socket's executor is a strand. The context outlives the session.
  HttpSession(boost::asio::ip::tcp::socket socket, HttpContext& context);

  [[nodiscard]] boost::asio::awaitable<void> serve();
  /// For a connection that is one too many: tells the client so, and closes.
  [[nodiscard]] boost::asio::awaitable<void> refuse();

  // From any thread, while one of the two above runs:
  void finish();  ///< ends when idle, else after the request that is under way
  void cut();     ///< ends without an answer, though not before a handler that runs has returned

  [[nodiscard]] boost::asio::any_io_executor executor() { return stream_->executor(); }

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  enum class Next { request, linger, close };

  boost::asio::awaitable<Next> serve_request();
  boost::asio::awaitable<bool> await_request();
  boost::asio::awaitable<bool> fill_when_idle();
  // These give what to tell the client, nullopt when all is well.
  boost::asio::awaitable<std::optional<HttpError>> receive(Parser& parser, HttpRequest& request);
  boost::asio::awaitable<std::optional<HttpError>> receive_head(std::size_t& head_size);
  std::optional<HttpError> parse_head(std::size_t head_size, Parser& parser, HttpRequest& request);
  boost::asio::awaitable<std::optional<HttpError>> receive_body(Parser& parser, const HttpRequest& request);

  boost::asio::awaitable<HttpResponse> handle(const HttpRequest& request);
  HttpResponse refusal(const HttpError& error) const;
  HttpResponse call_handler(const HttpRequest& request) const;
  boost::asio::awaitable<Next> answer(HttpResponse response, ResponseFraming framing);

  boost::asio::awaitable<bool> fill();
  [[nodiscard]] HttpError nothing_more() const noexcept;

  HttpContext& context_;
  std::shared_ptr<TimedStream> stream_;
  boost::beast::flat_buffer buffer_;
  bool keep_alive_ = false;  // the client's wish
  bool is_head_ = false;     // of the request that is under way
  bool idle_ = false;
};

}  // namespace event_draft::server
