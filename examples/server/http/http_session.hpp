#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <memory>
#include <optional>

#include "http_context.hpp"
#include "http_error.hpp"
#include "http_message.hpp"
#include "request_head.hpp"
#include "response_text.hpp"
#include "timed_stream.hpp"

namespace event_draft::server {

/// One connection: its requests are read, handled and answered one after the other, in order. Bytes of a request that
/// came early wait in the buffer, and past that in the socket, so a client can't make the server store more than one.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  /// The socket's executor is the one of its loop. Context and handler outlive the session.
  HttpSession(boost::asio::ip::tcp::socket socket, HttpContext& context, const HttpHandler& handler);

  // On the loop's thread; the session lives until it has ended.
  [[nodiscard]] Task<void> serve();
  /// For a connection that is one too many: tells the client so, and closes.
  [[nodiscard]] Task<void> refuse();

  // From any thread, while one of the two above runs:
  void finish() noexcept;  ///< ends when idle, else after the request that is under way
  void cut() noexcept;     ///< ends without an answer, though not before a handler that is at work has one

  [[nodiscard]] boost::asio::any_io_executor executor() { return stream_->executor(); }

 private:
  void on_loop(void (*act)(HttpSession&)) noexcept;

  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  enum class Next { request, linger, close };
  class [[nodiscard]] Fill;

  Task<Next> serve_request();
  bool has_request_begun();
  // These give what to tell the client, nullopt when all is well.
  Task<std::optional<HttpError>> receive(Parser& parser);
  [[nodiscard]] std::optional<HttpError> judge_head(const HeadScan& head) const noexcept;
  std::optional<HttpError> parse_head(std::size_t head_size, Parser& parser);
  Task<std::optional<HttpError>> receive_body(Parser& parser, bool has_begun);
  std::optional<HttpError> parse_body(Parser& parser);

  HttpResponse refusal(const HttpError& error) const;
  Task<Next> answer(HttpResponse response, ResponseFraming framing);

  Fill fill();
  Task<void> let_others_go_first();
  [[nodiscard]] HttpError nothing_more() const noexcept;

  HttpContext& context_;
  const HttpHandler& handler_;
  std::shared_ptr<TimedStream> stream_;
  boost::beast::flat_buffer buffer_;
  HttpRequest request_;      // the one that is under way; its memory is the next one's
  bool keep_alive_ = false;  // the client's wish
  bool is_head_ = false;     // of the request that is under way
  bool idle_ = false;
  bool may_be_line_end_ = false;
};

}  // namespace event_draft::server
