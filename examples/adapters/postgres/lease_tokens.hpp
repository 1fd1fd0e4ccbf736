#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>

namespace event_draft::postgres {

/// Makes lease tokens that no one had before, in earlier lives of the process and in other processes neither: a random
/// number, from which as many as are needed follow each other. None is 0, nobody's. For many callers at a time.
class LeaseTokens {
 public:
  [[nodiscard]] std::int64_t operator()() {
    const std::lock_guard lock{mutex_};
    return std::uniform_int_distribution<std::int64_t>{1, std::int64_t{1} << 62U}(source_);
  }

 private:
  static std::mt19937_64 seeded() {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64{seed};
  }

  std::mutex mutex_;
  std::mt19937_64 source_ = seeded();
};

}  // namespace event_draft::postgres
