#pragma once

#include <string_view>
#include <tuple>

#include <event_draft/observer.hpp>

namespace event_draft::observers {

/// Several observers as one, told in their order.
template <Observer... Each>
class FanOut {
 public:
  explicit FanOut(Each&... each) noexcept : each_{each...} {}

  void on_step(const StepReport& report) noexcept {
    std::apply([&](Each&... each) { (each.on_step(report), ...); }, each_);
  }
  void on_exception(Step step, std::string_view what) noexcept {
    std::apply([&](Each&... each) { (each.on_exception(step, what), ...); }, each_);
  }

 private:
  std::tuple<Each&...> each_;
};

static_assert(Observer<FanOut<const NoObserver>>);

}  // namespace event_draft::observers
