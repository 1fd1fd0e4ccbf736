#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <string>

#include "draft_row.hpp"
#include "outbox_row.hpp"
#include "outbox_statements.hpp"
#include "postgres_draft_repository.hpp"

// The outbox of PostgresDraftRepository.
namespace event_draft::postgres {
namespace {

std::int64_t as_limit(std::size_t limit) noexcept {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}

std::string_view to_string(Settlement::Fate fate) noexcept {
  switch (fate) {
    case Settlement::Fate::published: return "published";
    case Settlement::Fate::retry: return "retry";
    case Settlement::Fate::parked: break;
  }
  return "parked";
}

/// Settlements as `sql::settle` takes them.
struct SettlementArrays {
  ArrayText drafts, types, leases, fates, spans, uncounted, reasons;

  void add(const Settlement& settlement) {
    const auto draft = row_id(settlement.lease.event.draft_id);
    const auto lease = static_cast<std::int64_t>(settlement.lease.token);
    if (!draft || lease == 0) return;  // nobody's lease
    drafts.add(*draft);
    types.add(event_draft::to_string(settlement.lease.event.type));
    leases.add(lease);
    fates.add(to_string(settlement.fate));
    spans.add(bounded(settlement.after));
    uncounted.add(std::int64_t{settlement.fate == Settlement::Fate::retry && !settlement.counts ? 1 : 0});
    reasons.add(wire_code(settlement.reason));
  }
};

}  // namespace

Result<std::vector<LeasedEvent>> PostgresDraftRepository::claim(std::size_t limit, std::chrono::milliseconds time,
                                                                Deadline deadline) {
  const Parameters parameters{as_limit(limit), time, new_token_()};
  BOOST_OUTCOME_TRY(const Rows rows, session_.run(sql::claim, parameters, deadline));
  std::vector<LeasedEvent> events;
  events.reserve(rows.size());
  for (std::size_t i = 0; i != rows.size(); ++i) {
    if (const auto event = decode(rows.fields<9>(i))) {
      events.push_back(*event);
    } else {
      static_cast<void>(park(rows.field(i, 0), rows.field(i, 1), deadline));  // else when it is claimed again
    }
  }
  return events;
}

Result<void> PostgresDraftRepository::park(Value draft, Value type, Deadline deadline) {
  const std::int64_t number = integer(draft).value_or(0);
  session_.report(fmt::format("{} breaks the domain's rules; it is parked", row_name(number, text(type))));
  const Parameters parameters{number, text(type), wire_code(Errc::corrupt_draft)};
  BOOST_OUTCOME_TRY(session_.run(sql::park_corrupt, parameters, deadline));
  return success();
}

Result<void> PostgresDraftRepository::settle(std::span<const Settlement> settlements, Deadline deadline) {
  if (deadline.expired()) return Errc::deadline_exceeded;
  auto waiting = later_.take();
  if (waiting.empty() && settlements.empty()) return success();
  const std::size_t left_before = waiting.size();
  waiting.insert(waiting.end(), settlements.begin(), settlements.end());
  auto settled = write(waiting, deadline);
  if (!settled) {
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(left_before), waiting.end());
    later_.put_back(std::move(waiting));
  }
  return settled;
}

/// Some at a time, so that each transaction is short.
Result<void> PostgresDraftRepository::write(std::span<const Settlement> settlements, Deadline deadline) {
  constexpr std::size_t most = 1000;
  while (!settlements.empty()) {
    const auto part = settlements.first(std::min(most, settlements.size()));
    settlements = settlements.subspan(part.size());
    SettlementArrays arrays;
    for (const Settlement& settlement : part) arrays.add(settlement);
    const auto& [drafts, types, leases, fates, spans, uncounted, reasons] = arrays;
    const Parameters all{drafts, types, leases, fates, spans, uncounted, reasons};
    BOOST_OUTCOME_TRY(session_.run({{sql::settle, all}, {sql::release, Parameters{drafts}}}, deadline));
  }
  return success();
}

Result<std::size_t> PostgresDraftRepository::remove_published(std::chrono::milliseconds age, std::size_t limit,
                                                              Deadline deadline) {
  const Parameters parameters{age, as_limit(limit)};
  BOOST_OUTCOME_TRY(const Rows rows, session_.run(sql::remove_published, parameters, deadline));
  return rows.changes();
}

Result<OutboxStats> PostgresDraftRepository::stats(Deadline deadline) {
  BOOST_OUTCOME_TRY(const Rows rows, session_.read(sql::stats, Parameters{}, deadline));
  return decode_stats(rows.fields<4>(0));
}

Result<std::vector<ParkedEvent>> PostgresDraftRepository::parked(const std::optional<EventId>& after, std::size_t limit,
                                                                 Deadline deadline) {
  std::vector<ParkedEvent> listed;
  auto draft = after ? row_id(after->draft_id) : std::numeric_limits<std::int64_t>::min();
  std::string type{after ? event_draft::to_string(after->type) : std::string_view{}};
  while (listed.size() < limit) {  // what can't be listed leaves room for more
    const std::size_t room = limit - listed.size();
    BOOST_OUTCOME_TRY(const Rows rows,
                      session_.read(sql::parked, Parameters{draft, std::string_view{type}, as_limit(room)}, deadline));
    for (std::size_t i = 0; i != rows.size(); ++i) {
      const auto row = rows.fields<5>(i);
      draft = integer(row[0]);
      type = text(row[1]);
      if (const auto event = decode(row)) {
        listed.push_back(*event);
      } else {
        session_.report(fmt::format("{} is parked but has no name in the domain", row_name(draft.value_or(0), type)));
      }
    }
    if (rows.size() < room) break;
  }
  return listed;
}

Result<bool> PostgresDraftRepository::replay(const EventId& id, Deadline deadline) {
  const Parameters parameters{row_id(id.draft_id), event_draft::to_string(id.type)};
  BOOST_OUTCOME_TRY(const Rows rows, session_.run(sql::replay, parameters, deadline));
  return !rows.empty();
}

Result<bool> PostgresDraftRepository::discard(const EventId& id, Deadline deadline) {
  ArrayText drafts;
  if (const auto draft = row_id(id.draft_id)) drafts.add(*draft);
  const Parameters parameters{row_id(id.draft_id), event_draft::to_string(id.type)};
  BOOST_OUTCOME_TRY(const auto rows,
                    session_.run({{sql::discard, parameters}, {sql::release, Parameters{drafts}}}, deadline));
  return !rows.front().empty();
}

}  // namespace event_draft::postgres
