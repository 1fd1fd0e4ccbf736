#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "conditions.hpp"
#include "course.hpp"
#include "engine.hpp"
#include "link.hpp"

namespace event_draft::simulation {

/// Things go by chance, under the conditions that were drawn for the schedule.
class SimulatedCourse final : public Course {
 public:
  SimulatedCourse(Engine& engine, Random& random, const Conditions& conditions, Statistics& counts,
                  bool prints) noexcept
      : Course{engine.now(), counts, prints}, engine_{engine}, random_{random}, conditions_{conditions} {}

  Way draw(PortFunction function, const Link& link) override {
    Way way;
    if (link.is_healed()) {
      way.there = std::chrono::microseconds{200};
      return way;
    }
    const Target target = target_of(function);
    const auto slowness = conditions_.slowness[static_cast<std::size_t>(target)];
    way.there = random_.span(slowness);
    way.back = random_.chance(500) ? random_.span(slowness) : std::chrono::nanoseconds{};
    way.mishap = link.is_cut(target) ? draw_cut() : draw_mishap(conditions_, target, random_);
    if (way.mishap == Mishap::twice && function == PortFunction::save)
      way.mishap = Mishap::none;  // sent once, by itself
    if (way.mishap == Mishap::none) return way;
    statistics.add(count_of(way.mishap));
    way.detour =
        random_.span(random_.pick(std::array{std::chrono::milliseconds{300}, std::chrono::milliseconds{4000}}));
    way.is_noticed = random_.chance(500);
    way.arrives = random_.chance(500);
    return way;
  }

  std::uint64_t draw_parts(Target target, const Link& link) override {
    const int rate = conditions_.mishaps[static_cast<std::size_t>(target)];
    return link.is_healed() || rate == 0 || !random_.chance(rate) ? ~std::uint64_t{0} : random_();
  }

  void sleep(std::chrono::nanoseconds span) override { engine_.sleep(span); }
  void later(std::chrono::nanoseconds span, std::function<void()> effect) override {
    statistics.add(Count::late_effects);
    engine_.later(span, std::move(effect));
  }
  Request*& request() noexcept override { return engine_.request(); }

 private:
  Mishap draw_cut() {
    return random_.pick(std::array{Mishap::refused, Mishap::lost_request, Mishap::lost_request, Mishap::lost_reply});
  }

  static Count count_of(Mishap mishap) noexcept {
    switch (mishap) {
      case Mishap::refused: return Count::refused;
      case Mishap::applied_then_failed: return Count::applied_then_failed;
      case Mishap::lost_reply: return Count::lost_replies;
      case Mishap::twice: return Count::twice_applied;
      case Mishap::rejected: return Count::rejected;
      case Mishap::lost_request:
      case Mishap::late: return Count::lost_requests;
      default: return Count::thrown;
    }
  }

  Engine& engine_;
  Random& random_;
  const Conditions& conditions_;
};

}  // namespace event_draft::simulation
