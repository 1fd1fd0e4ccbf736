#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace event_draft::testing {

struct RawResponse {
  int status = 0;
  std::string head{};  ///< with the blank line
  std::string body{};

  [[nodiscard]] bool has(std::string_view text) const {
    return head.find(text) != std::string::npos || body.find(text) != std::string::npos;
  }
};

/// A client that sends exactly the bytes it is told to, and never waits longer than its patience.
class RawClient {
 public:
  using Milliseconds = std::chrono::milliseconds;

  explicit RawClient(std::uint16_t port, Milliseconds patience = Milliseconds{5'000}) : RawClient{patience} {
    connect(port);
  }
  /// Not connected, but with its descriptor.
  explicit RawClient(Milliseconds patience) : socket_{::socket(AF_INET, SOCK_STREAM, 0)}, patience_{patience} {
    if (socket_ < 0) throw std::runtime_error{"no socket"};
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  RawClient(RawClient&& other) noexcept
      : socket_{std::exchange(other.socket_, -1)}, patience_{other.patience_}, received_{std::move(other.received_)} {}

  void connect(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const void* raw = &address;
    if (::connect(socket_, static_cast<const sockaddr*>(raw), sizeof address) != 0)
      throw std::runtime_error{"not connected"};
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }

  /// \return false once the server has reset the connection, or takes nothing for the whole patience
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      if (!is_ready(POLLOUT, patience_)) return false;
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void shutdown_send() { ::shutdown(socket_, SHUT_WR); }

  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

  /// Closes with a reset instead of an orderly end.
  void reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }

  /// The next response, its length taken from Content-Length. nullopt when the connection ends first or time is up.
  std::optional<RawResponse> receive(bool with_body = true) {
    const auto head_end = receive_until("\r\n\r\n");
    if (!head_end) return std::nullopt;
    RawResponse response{.status = 0, .head = received_.substr(0, *head_end)};
    if (response.head.starts_with("HTTP/1.1 ")) response.status = number(response.head, 9);
    const auto field = response.head.find("\r\nContent-Length: ");
    const bool has_body = with_body && field != std::string::npos;
    const auto size = has_body ? static_cast<std::size_t>(number(response.head, field + 18)) : 0;
    while (received_.size() < *head_end + size) {
      if (!receive_some()) return std::nullopt;
    }
    response.body = received_.substr(*head_end, size);
    received_.erase(0, *head_end + size);
    return response;
  }

  std::optional<RawResponse> exchange(std::string_view request) {
    send(request);
    return receive();
  }

  /// True when the server ends the connection in an orderly way and has sent nothing that was not taken.
  bool is_ended() {
    while (receive_some()) {
    }
    return end_ == End::orderly && received_.empty();
  }

  /// True when the connection is over, in whichever way.
  bool is_gone() {
    while (receive_some()) {
    }
    return end_ != End::none;
  }

  /// True when nothing comes and the connection stays open for that long.
  bool is_silent_for(Milliseconds time) { return received_.empty() && !is_ready(POLLIN, time); }

 private:
  enum class End { none, orderly, reset };

  static int number(std::string_view text, std::size_t at) {
    int value = -1;
    std::from_chars(text.data() + at, text.data() + text.size(), value);
    return value;
  }

  bool is_ready(short events, Milliseconds time) const {
    pollfd descriptor{.fd = socket_, .events = events, .revents = 0};
    return ::poll(&descriptor, 1, static_cast<int>(time.count())) > 0;
  }

  bool receive_some() {
    if (end_ != End::none || !is_ready(POLLIN, patience_)) return false;
    std::array<char, 4096> bytes;
    const auto size = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size <= 0) end_ = size == 0 ? End::orderly : End::reset;
    if (size > 0) received_.append(bytes.data(), static_cast<std::size_t>(size));
    return size > 0;
  }

  std::optional<std::size_t> receive_until(std::string_view mark) {
    for (;;) {
      const auto at = received_.find(mark);
      if (at != std::string::npos) return at + mark.size();
      if (!receive_some()) return std::nullopt;
    }
  }

  int socket_;
  Milliseconds patience_;
  std::string received_;
  End end_ = End::none;
};

}  // namespace event_draft::testing
