#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <event_draft/cache_entry.hpp>
#include <event_draft/cache_key.hpp>

#include "operations.hpp"
#include "simulated_course.hpp"

namespace event_draft::simulation {

/// One schedule, wholly given by its seed: clients and relays at work while things go wrong, then a quiet phase, in which
/// all that was promised must come true.
class Schedule {
 public:
  Schedule(Engine& engine, Statistics& statistics, std::uint64_t seed, bool prints = false)
      : engine_{engine},
        random_{seed},
        conditions_{draw_conditions(random_)},
        course_{engine, random_, conditions_, statistics, prints},
        backend_{course_, draw_skew(), setting()},
        operations_{course_, backend_} {
    engine.reset();
  }

  /// The law that was broken; empty when none was.
  const std::string& run() {
    begin();
    engine_.run();
    course_.trace.line("from here on nothing goes wrong");
    calm_down();
    deliver();
    serve_everybody();
    deliver();
    backend_.witness.ended(backend_.repository.drafts(), backend_.outbox());
    if (conditions_.is_calm) judge_calm();
    return backend_.witness.broken();
  }

  [[nodiscard]] std::uint64_t digest() const noexcept { return course_.trace.digest(); }

 private:
  using milliseconds = std::chrono::milliseconds;

  static constexpr int slots = 2;

  // What goes on.

  void begin() {
    for (int slot = 0; slot != slots; ++slot) start(slot);
    clients_left_ = conditions_.clients;
    for (int client = 0; client != conditions_.clients; ++client) {
      engine_.spawn({}, [this, client] { act_as_client(client % conditions_.users + 1); });
    }
    const auto horizon = random_.pick(std::array{milliseconds{50}, milliseconds{500}, milliseconds{4000}});
    for (int i = 0; i != conditions_.disturbances; ++i) {
      engine_.later(random_.span(horizon), [this] { disturb(); });
    }
    if (conditions_.disturbances > 2) engine_.spawn(random_.span(2 * horizon), [this] { act_as_administrator(); });
  }

  void act_as_client(std::int64_t user) {
    for (int i = 0; i != conditions_.operations; ++i) {
      const bool waits_long = !conditions_.is_calm && random_.chance(20);
      engine_.sleep(waits_long ? in_progress_window + random_.around(std::chrono::minutes{1})
                               : random_.span(conditions_.hurry));
      if (Process<>* const process = running(random_.below(slots))) ask(*process, user);
    }
    --clients_left_;
  }

  void ask(Process<>& process, std::int64_t user) {
    const int what = random_.below(100);
    if (what < 45) {
      operations_.create(process, draw_command(user));
    } else if (what < 65) {
      operations_.find(process, draw_draft(), user);
    } else {
      const auto trace_parent = draw_trace_parent();  // in this order with every compiler
      operations_.approve(process, draw_draft(), user, trace_parent);
    }
  }

  void act_as_relay(Process<>& process) {
    course_.request() = &process.pass;
    process.link.sleep(random_.span(conditions_.setup.relay.poll));
    for (int i = 0; goes_on(process, i); ++i) {
      const RelayPass done = operations_.run_relay(process, conditions_.setup.relay);
      process.link.sleep(done.wait + (conditions_.is_calm ? milliseconds{} : random_.span(milliseconds{300})));
    }
  }

  [[nodiscard]] bool goes_on(const Process<>& process, int passes) const noexcept {
    if (conditions_.relays_apart && process.link.process() % slots == 0) return false;
    return process.link.lives() && (conditions_.is_calm ? clients_left_ != 0 : passes < conditions_.passes);
  }

  void act_as_administrator() {
    Request request;
    course_.request() = &request;
    Process<>* const process = running(random_.below(slots));
    if (process == nullptr) return;
    const auto deadline = [&] { return Deadline::after(std::chrono::seconds{1}, process->clock.steady_now()); };
    for (const ParkedEvent& each : backend_.parked()) {
      try {
        static_cast<void>(process->ends.replay(each.id, deadline()));
      } catch (const std::runtime_error&) {  // as with any other failure, it is tried again some day
      }
    }
  }

  // What is asked for.

  CreateEventDraft draw_command(std::int64_t user) {
    constexpr std::array<std::string_view, 2> objectives{"신규 고객 유치", "재방문 유도"};
    constexpr std::array<std::string_view, 2> names{"맛있는집", "다른집"};
    return {user, random_.pick(objectives), random_.pick(names), "음식점", "서울시 강남구", draw_trace_parent()};
  }

  std::string_view draw_trace_parent() {
    constexpr std::array<std::string_view, 3> parents{"", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                                      "00-4bf92f3577b34da6a3ce929d0e0e4737-00f067aa0ba902b7-01"};
    return random_.pick(parents);
  }

  /// Any draft, and at times one that does not exist.
  DraftId draw_draft() {
    return DraftId::numbered(
        1 + static_cast<std::uint64_t>(random_.below(1 + static_cast<int>(backend_.witness.drafts().size()))));
  }

  // What goes wrong, besides calls.

  void disturb() {
    const int what = random_.below(100);
    const int slot = random_.below(slots);
    const auto time = random_.span(random_.pick(std::array{milliseconds{50}, milliseconds{600}, milliseconds{5000}}));
    if (what < 30) return crash(slot, time);
    if (what < 50) return cut(slot, time);
    if (what < 65) return pause(slot, time);
    if (what < 75) return jump(slot);
    if (what < 82) return flush();
    poison();
  }

  void crash(int slot, std::chrono::nanoseconds restarts_after) {
    Process<>* const process = running(slot);
    if (process == nullptr) return;
    course_.statistics.add(Count::crashes);
    course_.statistics.add(Count::forgotten_settlements, process->ends.waiting());
    process->link.die();
    running_[static_cast<std::size_t>(slot)] = nullptr;
    engine_.later(restarts_after, [this, slot] { start(slot); });
  }

  void start(int slot) {
    if (running(slot) != nullptr || count_ + slots == processes_.size()) return;  // the quiet phase needs some
    Process<>& process = put_to_work(slot);
    engine_.spawn({}, [this, &process] { act_as_relay(process); });
  }

  Process<>& put_to_work(int slot) {
    const int number = static_cast<int>(count_++);
    Process<>& process =
        processes_[static_cast<std::size_t>(number)].emplace(course_, backend_, conditions_.setup, draw_skew(), number);
    running_[static_cast<std::size_t>(slot)] = &process;
    course_.trace.line("process {} starts", number);
    return process;
  }

  void cut(int slot, std::chrono::nanoseconds time) {
    Process<>* const process = running(slot);
    const auto target = random_.pick(std::array{Target::repository, Target::cache, Target::broker, Target::broker});
    if (process == nullptr) return;
    course_.statistics.add(Count::cuts);
    course_.trace.line("process {} is cut off from the {}", process->link.process(),
                       target == Target::repository ? "repository"
                       : target == Target::cache    ? "cache"
                                                    : "broker");
    process->link.cut(target, engine_.now() + time);
  }

  void pause(int slot, std::chrono::nanoseconds time) {
    Process<>* const process = running(slot);
    if (process == nullptr) return;
    course_.statistics.add(Count::pauses);
    course_.trace.line("process {} stands still", process->link.process());
    process->link.pause(engine_.now() + time);
  }

  /// Of a process's clock either way; or of the database's, forward: back, all that it has promised would take longer.
  void jump(int slot) {
    Process<>* const process = running(slot);
    if (process == nullptr) return;
    course_.statistics.add(Count::clock_jumps);
    if (random_.chance(200)) {
      backend_.jump(random_.pick(std::array{milliseconds{1500}, milliseconds{60'000}, milliseconds{1'900'000}}));
      return course_.trace.line("the time of day of the repository jumps");
    }
    process->clock.jump(milliseconds{random_.below(7'200'000) - 3'600'000});
    course_.trace.line("the time of day of process {} jumps", process->link.process());
  }

  void flush() {
    course_.statistics.add(Count::cache_flushes);
    course_.trace.line("the cache forgets all");
    backend_.cache.flush();
  }

  /// Puts into the cache what an older version, a fault or somebody else could have left there.
  void poison() {
    const auto& drafts = backend_.witness.drafts();
    if (drafts.empty()) return;
    const auto pick = [&]() -> const EventDraft& {
      return drafts[static_cast<std::size_t>(random_.below(static_cast<int>(drafts.size())))].draft;
    };
    EventDraft old = pick();
    old.status = DraftStatus::draft;
    const EventDraft& other = pick();
    std::string entry{encode_cache_entry(old).view()};
    switch (random_.below(4)) {
      case 0: entry.resize(entry.size() / 2); break;
      case 1: entry.replace(entry.find("1"), 1, "2"); break;  // the version
      default: break;                                         // another's, another draft's, or what was true once
    }
    const UserId user = random_.chance(500) ? old.user_id : other.user_id;
    const CacheKey key = random_.chance(600) ? cache_key(user) : cache_key(other.id);
    course_.statistics.add(Count::poisoned_values);
    course_.trace.line("the cache has {} under {}", entry, key.view());
    backend_.cache.put(key, entry);
  }

  // The quiet phase.

  /// Whoever is down is started, whoever runs goes on or is started anew.
  void calm_down() {
    for (int slot = 0; slot != slots; ++slot) {
      if (Process<>* const process = running(slot);
          process != nullptr && (conditions_.is_calm || random_.chance(500))) {
        process->link.heal();
        continue;
      }
      if (Process<>* const process = running(slot)) process->link.die();
      put_to_work(slot).link.heal();
    }
  }

  /// The relays run until nothing is pending, and what is parked is replayed; all of it within a bounded time.
  void deliver() {
    const auto end = engine_.now() + patience();
    while (engine_.now() < end) {
      for (Process<>* const process : running_) operations_.run_relay(*process, conditions_.setup.relay);
      for (const ParkedEvent& each : backend_.parked()) static_cast<void>(backend_.replay(each.id));
      const auto due = backend_.witness.next_due();
      if (!due) return;
      const auto wait = *due - backend_.now();
      engine_.sleep(std::max<std::chrono::nanoseconds>(wait, milliseconds{100}));
    }
    backend_.witness.require(false, "what is pending is delivered in a bounded time");
  }

  /// An event's lease or back-off, its successor's, and once more after a replay; at the relay's rate.
  [[nodiscard]] std::chrono::nanoseconds patience() const {
    const RelayOptions& relay = conditions_.setup.relay;
    const auto rate = std::chrono::seconds{1} * static_cast<int>(2 * backend_.witness.drafts().size() + 2) /
                      static_cast<int>(relay.most_per_second);
    return 3 * (std::max(relay.lease, inline_event_lease) + std::max(relay.backoff.most, relay.outage.most)) +
           3 * rate + std::chrono::seconds{10};
  }

  /// Everybody finds what is theirs, and nothing else; and can begin and approve a draft.
  void serve_everybody() {
    const std::size_t count = backend_.witness.drafts().size();
    for (std::size_t i = 0; i != count; ++i) {
      const EventDraft draft = backend_.witness.drafts()[i].draft;
      const std::int64_t owner = draft.user_id.value();
      const auto found = operations_.find(*running_[0], draft.id, owner);
      backend_.witness.require(found && *found, "the owner finds what is stored");
      if (i == 0) operations_.find(*running_[1], draft.id, owner + 1);
    }
    const auto receipt = operations_.create(*running_[1], draw_command(1));
    backend_.witness.require(receipt && *receipt, "when nothing fails a draft is created");
    if (!receipt || !*receipt) return;
    const auto approval = operations_.approve(*running_[0], receipt->assume_value().draft.id, 1, {});
    backend_.witness.require(approval && *approval, "when nothing fails a draft is approved");
  }

  void judge_calm() {
    course_.statistics.add(Count::calm_schedules);
    backend_.witness.each_event([&](const WatchedEvent& event) {
      backend_.witness.require(event.copies == 1, "where nothing fails an event is sent once", event.event.id);
    });
  }

  // Helpers.

  [[nodiscard]] Process<>* running(int slot) const noexcept { return running_[static_cast<std::size_t>(slot)]; }

  Skew draw_skew() {
    if (conditions_.skew.count() == 0 && conditions_.drift == 0) return {};
    const auto most = std::max(conditions_.skew, milliseconds{1});
    const auto drift = static_cast<int>(2 * conditions_.drift + 1);
    return {std::chrono::floor<milliseconds>(random_.around(most)), random_.span(std::chrono::hours{1}),
            random_.below(drift) - conditions_.drift};
  }

  [[nodiscard]] Witness::Setting setting() const noexcept {
    return {conditions_.setup.policy == InProgressPolicy::replace_if_different, conditions_.setup.relay.most_attempts};
  }

  Engine& engine_;
  Random random_;
  Conditions conditions_;
  SimulatedCourse course_;
  Backend backend_;
  Operations<> operations_;
  std::array<std::optional<Process<>>, 12> processes_;
  std::size_t count_ = 0;
  std::array<Process<>*, slots> running_{};
  int clients_left_ = 0;
};

}  // namespace event_draft::simulation
