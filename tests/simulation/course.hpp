#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "request.hpp"
#include "statistics.hpp"
#include "trace.hpp"
#include "way.hpp"

namespace event_draft::simulation {

class Link;

/// How things go in one run: by chance in the simulation, by choice in the enumeration. All processes of a run share it.
class Course {
 public:
  Course(const std::chrono::nanoseconds& time, Statistics& counts, bool prints) noexcept
      : now{time}, statistics{counts}, trace{time, prints} {}
  Course(const Course&) = delete;
  Course& operator=(const Course&) = delete;
  virtual ~Course() = default;

  /// A call is about to be made: somebody else may go first.
  virtual void arrive() {}
  /// How this call goes.
  virtual Way draw(PortFunction function, const Link& link) = 0;
  /// Which of many things that are handed over at once get through, as bits.
  virtual std::uint64_t draw_parts(Target, const Link&) { return ~std::uint64_t{0}; }
  /// `settle_later` waits for nothing and can't fail, but the process may die there.
  virtual bool survives_settling() { return true; }
  virtual void sleep(std::chrono::nanoseconds span) = 0;
  /// Does something after `span`, whoever lives by then.
  virtual void later(std::chrono::nanoseconds span, std::function<void()> effect) = 0;
  /// What the code that runs now does for somebody.
  [[nodiscard]] virtual Request*& request() noexcept = 0;

  const std::chrono::nanoseconds& now;  ///< true time
  Statistics& statistics;
  Trace trace;
};

}  // namespace event_draft::simulation
