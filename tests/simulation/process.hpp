#pragma once

#include <string_view>
#include <variant>

#include <event_draft/outbox_relay.hpp>
#include <event_draft/service.hpp>

#include "backend.hpp"
#include "ports.hpp"
#include "simulated_link.hpp"

namespace event_draft::simulation {

/// Counts what the services and relays say of themselves, and writes it into the trace.
class Tally {
 public:
  Tally(Surroundings& around, int process) noexcept : around_{around}, process_{process} {}

  void on_step(const StepReport& report) noexcept {
    Statistics& statistics = around_.statistics;
    if (report.outcome == StepOutcome::damaged) statistics.add(Count::damaged_values);
    if (report.step == Step::lookup && report.outcome == StepOutcome::foreign) statistics.add(Count::foreign_values);
    if (report.outcome == StepOutcome::expired) statistics.add(Count::expired_values);
    if (report.outcome == StepOutcome::failed) count_second_try(report);
    around_.trace.line("process {}: {} for user {}: {} {} {} {}", process_, to_string(report.operation), report.user_id,
                       to_string(report.step), to_string(report.outcome), report.draft_id,
                       report.error ? to_string(report.error->code) : std::string_view{});
  }
  void on_exception(Step, std::string_view) noexcept {}

 private:
  void count_second_try(const StepReport& report) noexcept {
    if (report.error->certainty == Certainty::not_applied) return;
    if (report.step == Step::save) around_.statistics.add(Count::second_saves);
    if (report.step == Step::approve) around_.statistics.add(Count::second_approvals);
  }

  Surroundings& around_;
  int process_;
};

/// One process of the example server's kind: a service and a relay over the same ends of the ports. It may be dead.
struct Process {
  using Repository = RepositoryPort<SimulatedLink>;
  using Cache = CachePort<SimulatedLink>;
  using Publisher = BatchPublisherPort<SimulatedLink>;
  using SinglePublisher = PublisherPort<SimulatedLink>;
  template <class T>
  using RelayWith = OutboxRelay<Repository, T, const LocalClock, Tally>;

  Process(Surroundings& around, Backend& backend, Skew skew, int number)
      : clock{around.engine.now(), skew},
        link{around, clock, number},
        repository{backend, link},
        cache{backend, link},
        publisher{backend, link},
        observer{around, number},
        service{repository, cache, publisher, {.in_progress = around.conditions.policy}, clock, observer} {
    const RelayOptions& options = around.conditions.relay;
    if (around.conditions.in_batches) {
      relay.emplace<1>(repository, publisher, options, clock, observer);
    } else {
      relay.emplace<2>(repository, static_cast<SinglePublisher&>(publisher), options, clock, observer);
    }
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  RelayPass run_relay_once() noexcept {
    if (auto* const in_batches = std::get_if<1>(&relay)) return in_batches->run_once();
    return std::get_if<2>(&relay)->run_once();
  }

  LocalClock clock;
  SimulatedLink link;
  Repository repository;
  Cache cache;
  Publisher publisher;
  Tally observer;
  EventDraftService<Repository, Cache, Publisher, const LocalClock, Tally> service;
  Request pass;  ///< the relay's
  std::variant<std::monostate, RelayWith<Publisher>, RelayWith<SinglePublisher>> relay;
};

}  // namespace event_draft::simulation
