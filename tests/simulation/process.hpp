#pragma once

#include <string_view>
#include <type_traits>
#include <variant>

#include <event_draft/outbox_relay.hpp>
#include <event_draft/testing/drive.hpp>
#include <event_draft/testing/faults.hpp>

#include "backend.hpp"
#include "link.hpp"
#include "ports.hpp"

namespace event_draft::simulation {

/// Counts what services and relays say of themselves, and writes it into the trace.
class Tally {
 public:
  Tally(Course& course, int process) noexcept : course_{course}, process_{process} {}

  void on_step(const StepReport& report) noexcept {
    Statistics& statistics = course_.statistics;
    if (report.outcome == StepOutcome::damaged) statistics.add(Count::damaged_values);
    if (report.outcome == StepOutcome::expired) statistics.add(Count::expired_values);
    if (report.outcome == StepOutcome::foreign && report.step == Step::lookup) statistics.add(Count::foreign_values);
    if (report.outcome == StepOutcome::failed) count_doubt(report);
    course_.trace.line("process {}: {} for user {}: {} {} {} {}", process_, to_string(report.operation), report.user_id,
                       to_string(report.step), to_string(report.outcome), report.draft_id,
                       report.error ? to_string(report.error->code) : std::string_view{});
  }
  void on_exception(Step, std::string_view) noexcept {}

 private:
  void count_doubt(const StepReport& report) noexcept {
    if (report.error->certainty == Certainty::not_applied) return;
    if (report.step == Step::save) course_.statistics.add(Count::saves_in_doubt);
    if (report.step == Step::approve) course_.statistics.add(Count::approvals_in_doubt);
  }

  Course& course_;
  int process_;
};

/// How the processes of a run are set up.
struct Setup {
  InProgressPolicy policy = InProgressPolicy::keep;
  RelayOptions relay{};
  bool in_batches = false;  ///< the relay's publisher takes many at once
};

/// One process of the example server's kind: a service and a relay over the same ends of the ports. It may be dead.
template <bool has_outbox = true>
struct Process {
  using Repository = std::conditional_t<has_outbox, RepositoryPort&, testing::WithoutOutbox<RepositoryPort>>;
  template <class Publisher>
  using RelayWith = OutboxRelay<RepositoryPort, Publisher, const LocalClock, Tally>;

  Process(Course& course, Backend& backend, const Setup& setup, Skew skew, int number)
      : clock{course.now, skew},
        link{course, clock, number},
        ends{backend, link, std::chrono::seconds{5} + setup.relay.lease},
        cache{backend, link},
        publisher{backend, link},
        observer{course, number},
        service{accept_event_loss, repository, cache, publisher, {.in_progress = setup.policy}, clock, observer} {
    if (setup.in_batches) {
      relay.template emplace<1>(ends, publisher, setup.relay, clock, observer);
    } else {
      relay.template emplace<2>(ends, static_cast<PublisherPort&>(publisher), setup.relay, clock, observer);
    }
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  RelayPass run_relay_once() noexcept {
    if (auto* const in_batches = std::get_if<1>(&relay)) return in_batches->run_once();
    return std::get_if<2>(&relay)->run_once();
  }

  LocalClock clock;
  Link link;
  RepositoryPort ends;
  Repository repository{ends};
  CachePort cache;
  BatchPublisherPort publisher;
  Tally observer;
  testing::ServiceOver<std::remove_reference_t<Repository>, CachePort, BatchPublisherPort, const LocalClock, Tally>
      service;
  std::variant<std::monostate, RelayWith<BatchPublisherPort>, RelayWith<PublisherPort>> relay;
  Request pass;  ///< the relay's
};

}  // namespace event_draft::simulation
