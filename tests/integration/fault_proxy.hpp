#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace event_draft::testing {

/// What becomes of one piece of bytes on its way through a `FaultProxy`.
struct Passage {
  std::chrono::microseconds delay{0};
  std::size_t most = SIZE_MAX;  ///< bytes of it that go on
  bool cut = false;             ///< both sides are closed after that
  std::string instead{};        ///< goes on in its place, unless it is empty
};

/// Bytes that came together, on their way through a `FaultProxy`.
struct Piece {
  enum class Way : std::uint8_t { request, reply };

  std::size_t connection;  ///< its number: 1, 2, …
  Way way;
  std::string_view bytes;
};

/// Stands between a client and a server on loopback, on a port of its own, and does to what passes what the test wants.
/// Each connection is carried by a thread, so `judge` may be called by several at once.
class FaultProxy {
 public:
  using Way = Piece::Way;
  using Judge = std::function<Passage(const Piece&)>;

  /// Listens on any port, unless one is asked for. Ends with the object; connections under way are cut.
  FaultProxy(std::string host, std::uint16_t port, Judge judge, std::uint16_t own_port = 0);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;
  /// How many connections it has taken so far, and how many it carries now.
  [[nodiscard]] std::size_t accepted() const noexcept;
  [[nodiscard]] std::size_t open() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::jthread acceptor_;
};

}  // namespace event_draft::testing
