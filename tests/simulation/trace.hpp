#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace event_draft::simulation {

/// What happened, step by step: always as a digest, by which two runs are known to be the same, and as text when it is wanted.
class Trace {
 public:
  explicit Trace(const std::chrono::nanoseconds& now, bool prints = false) noexcept : now_{&now}, prints_{prints} {}

  void note(std::uint64_t what) noexcept {
    digest_ = (digest_ ^ what ^ static_cast<std::uint64_t>(now_->count())) * 0x9E3779B97F4A7C15;
    digest_ ^= digest_ >> 32U;
  }

  /// The arguments are formatted only when somebody reads them.
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) const {
    if (!prints_) [[likely]] {
      return;
    }
    fmt::print("{:12.6f} s  {}\n", std::chrono::duration<double>(*now_).count(),
               fmt::format(format, std::forward<Args>(args)...));
  }

  [[nodiscard]] bool prints() const noexcept { return prints_; }
  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_; }

 private:
  const std::chrono::nanoseconds* now_;
  bool prints_;
  std::uint64_t digest_ = 0;
};

}  // namespace event_draft::simulation
