#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <event_draft/cache_entry.hpp>
#include <event_draft/cache_key.hpp>
#include <event_draft/outbox_relay.hpp>
#include <event_draft/service.hpp>
#include <event_draft/testing/faults.hpp>
#include <event_draft/testing/samples.hpp>

#include "answers.hpp"
#include "backend.hpp"
#include "enumerated_link.hpp"
#include "ports.hpp"

namespace event_draft::simulation {

/// What is there before the operations that are tried.
enum class State : std::uint8_t {
  fresh,
  in_progress,       ///< draft-1, told to everybody
  uncached,          ///< the same, but the cache knows nothing
  left_behind,       ///< draft-1, whose process died at once; its event's lease is over
  approved,          ///< draft-1, told to everybody
  approval_pending,  ///< draft-1 and its approval; both events are due
  stale,             ///< draft-1 is approved, but the cache says that it is a draft
  damaged,           ///< draft-1 in progress, half of it in the cache
  foreign,           ///< draft-1 in progress; the cache has another user's draft for it
  other_version,     ///< draft-1 in progress, cached by another version
  swapped,           ///< draft-1 past its window and draft-2 in progress, each under the other's key
  expired,           ///< draft-1 past its window, but cached under the user's key
  parked,            ///< draft-1, whose event was refused too often
};

inline constexpr std::array<std::string_view, 13> state_names{"fresh",
                                                              "in progress",
                                                              "in progress, not cached",
                                                              "left behind by a crash",
                                                              "approved",
                                                              "approved, events pending",
                                                              "stale",
                                                              "damaged",
                                                              "foreign",
                                                              "other version",
                                                              "swapped",
                                                              "window expired",
                                                              "parked"};

enum class Deed : std::uint8_t { create, create_other, find, find_foreign, approve, approve_foreign, relay };

inline constexpr std::array<std::string_view, 7> deed_names{
    "create", "create something else", "find", "find another's", "approve", "approve another's", "relay"};

/// One run from one state with one sequence of choices, through what fails to what must come true in the end.
/// Without an outbox there is no relay; what is lost must be what the requests were told.
template <bool has_outbox = true>
class Trial {
 public:
  Trial(Choices& choices, Statistics& statistics, InProgressPolicy policy, int faults, bool prints)
      : trace_{now_, prints},
        course_{choices, trace_, now_, 0},
        policy_{policy},
        faults_{faults},
        backend_{now_,
                 {},
                 {policy != InProgressPolicy::keep, relay_options().most_attempts, has_outbox},
                 statistics,
                 trace_} {}

  void prepare(State state) {
    const UserId user = testing::sample_new_draft().user_id;
    start();
    switch (state) {
      case State::fresh: break;
      case State::in_progress: create(sample_command()); break;
      case State::uncached:
        create(sample_command());
        backend_.cache.flush();
        break;
      case State::left_behind: leave_behind(); break;
      case State::approved: create_and_approve(); break;
      case State::approval_pending:
        leave_behind();
        static_cast<void>(backend_.approve({DraftId::numbered(1), user, clock_.now()}, nobody_));
        break;
      case State::stale: {
        create_and_approve();
        EventDraft old = backend_.witness.drafts()[0].draft;
        old.status = DraftStatus::draft;
        put_under_both(old, encode_cache_entry(old).view());
        break;
      }
      case State::damaged:
        create(sample_command());
        put_under_both(draft(0), encode_cache_entry(draft(0)).view().substr(0, 100));
        break;
      case State::foreign:
        create(sample_command());
        create(sample_command(stranger));
        put_under_both(draft(0), encode_cache_entry(draft(1)).view());
        break;
      case State::other_version: {
        create(sample_command());
        std::string entry{encode_cache_entry(draft(0)).view()};
        put_under_both(draft(0), entry.replace(entry.find('1'), 1, "2"));
        break;
      }
      case State::swapped:
        create(sample_command());
        now_ += 2 * in_progress_window;
        create(other_command());
        put_under_both(draft(0), encode_cache_entry(draft(1)).view());
        put_under_both(draft(1), encode_cache_entry(draft(0)).view());
        break;
      case State::expired:
        create(sample_command());
        now_ += 2 * in_progress_window;
        put_under_both(draft(0), encode_cache_entry(draft(0)).view());
        break;
      case State::parked: park(); break;
    }
    course_.faults_left = faults_;
  }

  /// One after the other, in one process while it lives.
  void run(Deed deed) {
    if (!process_->link.lives()) start();
    perform(*process_, deed);
  }

  /// Both at the same time, in two processes, at every port call in either order.
  void run_together(Deed first, Deed second, std::array<Fiber, 2>& fibers) {
    Process& one = *process_;
    Process& two = start();
    fibers[0].begin([&] { perform(one, first); });
    fibers[1].begin([&] { perform(two, second); });
    for (Fiber& each : fibers) go_on(each);  // to its first call
    while (!fibers[0].is_done() && !fibers[1].is_done()) {
      go_on(fibers[static_cast<std::size_t>(course_.choices.choose(2))]);
    }
    for (Fiber& each : fibers) {
      while (!each.is_done()) go_on(each);
    }
  }

  /// All is started anew, nothing fails any more, and what was promised comes true. Gives the law that was broken.
  const std::string& end() {
    course_.faults_left = 0;
    for (auto& each : processes_) {
      if (each) each->link.die();
    }
    trace_.line("from here on nothing goes wrong");
    start();
    if constexpr (has_outbox) {
      deliver();
      backend_.witness.ended(backend_.repository.drafts(), backend_.outbox());
    } else {
      judge_losses();
    }
    for (const WatchedDraft& each : backend_.witness.drafts()) {
      const bool is_found = find(*process_, each.draft.id, each.draft.user_id.value());
      backend_.witness.require(is_found, "the owner finds what is stored");
    }
    return backend_.witness.broken();
  }

 private:
  using Ends = RepositoryPort<EnumeratedLink>;
  using Repository = std::conditional_t<has_outbox, Ends, testing::WithoutOutbox<Ends>>;
  using Cache = CachePort<EnumeratedLink>;
  using Publisher = PublisherPort<EnumeratedLink>;

  static constexpr std::int64_t stranger = testing::sample_user + 1;

  static CreateEventDraft sample_command(std::int64_t user = testing::sample_user) {
    return testing::sample_command(user);
  }
  static CreateEventDraft other_command() { return testing::with_objective("매출 증대"); }

  static RelayOptions relay_options() {
    RelayOptions options;
    options.batch = 4;
    options.most_attempts = 2;
    return options;
  }

  struct Process {
    Process(Course& course, Backend& backend, InProgressPolicy policy, int number)
        : clock{course.now},
          link{course, clock, number},
          ends{backend, link},
          cache{backend, link},
          publisher{backend, link},
          service{accept_event_loss, repository, cache, publisher, {.in_progress = policy}, clock},
          relay{ends, publisher, relay_options(), clock} {}
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    LocalClock clock;
    EnumeratedLink link;
    Ends ends;
    std::conditional_t<has_outbox, Repository&, Repository> repository{ends};
    Cache cache;
    Publisher publisher;
    EventDraftService<Repository, Cache, Publisher, const LocalClock> service;
    OutboxRelay<Ends, Publisher, const LocalClock> relay;
  };

  /// Who stored what without an outbox, and what they were told.
  struct Told {
    const Request* request;
    bool may_be_lost;
  };

  Process& start() {
    process_ = &processes_[started_].emplace(course_, backend_, policy_, static_cast<int>(started_));
    ++started_;
    return *process_;
  }

  void go_on(Fiber& fiber) {
    course_.running = &fiber;
    fiber.resume();
    course_.running = nullptr;
  }

  // What is tried.

  void perform(Process& process, Deed deed) {
    const DraftId latest = DraftId::numbered(std::max<std::size_t>(backend_.witness.drafts().size(), 1));
    const DraftId own = latest == DraftId::numbered(2) && draft(1).user_id.value() != testing::sample_user
                            ? DraftId::numbered(1)
                            : latest;
    switch (deed) {
      case Deed::create: create(process, sample_command()); break;
      case Deed::create_other: create(process, other_command()); break;
      case Deed::find: find(process, own, testing::sample_user); break;
      case Deed::find_foreign: find(process, own, stranger); break;
      case Deed::approve: approve(process, own, testing::sample_user); break;
      case Deed::approve_foreign: approve(process, own, stranger); break;
      case Deed::relay: run_relay(process); break;
    }
  }

  void create(Process& process, const CreateEventDraft& command) {
    Request& request = begin(process, Operation::create, command.user_id);
    const auto answer = process.service.create_event_draft(command);
    if (!is_heard(process, request)) return;
    judge_create(backend_.witness, request, command, answer, process.clock.now());
    if (answer) {
      told(request, answer.assume_value().event);
    } else {
      told(request, answer.assume_error());
    }
  }
  void create(const CreateEventDraft& command) {
    create(*process_, command);
    if constexpr (has_outbox) run_relay(*process_);
  }

  bool find(Process& process, const DraftId& id, std::int64_t user) {
    Request& request = begin(process, Operation::find, user);
    const auto answer = process.service.find_event_draft(id, user);
    if (!is_heard(process, request)) return false;
    judge_find(backend_.witness, request, id, answer);
    return answer.has_value();
  }

  void approve(Process& process, const DraftId& id, std::int64_t user) {
    Request& request = begin(process, Operation::approve, user);
    const auto answer = process.service.approve_event_draft(id, user);
    if (!is_heard(process, request)) return;
    judge_approve(backend_.witness, request, id, answer);
    if (answer) {
      told(request, answer.assume_value().event);
    } else {
      told(request, answer.assume_error());
    }
  }

  RelayPass run_relay(Process& process) {
    Request& pass = begin(process, Operation::relay, 0);
    const RelayPass done = process.relay.run_once();
    if (process.link.lives()) judge_pass(backend_.witness, pass, relay_options(), process.clock.steady_now());
    return done;
  }

  Request& begin(Process& process, Operation operation, std::int64_t user) {
    Request& request = requests_.emplace_back();
    request.operation = operation;
    request.user = user;
    request.process = process.link.process();
    request.stood_still = course_.running != nullptr;  // the other one's waiting passes its time too
    request.began = process.clock.steady_now();
    request.drafts_before = backend_.witness.drafts().size();
    process.link.serve(request);
    return request;
  }

  bool is_heard(Process& process, const Request& request) {
    if (process.link.lives()) judge_effort(backend_.witness, request, Budget{}, process.clock.steady_now());
    return process.link.lives();
  }

  // What is there before.

  [[nodiscard]] const EventDraft& draft(std::size_t index) const { return backend_.witness.drafts()[index].draft; }

  void create_and_approve() {
    create(sample_command());
    approve(*process_, DraftId::numbered(1), testing::sample_user);
    if constexpr (has_outbox) run_relay(*process_);
  }

  void leave_behind() {
    const auto saved = backend_.save(testing::sample_new_draft(), nobody_);
    now_ += std::chrono::seconds{2};
    static_cast<void>(saved);
  }

  void park() {
    leave_behind();
    const auto claimed = backend_.claim(1, std::chrono::seconds{1});
    const Settlement settlement = Settlement::parked(claimed.value().at(0).lease(), Errc::event_rejected);
    static_cast<void>(backend_.settle({&settlement, 1}));
  }

  void put_under_both(const EventDraft& of, std::string_view value) {
    backend_.cache.put(cache_key(of.user_id), value);
    backend_.cache.put(cache_key(of.id), value);
  }

  // What comes true.

  void deliver() {
    for (int pass = 0; pass != 20; ++pass) {
      run_relay(*process_);
      for (const ParkedEvent& each : backend_.parked()) static_cast<void>(backend_.replay(each.id));
      const auto due = backend_.witness.next_due();
      if (!due) return;
      now_ += std::max<std::chrono::nanoseconds>(*due - backend_.now(), std::chrono::milliseconds{200});
    }
    backend_.witness.require(false, "what is pending is delivered in a bounded time");
  }

  void told(const Request& request, EventDelivery delivery) {
    told_.push_back({&request, delivery == EventDelivery::lost});
  }
  void told(const Request& request, const Error& error) {
    told_.push_back({&request, error.certainty == Certainty::unknown});
  }

  /// An event is lost only if nobody lived to be told, or was told that it is or may be so.
  void judge_losses() {
    for (const WatchedDraft& each : backend_.witness.drafts()) {
      const std::uint64_t which = bit(backend_.witness.index(each));
      const auto may_be_lost = [&](const WatchedEvent& event, std::uint64_t Request::*work) {
        if (event.copies != 0) return;
        for (const Told& answer : told_) {
          const bool is_its_own = (answer.request->*work & which) != 0;
          backend_.witness.require(!is_its_own || answer.may_be_lost, "what is lost was told as lost", event.event.id);
        }
      };
      may_be_lost(each.created, &Request::stored);
      if (each.approved) may_be_lost(*each.approved, &Request::approved);
    }
  }

  std::chrono::nanoseconds now_{};
  Trace trace_;
  Course course_;
  InProgressPolicy policy_;
  int faults_;
  Backend backend_;
  LocalClock clock_{now_};
  std::deque<Request> requests_;
  Request nobody_;
  std::vector<Told> told_;
  std::array<std::optional<Process>, 5> processes_;
  std::size_t started_ = 0;
  Process* process_ = nullptr;
};

}  // namespace event_draft::simulation
