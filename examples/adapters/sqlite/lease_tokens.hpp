#pragma once

#include <cstdint>
#include <event_draft/lease.hpp>
#include <random>

namespace event_draft::sqlite {

/// Makes lease tokens that no one had before, in earlier lives of the process neither: 64 random bits, but never 0. For
/// one caller at a time.
class LeaseTokens {
 public:
  [[nodiscard]] LeaseToken operator()() noexcept {
    std::uint64_t bits = 0;
    while (bits == 0) bits = source_();
    return LeaseToken{static_cast<std::int64_t>(bits)};
  }

 private:
  static std::mt19937_64 seeded() {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64{seed};
  }

  std::mt19937_64 source_ = seeded();
};

}  // namespace event_draft::sqlite
