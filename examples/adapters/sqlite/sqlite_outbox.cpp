#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "draft_row.hpp"
#include "outbox_row.hpp"
#include "sqlite_draft_repository.hpp"
#include "time_of_day.hpp"

// The outbox of SqliteDraftRepository.
namespace event_draft::sqlite {
namespace {

std::int64_t as_limit(std::size_t limit) noexcept {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}

OutboxRow outbox_row_of(const Execution& row) noexcept {
  const auto trace = row.is_null(3) ? std::nullopt : std::optional{row.text(3)};
  return {row.integer(0), row.text(1),    row.integer(2), trace,
          row.integer(4), row.integer(5), row.text(6),    row.integer(7)};
}

/// Text of any kind, fit for a line of a log.
std::string printable(std::string_view text) {
  std::string shown{text.substr(0, 40)};
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return shown;
}

/// `draft-7.EventDraftCreated`, whatever the row holds.
std::string name(std::int64_t draft, std::string_view type) {
  return fmt::format("{}{}.{}", DraftId::prefix, draft, printable(type));
}

Timestamp time_at(std::int64_t milliseconds) noexcept { return Timestamp{Timestamp::duration{milliseconds}}; }

int as_int(std::int64_t number) noexcept {
  return static_cast<int>(std::clamp<std::int64_t>(number, 0, std::numeric_limits<int>::max()));
}

std::int64_t as_number(LeaseToken token) noexcept { return static_cast<std::int64_t>(token); }

}  // namespace

Result<std::vector<LeasedEvent>> SqliteDraftRepository::claim(std::size_t limit, std::chrono::milliseconds time,
                                                              Deadline deadline) {
  const auto is_any_due = [&] { return connection_.has_row(prepared_.has_due, time_of_day()); };
  BOOST_OUTCOME_TRY(const bool any, connection_.read(deadline, is_any_due));  // an idle poll writes nothing
  if (!any) return std::vector<LeasedEvent>{};
  return connection_.transact(deadline, [&]() -> Result<std::vector<LeasedEvent>> {
    const std::int64_t now = time_of_day();
    BOOST_OUTCOME_TRY(auto events, due(now, limit));
    for (const CorruptEvent& event : events.corrupt) {
      BOOST_OUTCOME_TRY(park(event, now));
    }
    for (LeasedEvent& event : events.whole) {
      BOOST_OUTCOME_TRY(lease(event, now + bounded(time)));
    }
    return std::move(events.whole);
  });
}

Result<void> SqliteDraftRepository::settle(std::span<const Settlement> settlements, Deadline deadline) {
  if (deadline.expired()) return Errc::deadline_exceeded;
  auto waiting = later_.take();
  if (waiting.empty() && settlements.empty()) return success();
  auto settled = connection_.transact(deadline, [&]() -> Result<void> {
    const std::int64_t now = time_of_day();
    for (const Settlement& settlement : waiting) {
      BOOST_OUTCOME_TRY(apply(settlement, now));
    }
    for (const Settlement& settlement : settlements) {
      BOOST_OUTCOME_TRY(apply(settlement, now));
    }
    return success();
  });
  if (!settled) later_.put_back(std::move(waiting));
  return settled;
}

Result<std::size_t> SqliteDraftRepository::remove_published(std::chrono::milliseconds age, std::size_t limit,
                                                            Deadline deadline) {
  return connection_.transact(deadline, [&]() -> Result<std::size_t> {
    BOOST_OUTCOME_TRY(connection_.run(prepared_.remove_published, time_of_day() - bounded(age), as_limit(limit)));
    return connection_.changes();
  });
}

Result<OutboxStats> SqliteDraftRepository::stats(Deadline deadline) {
  return connection_.read(deadline, [&]() -> Result<OutboxStats> {
    Execution pending{prepared_.pending};
    Execution parked{prepared_.count_parked};
    for (Execution* const each : {&pending, &parked}) {
      if (const int code = each->step(); code != SQLITE_ROW) return connection_.failure(code);
    }
    OutboxStats stats;
    stats.parked = static_cast<std::size_t>(parked.integer(0));
    stats.pending = static_cast<std::size_t>(pending.integer(0));
    if (stats.pending == 0) return stats;
    stats.oldest_pending = std::chrono::milliseconds{std::max<std::int64_t>(time_of_day() - pending.integer(1), 0)};
    stats.most_attempts = as_int(pending.integer(2));
    return stats;
  });
}

Result<std::vector<ParkedEvent>> SqliteDraftRepository::parked(const std::optional<EventId>& after, std::size_t limit,
                                                               Deadline deadline) {
  const auto first = after ? row_id(after->draft_id) : std::numeric_limits<std::int64_t>::min();
  return connection_.read(deadline, [&]() -> Result<std::vector<ParkedEvent>> {
    std::vector<ParkedEvent> listed;
    Execution row{prepared_.parked, first, after ? to_string(after->type) : std::string_view{}};
    while (listed.size() < limit) {
      const int code = row.step();
      if (code == SQLITE_DONE) break;
      if (code != SQLITE_ROW) return connection_.failure(code);
      if (const auto id = event_id(row.integer(0), row.text(1))) {
        listed.push_back({*id, as_int(row.integer(2)), parse_reason(row.text(3)), time_at(row.integer(4))});
      } else {
        BOOST_OUTCOME_TRY(connection_.has_read());
        connection_.report(
            fmt::format("{} is parked but has no name in the domain", name(row.integer(0), row.text(1))));
      }
    }
    return listed;
  });
}

Result<bool> SqliteDraftRepository::replay(const EventId& id, Deadline deadline) {
  const auto draft = row_id(id.draft_id);
  return connection_.transact(deadline, [&]() -> Result<bool> {
    if (!draft) return false;
    BOOST_OUTCOME_TRY(connection_.run(prepared_.replay, *draft, to_string(id.type), time_of_day()));
    return connection_.changes() != 0;
  });
}

Result<bool> SqliteDraftRepository::discard(const EventId& id, Deadline deadline) {
  const auto draft = row_id(id.draft_id);
  return connection_.transact(deadline, [&]() -> Result<bool> {
    if (!draft) return false;
    BOOST_OUTCOME_TRY(connection_.run(prepared_.discard, *draft, to_string(id.type)));
    if (connection_.changes() == 0) return false;
    BOOST_OUTCOME_TRY(release_after(*draft, id.type, time_of_day()));
    return true;
  });
}

/// Read to its end before anything is written: the writing moves the rows in the index that is read.
Result<SqliteDraftRepository::DueEvents> SqliteDraftRepository::due(std::int64_t now, std::size_t limit) {
  DueEvents events;
  for (Execution execution{prepared_.due, now, as_limit(limit)};;) {
    const int code = execution.step();
    if (code == SQLITE_DONE) return events;
    if (code != SQLITE_ROW) return connection_.failure(code);
    const OutboxRow row = outbox_row_of(execution);
    if (auto event = decode(row)) {
      events.whole.push_back(*event);
    } else {
      BOOST_OUTCOME_TRY(connection_.has_read());
      events.corrupt.push_back({row.draft_id, std::string{row.type}});
    }
  }
}

Result<void> SqliteDraftRepository::lease(LeasedEvent& event, std::int64_t until) {
  event.token = new_token_();
  ++event.attempts;
  const EventId& id = event.event.id;
  return connection_.run(prepared_.claim, row_id(id.draft_id), to_string(id.type), until, as_number(event.token));
}

Result<void> SqliteDraftRepository::park(const CorruptEvent& event, std::int64_t now) {
  connection_.report(fmt::format("{} breaks the domain's rules; it is parked", name(event.draft, event.type)));
  return connection_.run(prepared_.park_corrupt, event.draft, std::string_view{event.type}, now,
                         to_string(Errc::corrupt_draft));
}

Result<void> SqliteDraftRepository::apply(const Settlement& settlement, std::int64_t now) {
  const auto draft = row_id(settlement.lease.event.draft_id);
  const std::string_view type = to_string(settlement.lease.event.type);
  const std::int64_t lease = as_number(settlement.lease.token);
  if (!draft || lease == 0) return success();  // nobody's lease
  switch (settlement.fate) {
    case Settlement::Fate::published: {
      BOOST_OUTCOME_TRY(connection_.run(prepared_.settle_published, *draft, type, lease, now));
      if (connection_.changes() == 0) return success();
      return release_after(*draft, settlement.lease.event.type, now);
    }
    case Settlement::Fate::retry:
      return connection_.run(prepared_.settle_retry, *draft, type, lease, now + bounded(settlement.after),
                             std::int64_t{settlement.counts ? 0 : 1});
    case Settlement::Fate::parked: break;
  }
  return connection_.run(prepared_.settle_parked, *draft, type, lease, now, to_string(settlement.reason));
}

Result<void> SqliteDraftRepository::release_after(std::int64_t draft, EventType type, std::int64_t now) {
  if (type != EventType::event_draft_created) return success();
  return connection_.run(prepared_.release, draft, to_string(EventType::event_created), now);
}

}  // namespace event_draft::sqlite
