#pragma once

#include <event_draft/result.hpp>
#include <string>
#include <utility>

namespace event_draft::event_log {

/// Lines that are handed over to be appended, as whoever hears what became of them.
class Delivery {
 public:
  explicit Delivery(std::string lines) noexcept : lines_{std::move(lines)} {}
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;
  virtual ~Delivery() = default;

  [[nodiscard]] const std::string& lines() const noexcept { return lines_; }

  // Each once, on the log's thread.
  /// They are about to be written. False: nobody waits for that, so they are not, and nothing is reported.
  [[nodiscard]] virtual bool take() noexcept = 0;
  virtual void report(const Result<void>& result) noexcept = 0;

 private:
  std::string lines_;
};

}  // namespace event_draft::event_log
