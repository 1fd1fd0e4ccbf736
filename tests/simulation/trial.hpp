#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <event_draft/cache_entry.hpp>
#include <event_draft/cache_key.hpp>
#include <event_draft/testing/samples.hpp>

#include "enumerated_course.hpp"
#include "operations.hpp"

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
  Trial(Choices& choices, Statistics& statistics, InProgressPolicy policy, bool prints)
      : course_{choices, statistics, prints},
        setup_{policy, relay_options()},
        backend_{course_, {}, {policy != InProgressPolicy::keep, setup_.relay.most_attempts, has_outbox}},
        operations_{course_, backend_} {}

  void prepare(State state) {
    const UserId user = testing::sample_new_draft().user_id;
    start();
    switch (state) {
      case State::fresh: break;
      case State::in_progress: create(*process_, sample_command()), settle(); break;
      case State::uncached:
        create(*process_, sample_command()), settle();
        backend_.cache.flush();
        break;
      case State::left_behind: leave_behind(); break;
      case State::approved: create_and_approve(); break;
      case State::approval_pending:
        leave_behind();
        static_cast<void>(backend_.approve({DraftId::numbered(1), user, backend_.now()}, nobody_));
        break;
      case State::stale: {
        create_and_approve();
        EventDraft old = backend_.witness.drafts()[0].draft;
        old.status = DraftStatus::draft;
        put_under_both(old, encode_cache_entry(old).view());
        break;
      }
      case State::damaged:
        create(*process_, sample_command()), settle();
        put_under_both(draft(0), encode_cache_entry(draft(0)).view().substr(0, 100));
        break;
      case State::foreign:
        create(*process_, sample_command()), settle();
        create(*process_, sample_command(stranger)), settle();
        put_under_both(draft(0), encode_cache_entry(draft(1)).view());
        break;
      case State::other_version: {
        create(*process_, sample_command()), settle();
        std::string entry{encode_cache_entry(draft(0)).view()};
        put_under_both(draft(0), entry.replace(entry.find('1'), 1, "2"));
        break;
      }
      case State::swapped:
        create(*process_, sample_command()), settle();
        course_.sleep(2 * in_progress_window);
        create(*process_, other_command()), settle();
        put_under_both(draft(0), encode_cache_entry(draft(1)).view());
        put_under_both(draft(1), encode_cache_entry(draft(0)).view());
        break;
      case State::expired:
        create(*process_, sample_command()), settle();
        course_.sleep(2 * in_progress_window);
        put_under_both(draft(0), encode_cache_entry(draft(0)).view());
        break;
      case State::parked: park(); break;
    }
  }

  /// One after the other, in one process while it lives. So many calls may go wrong.
  void run(std::span<const Deed> deeds, int faults) {
    course_.allow(faults);
    for (const Deed deed : deeds) {
      if (!process_->link.lives()) start();
      perform(*process_, deed);
    }
  }

  /// Both at the same time, in two processes.
  void run_together(Deed first, Deed second, int faults, std::array<Fiber, 2>& fibers) {
    Process<has_outbox>& one = *process_;
    Process<has_outbox>& two = start();
    fibers[0].begin([&] { perform(one, first); });
    fibers[1].begin([&] { perform(two, second); });
    course_.allow(faults);
    operations_.are_simultaneous();
    course_.run_together(fibers);
  }

  /// All is started anew, nothing fails any more, and what was promised comes true. Gives the law that was broken.
  const std::string& end() {
    course_.allow(0);
    for (auto& each : processes_) {
      if (each && each->link.lives()) each->link.die();
    }
    course_.trace.line("from here on nothing goes wrong");
    start();
    if constexpr (has_outbox) {
      deliver();
      backend_.witness.ended(backend_.repository.drafts(), backend_.outbox());
    } else {
      judge_losses();
    }
    for (const WatchedDraft& each : backend_.witness.drafts()) {
      const auto found = operations_.find(*process_, each.draft.id, each.draft.user_id.value());
      backend_.witness.require(found && *found, "the owner finds what is stored");
    }
    return backend_.witness.broken();
  }

 private:
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

  /// Who stored what without an outbox, and what they were told.
  struct Told {
    const Request* request;
    bool may_be_lost;
  };

  Process<has_outbox>& start() {
    auto& process = processes_[started_];
    process_ = &process.emplace(course_, backend_, setup_, Skew{}, static_cast<int>(started_));
    ++started_;
    return *process_;
  }

  // What is tried.

  void perform(Process<has_outbox>& process, Deed deed) {
    switch (deed) {
      case Deed::create: create(process, sample_command()); break;
      case Deed::create_other: create(process, other_command()); break;
      case Deed::find: operations_.find(process, latest_own(), testing::sample_user); break;
      case Deed::find_foreign: operations_.find(process, latest_own(), stranger); break;
      case Deed::approve: approve(process, latest_own(), testing::sample_user); break;
      case Deed::approve_foreign: approve(process, latest_own(), stranger); break;
      case Deed::relay: run_relay(process); break;
    }
  }

  /// The user's latest draft; what would be the first while there is none.
  [[nodiscard]] DraftId latest_own() const {
    std::uint64_t number = 1;
    for (const WatchedDraft& each : backend_.witness.drafts()) {
      if (each.draft.user_id.value() == testing::sample_user) number = 1 + backend_.witness.index(each);
    }
    return DraftId::numbered(number);
  }

  void create(Process<has_outbox>& process, const CreateEventDraft& command) {
    remember(process, operations_.create(process, command));
  }
  void approve(Process<has_outbox>& process, const DraftId& id, std::int64_t user) {
    remember(process, operations_.approve(process, id, user, {}));
  }
  void run_relay(Process<has_outbox>& process) { operations_.run_relay(process, setup_.relay); }

  /// What the client was told of the event.
  template <class Answer>
  void remember(const Process<has_outbox>& process, const Answer& answer) {
    if (!answer) return;
    const bool may_be_lost = *answer ? answer->assume_value().event == EventDelivery::lost
                                     : answer->assume_error().certainty == Certainty::unknown;
    told_.push_back({&process.link.request(), may_be_lost});
  }

  // What is there before.

  [[nodiscard]] const EventDraft& draft(std::size_t index) const { return backend_.witness.drafts()[index].draft; }

  void create_and_approve() {
    create(*process_, sample_command()), settle();
    approve(*process_, DraftId::numbered(1), testing::sample_user);
    settle();
  }

  /// Writes what the process has published.
  void settle() {
    if constexpr (has_outbox) run_relay(*process_);
  }

  void leave_behind() {
    static_cast<void>(backend_.save(testing::sample_new_draft(), nobody_));
    course_.sleep(2 * inline_event_lease);
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
      course_.sleep(std::max<std::chrono::nanoseconds>(*due - backend_.now(), std::chrono::milliseconds{200}));
    }
    backend_.witness.require(false, "what is pending is delivered in a bounded time");
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

  EnumeratedCourse course_;
  Setup setup_;
  Backend backend_;
  Operations<has_outbox> operations_;
  Request nobody_;
  std::vector<Told> told_;
  std::array<std::optional<Process<has_outbox>>, 5> processes_;
  std::size_t started_ = 0;
  Process<has_outbox>* process_ = nullptr;
};

}  // namespace event_draft::simulation
