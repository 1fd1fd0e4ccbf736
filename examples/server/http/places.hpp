#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

namespace event_draft::server {

/// A bound on what is under way at the same time. Thread-safe.
class Places {
 public:
  explicit Places(std::size_t places) noexcept : places_{places} {}

  struct Leave {
    void operator()(Places* places) const noexcept { places->taken_.fetch_sub(1); }
  };
  using Place = std::unique_ptr<Places, Leave>;  ///< given back when it is destroyed

  /// \return null when all places are taken
  [[nodiscard]] Place try_enter() noexcept {
    if (taken_.fetch_add(1) < places_) return Place{this};
    taken_.fetch_sub(1);
    return nullptr;
  }

 private:
  std::size_t places_;
  std::atomic<std::size_t> taken_ = 0;
};

}  // namespace event_draft::server
