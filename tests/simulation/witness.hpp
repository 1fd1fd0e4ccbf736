#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <event_draft/outbox.hpp>
#include <event_draft/ports.hpp>

#include "request.hpp"
#include "statistics.hpp"

namespace event_draft::simulation {

/// Whether an event is where it should be.
enum class Fate : std::uint8_t { pending, published, parked };

/// A stored event, as the witness knows it.
struct WatchedEvent {
  DraftEvent event;
  Timestamp due;                      ///< nobody may claim it before
  LeaseToken token{};                 ///< the latest that was given; 0 once it was settled
  const Request* holder = nullptr;    ///< who knows that token
  bool holder_has_published = false;  ///< and was told so by the broker
  int attempts = 1;
  Fate fate = Fate::pending;
  int copies = 0;  ///< at the broker
};

struct WatchedDraft {
  EventDraft draft;
  Timestamp window_ends;
  bool holds_window = true;
  WatchedEvent created;
  std::optional<WatchedEvent> approved = std::nullopt;
};

/// Sees every effect at the database and the broker in its true order, and says which law it breaks. What a client is
/// told is judged in answers.hpp.
class Witness {
 public:
  struct Setting {
    bool may_replace = false;
    int most_attempts = 16;
    bool has_outbox = true;  ///< else an event may be missing, also the first of two
    std::string_view event_source = "/event-draft";
  };

  Witness(const Setting& setting, Statistics& statistics) noexcept : setting_{setting}, statistics_{statistics} {
    drafts_.reserve(16);
  }

  // The database.

  void saved(const NewEventDraft& wanted, const SavedDraft& saved, Request& by, Timestamp now) {
    WatchedDraft* const holder = window_holder(wanted.user_id, now);
    if (!saved.inserted) {
      require(holder != nullptr && saved.draft == holder->draft && !saved.lease,
              "a save gives back the window's holder");
      require(holder == nullptr || wanted.replaces != holder->draft.id, "what replaces the holder is stored");
      return;
    }
    if (holder != nullptr) take_over(*holder, wanted);
    if (holder == nullptr && has_window(wanted.user_id)) statistics_.add(Count::windows_expired);
    require(find(saved.draft.id) == nullptr, "an id is given once");
    require(saved.draft == with_id(wanted, saved.draft.id), "what is stored is what was to be saved");
    require(!by.disowned, "a save that was told as not applied stored nothing");
    by.stored |= bit(drafts_.size());
    drafts_.push_back(
        {saved.draft, now + wanted.window, true, {draft_created(saved.draft, wanted.trace), now + wanted.event_lease}});
    give(drafts_.back().created, saved.lease);
  }

  void approved(const DraftApproval& approval, const std::optional<ApprovedDraft>& given, Request& by, Timestamp now) {
    WatchedDraft* const draft = stored(approval.id);
    const bool is_own = draft != nullptr && draft->draft.user_id == approval.user_id;
    require(given.has_value() == is_own, "the owner may approve, and nobody else");
    if (!given || !is_own) return;
    require(given->approved_now == !draft->approved, "a draft is approved once");
    if (given->approved_now && !draft->approved) approve(*draft, approval, *given, by, now);
    require(given->draft == draft->draft, "an approval gives the draft, approved");
  }

  void claimed(std::span<const LeasedEvent> events, std::size_t limit, std::chrono::milliseconds time, Timestamp now) {
    require(events.size() <= limit, "no more are claimed than were asked for");
    for (const LeasedEvent& leased : events) {
      WatchedEvent* const event = stored(leased.event.id);
      require(event != nullptr && event->event == leased.event, "what is claimed is what was stored", leased.event.id);
      if (event == nullptr) continue;
      require(event->fate == Fate::pending, "what is published or parked is not claimed", leased.event.id);
      require(event->due <= now, "what is leased or backs off is not claimed", leased.event.id);
      require(goes_next(leased.event.id), "an event waits for its draft's earlier ones", leased.event.id);
      require(leased.attempts == ++event->attempts, "every claim is an attempt, unless it is said not to count",
              leased.event.id);
      if (event->token != LeaseToken{}) statistics_.add(Count::leases_expired);
      event->due = now + time;
      give(*event, leased.token);
    }
  }

  /// The answer has come back to a process that lives.
  void leased(const EventLease& lease, const Request& by) {
    WatchedEvent* const event = stored(lease.event);
    if (event != nullptr && event->token == lease.token) event->holder = &by;
  }

  /// Before a process asks for it: it may forget nothing while it lives.
  void about_to_settle(std::span<const Settlement> settlements, int process) {
    each_event([&](const WatchedEvent& event) {
      if (!event.holder_has_published || event.holder->process != process || event.token == LeaseToken{}) return;
      const bool is_told = std::any_of(settlements.begin(), settlements.end(),
                                       [&](const Settlement& each) { return each.lease.token == event.token; });
      require(is_told, "what the broker has acknowledged is settled next time", event.event.id);
    });
  }

  /// `by` is a relay.
  void about_to_publish(std::string_view message_id, const Request& by) {
    const auto id = parse_event_id(message_id);
    WatchedEvent* const event = id ? stored(*id) : nullptr;
    if (event == nullptr || event->holder != &by) return;
    require(event->attempts <= setting_.most_attempts, "what may have ended its relay too often is not tried again",
            id);
  }

  void settled(std::span<const Settlement> settlements, Timestamp now) {
    for (const Settlement& settlement : settlements) {
      WatchedEvent* const event = stored(settlement.lease.event);
      require(event != nullptr, "what is settled was stored", settlement.lease.event);
      if (event == nullptr) continue;
      if (event->token != settlement.lease.token) {
        statistics_.add(Count::stale_settlements);
        continue;
      }
      event->token = LeaseToken{};
      settle(*event, settlement, now);
    }
  }

  void replayed(const EventId& id, bool done, Timestamp now) {
    WatchedEvent* const event = stored(id);
    require(done == (event != nullptr && event->fate == Fate::parked), "what is parked can be replayed", id);
    if (event == nullptr || event->fate != Fate::parked) return;
    statistics_.add(Count::replays);
    event->fate = Fate::pending;
    event->attempts = 0;
    event->due = now;
  }

  // The broker.

  void appended(const EventMessage& message) {
    const auto id = parse_event_id(message.id());
    WatchedEvent* const event = id ? stored(*id) : nullptr;
    require(event != nullptr, "no event without its draft, or its approval", id);
    if (event == nullptr) return;
    // Without an outbox nobody knows the moment of an approval that may have been an earlier request's.
    const bool is_guess = !setting_.has_outbox && id->type == EventType::event_created;
    require(is_guess || is_same(message, EventMessage{event->event, setting_.event_source}),
            "the same event is the same message", id);
    require(
        !setting_.has_outbox || id->type == EventType::event_draft_created || find(id->draft_id)->created.copies != 0,
        "EventCreated comes after EventDraftCreated", id);
    if (event->copies++ != 0) statistics_.add(Count::duplicates);
  }

  /// The broker's acknowledgement has come back to a process that lives.
  void acknowledged(std::string_view message_id, const Request& by) {
    const auto id = parse_event_id(message_id);
    WatchedEvent* const event = id ? stored(*id) : nullptr;
    if (event != nullptr && event->holder == &by) event->holder_has_published = true;
  }

  // What there is.

  [[nodiscard]] const std::vector<WatchedDraft>& drafts() const noexcept { return drafts_; }

  [[nodiscard]] const WatchedDraft* find(const DraftId& id) const noexcept {
    const auto found =
        std::find_if(drafts_.begin(), drafts_.end(), [&](const auto& each) { return each.draft.id == id; });
    return found != drafts_.end() ? &*found : nullptr;
  }
  [[nodiscard]] DraftIndex index(const WatchedDraft& draft) const noexcept {
    return static_cast<DraftIndex>(&draft - drafts_.data());
  }

  /// Every stored event, in the order of its draft.
  template <class Visit>
  void each_event(Visit visit) const {
    for (const WatchedDraft& draft : drafts_) {
      visit(draft.created);
      if (draft.approved) visit(*draft.approved);
    }
  }

  /// When the first event that is pending is due; nullopt when none is.
  [[nodiscard]] std::optional<Timestamp> next_due() const {
    std::optional<Timestamp> due;
    each_event([&](const WatchedEvent& event) {
      if (event.fate == Fate::pending && goes_next(event.event.id) && (!due || event.due < *due)) due = event.due;
    });
    return due;
  }

  /// At the end of a run: what the database holds, and that all of it was told.
  void ended(const std::vector<EventDraft>& stored, const OutboxStats& outbox) {
    require(outbox.pending == 0 && outbox.parked == 0, "in the end nothing is pending or parked");
    require(stored.size() == drafts_.size(), "what was stored stays, and nothing else is there");
    for (const EventDraft& draft : stored) {
      const WatchedDraft* const seen = find(draft.id);
      require(seen != nullptr && seen->draft == draft, "what was stored stays, and nothing else is there");
    }
    each_event([&](const WatchedEvent& event) {
      require(event.copies != 0, "what is stored is published in the end", event.event.id);
    });
  }

  void count(Count what) noexcept { statistics_.add(what); }

  // The verdict.

  void require(bool holds, std::string_view law, const std::optional<EventId>& about = std::nullopt) {
    if (holds) [[likely]] {
      return;
    }
    if (broken_.empty()) {
      broken_.assign(law);
      if (about) broken_.append(" (").append(to_text(*about)).append(")");
    }
  }

  /// The first law that was broken; empty while there is none.
  [[nodiscard]] const std::string& broken() const noexcept { return broken_; }

 private:
  WatchedDraft* stored(const DraftId& id) noexcept { return const_cast<WatchedDraft*>(std::as_const(*this).find(id)); }

  WatchedEvent* stored(const EventId& id) noexcept {
    WatchedDraft* const draft = stored(id.draft_id);
    if (draft == nullptr) return nullptr;
    if (id.type == EventType::event_draft_created) return &draft->created;
    return draft->approved ? &*draft->approved : nullptr;
  }

  WatchedDraft* window_holder(UserId user, Timestamp now) noexcept {
    for (WatchedDraft& draft : drafts_) {
      if (draft.draft.user_id == user && draft.holds_window && draft.window_ends > now) return &draft;
    }
    return nullptr;
  }
  [[nodiscard]] bool has_window(UserId user) const noexcept {
    return std::any_of(drafts_.begin(), drafts_.end(),
                       [&](const auto& each) { return each.draft.user_id == user && each.holds_window; });
  }

  void take_over(WatchedDraft& holder, const NewEventDraft& wanted) {
    require(wanted.replaces == holder.draft.id, "one draft holds a user's window");
    require(setting_.may_replace, "nothing is replaced unless the host wants it");
    statistics_.add(Count::replacements);
    holder.holds_window = false;
  }

  void approve(WatchedDraft& draft, const DraftApproval& approval, const ApprovedDraft& given, Request& by,
               Timestamp now) {
    require(!by.disowned, "an approval that was told as not applied changed nothing");
    const bool goes_first = draft.created.fate == Fate::published;
    require(given.lease.has_value() == goes_first, "an approval's event may be published after the earlier ones alone");
    by.approved |= bit(index(draft));
    draft.draft.status = DraftStatus::approved;
    draft.holds_window = false;
    draft.approved.emplace(WatchedEvent{draft_approved(draft.draft, approval.approved_at, approval.trace),
                                        goes_first ? now + approval.event_lease : now});
    draft.approved->attempts = given.lease ? 1 : 0;  // nobody has tried what waits
    if (given.lease) give(*draft.approved, given.lease);
  }

  void give(WatchedEvent& event, const std::optional<LeaseToken>& token) {
    require(token && *token != LeaseToken{}, "a lease has a token", event.event.id);
    if (!token) return;
    each_event([&](const WatchedEvent& other) {
      require(other.token != *token, "every lease has its own token", event.event.id);
    });
    event.token = *token;
    event.holder = nullptr;
    event.holder_has_published = false;
  }

  void settle(WatchedEvent& event, const Settlement& settlement, Timestamp now) {
    switch (settlement.fate) {
      case Settlement::Fate::published:
        require(event.copies != 0, "what is settled as published is at the broker", event.event.id);
        event.fate = Fate::published;
        break;
      case Settlement::Fate::retry:
        event.due = now + settlement.after;
        event.attempts -= settlement.counts ? 0 : 1;
        break;
      case Settlement::Fate::parked:
        require(event.attempts >= setting_.most_attempts, "nothing is parked before it failed often enough",
                event.event.id);
        statistics_.add(Count::parked);
        event.fate = Fate::parked;
        break;
    }
  }

  [[nodiscard]] bool goes_next(const EventId& id) const noexcept {
    return id.type == EventType::event_draft_created || find(id.draft_id)->created.fate == Fate::published;
  }

  static bool is_same(const EventMessage& a, const EventMessage& b) noexcept {
    const auto is_same_header = [](const EventHeader& x, const EventHeader& y) {
      return x.name == y.name && x.value == y.value;
    };
    const EventHeaders of_a = a.headers();
    const EventHeaders of_b = b.headers();
    return a.topic() == b.topic() && a.key() == b.key() && a.payload() == b.payload() &&
           std::equal(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(), is_same_header);
  }

  Setting setting_;
  Statistics& statistics_;
  std::vector<WatchedDraft> drafts_;
  std::string broken_;
};

}  // namespace event_draft::simulation
