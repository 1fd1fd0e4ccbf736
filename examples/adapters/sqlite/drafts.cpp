#include "drafts.hpp"

#include <fmt/core.h>

#include <limits>
#include <utility>

#include "draft_row.hpp"
#include "time_of_day.hpp"

namespace event_draft::sqlite {
namespace {

DraftRow draft_row_of(const Execution& row) noexcept {
  return {row.integer(0), row.integer(1),
          row.text(2),    row.text(3),
          row.text(4),    row.text(5),
          row.text(6),    row.is_integer(7) ? row.integer(7) : std::numeric_limits<std::int64_t>::max()};
}

std::int64_t milliseconds(Timestamp time) noexcept { return time.time_since_epoch().count(); }

bool is_corrupt(const Result<std::optional<EventDraft>>& draft) noexcept {
  return !draft && draft.assume_error() == Error{Errc::corrupt_draft};
}

}  // namespace

Result<SavedDraft> Drafts::save(const NewEventDraft& draft) {
  const std::int64_t now = time_of_day();
  BOOST_OUTCOME_TRY(const auto current, holder(draft.user_id, now));
  if (current && current->id != draft.replaces) return SavedDraft{*current, false};
  BOOST_OUTCOME_TRY(const auto id, insert(draft));
  const EventDraft stored = with_id(draft, DraftId::numbered(static_cast<std::uint64_t>(id)));
  BOOST_OUTCOME_TRY(connection_.run(prepared_.take_window, draft.user_id.value(), id, now + bounded(draft.window)));
  BOOST_OUTCOME_TRY(const auto lease, insert_event(id, draft_created(stored, draft.trace), draft.event_lease));
  return SavedDraft{stored, true, lease};
}

Result<std::optional<EventDraft>> Drafts::find(const DraftId& id) {
  const auto number = row_id(id);
  if (!number) return std::nullopt;
  return load(id, *number);
}

Result<std::optional<ApprovedDraft>> Drafts::approve(const DraftApproval& approval) {
  const auto number = row_id(approval.id);
  if (!number) return std::nullopt;
  BOOST_OUTCOME_TRY(const auto draft, load(approval.id, *number));
  if (!draft || draft->user_id != approval.user_id) return std::nullopt;
  if (draft->status == DraftStatus::approved) return ApprovedDraft{*draft, false};
  BOOST_OUTCOME_TRY(const auto approved, approve(*draft, *number, approval));
  return approved;
}

Result<void> Drafts::ready() {
  BOOST_OUTCOME_TRY(connection_.in_place());
  Execution execution{prepared_.ready};
  const int code = execution.step();
  if (code != SQLITE_ROW && code != SQLITE_DONE) return connection_.failure(code);
  return success();
}

Result<std::optional<EventDraft>> Drafts::holder(UserId user, std::int64_t now) {
  Execution execution{prepared_.holder, user.value(), now};
  auto draft = read(execution);
  if (!is_corrupt(draft)) return draft;
  connection_.report(fmt::format("user {}'s draft in progress is corrupt; its claim is void", user.value()));
  return std::nullopt;
}

Result<std::optional<EventDraft>> Drafts::read(Execution& execution) {
  const int code = execution.step();
  if (code == SQLITE_DONE) return std::nullopt;
  if (code != SQLITE_ROW) return connection_.failure(code);
  const auto draft = decode(draft_row_of(execution));
  if (draft) return draft;
  BOOST_OUTCOME_TRY(connection_.has_read());
  return Errc::corrupt_draft;
}

Result<std::optional<EventDraft>> Drafts::load(const DraftId& id, std::int64_t number) {
  Execution execution{prepared_.find, number};
  auto draft = read(execution);
  if (is_corrupt(draft)) connection_.report(fmt::format("{} breaks the domain's rules", id.view()));
  return draft;
}

Result<std::int64_t> Drafts::insert(const NewEventDraft& draft) {
  const StoreInfo& store = draft.store;
  BOOST_OUTCOME_TRY(connection_.run(prepared_.insert, draft.user_id.value(), to_string(draft.objective), store.name(),
                                    store.industry(), store.address(), to_string(DraftStatus::draft),
                                    milliseconds(draft.created_at)));
  return sqlite3_last_insert_rowid(connection_.get());
}

Result<ApprovedDraft> Drafts::approve(EventDraft draft, std::int64_t number, const DraftApproval& approval) {
  draft.status = DraftStatus::approved;
  BOOST_OUTCOME_TRY(
      connection_.run(prepared_.approve, number, to_string(draft.status), milliseconds(approval.approved_at)));
  BOOST_OUTCOME_TRY(connection_.run(prepared_.end_window, draft.user_id.value(), number));
  BOOST_OUTCOME_TRY(const auto waits,
                    connection_.has_row(prepared_.is_unpublished, number, to_string(EventType::event_draft_created)));
  const auto event = draft_approved(draft, approval.approved_at, approval.trace);
  BOOST_OUTCOME_TRY(const auto lease,
                    insert_event(number, event, waits ? std::nullopt : std::optional{approval.event_lease}));
  return ApprovedDraft{draft, true, lease};
}

Result<std::optional<LeaseToken>> Drafts::insert_event(std::int64_t draft, const DraftEvent& event,
                                                       std::optional<std::chrono::milliseconds> lease) {
  const auto token = lease ? std::optional{new_token_()} : std::nullopt;
  const auto available_at = lease ? std::optional{time_of_day() + bounded(*lease)} : std::nullopt;
  const auto trace = event.trace ? std::optional{event.trace->view()} : std::nullopt;
  BOOST_OUTCOME_TRY(connection_.run(prepared_.insert_event, draft, to_string(event.id.type),
                                    milliseconds(event.occurred_at), trace, std::int64_t{lease ? 1 : 0}, available_at,
                                    static_cast<std::int64_t>(token.value_or(LeaseToken{}))));
  return token;
}

}  // namespace event_draft::sqlite
