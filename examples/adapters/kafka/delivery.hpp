#pragma once

#include <event_draft/result.hpp>

namespace event_draft::kafka {

/// An event that is handed over, as whoever hears what became of it.
class Delivery {
 public:
  Delivery() = default;
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  /// Exactly once, on any thread.
  virtual void report(const Result<void>& result) noexcept = 0;

 protected:
  ~Delivery() = default;
};

}  // namespace event_draft::kafka
