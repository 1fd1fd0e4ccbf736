#include "postgres_draft_repository.hpp"

#include <fmt/core.h>

#include <utility>

#include "draft_row.hpp"
#include "statements.hpp"

namespace event_draft::postgres {
namespace {

std::optional<std::string_view> text_of(const std::optional<TraceParent>& trace) noexcept {
  return trace ? std::optional{trace->view()} : std::nullopt;
}

DraftId id_of(Value number) noexcept {
  return DraftId::numbered(static_cast<std::uint64_t>(integer(number).value_or(0)));
}

}  // namespace

Result<SavedDraft> PostgresDraftRepository::save(const NewEventDraft& draft, Deadline deadline) {
  auto passes_on = draft.replaces ? row_id(*draft.replaces) : std::nullopt;
  for (;;) {
    BOOST_OUTCOME_TRY(const auto saved, try_save(draft, passes_on, deadline));
    if (saved) return *saved;
  }
}

Result<std::optional<SavedDraft>> PostgresDraftRepository::try_save(const NewEventDraft& draft,
                                                                    std::optional<std::int64_t>& passes_on,
                                                                    Deadline deadline) {
  const std::int64_t token = new_token_();
  const StoreInfo& store = draft.store;
  const Parameters parameters{draft.user_id.value(), to_string(draft.objective), store.name(), store.industry(),
                              store.address(),       draft.created_at,           draft.window, passes_on,
                              text_of(draft.trace),  draft.event_lease,          token};
  BOOST_OUTCOME_TRY(const Rows rows, session_.run(sql::save, parameters, deadline));
  if (rows.empty()) return std::nullopt;
  if (boolean(rows.field(0, 0))) return SavedDraft{with_id(draft, id_of(rows.field(0, 1))), true, LeaseToken{token}};
  if (const auto holder = decode(rows.fields<8>(0, 2))) return SavedDraft{*holder, false};
  session_.report(fmt::format("user {}'s draft in progress is corrupt; its claim is void", draft.user_id.value()));
  passes_on = integer(rows.field(0, 1));
  return std::nullopt;
}

Result<std::optional<EventDraft>> PostgresDraftRepository::find(const DraftId& id, Deadline deadline) {
  if (deadline.expired()) return Errc::deadline_exceeded;
  const auto number = row_id(id);
  if (!number) return std::nullopt;
  BOOST_OUTCOME_TRY(const Rows rows, session_.read(sql::find, Parameters{*number}, deadline));
  if (rows.empty()) return std::nullopt;
  const auto draft = decode(rows.fields<8>(0));
  if (draft) return draft;
  session_.report(fmt::format("{} breaks the domain's rules", id.view()));
  return Errc::corrupt_draft;
}

Result<std::optional<ApprovedDraft>> PostgresDraftRepository::approve(const DraftApproval& approval,
                                                                      Deadline deadline) {
  for (;;) {
    BOOST_OUTCOME_TRY(const auto draft, find(approval.id, deadline));
    if (!draft || draft->user_id != approval.user_id) return std::nullopt;
    if (draft->status == DraftStatus::approved) return ApprovedDraft{*draft, false};
    BOOST_OUTCOME_TRY(const auto approved, approve_now(*draft, approval, deadline));
    if (approved) return approved;
  }
}

Result<std::optional<ApprovedDraft>> PostgresDraftRepository::approve_now(const EventDraft& draft,
                                                                          const DraftApproval& approval,
                                                                          Deadline deadline) {
  const std::int64_t token = new_token_();
  const Parameters parameters{row_id(draft.id),        draft.user_id.value(), approval.approved_at,
                              text_of(approval.trace), approval.event_lease,  token};
  BOOST_OUTCOME_TRY(const Rows rows, session_.run(sql::approve, parameters, deadline));
  if (rows.empty()) return std::nullopt;
  ApprovedDraft approved{draft, true};
  approved.draft.status = DraftStatus::approved;
  const bool waits = boolean(rows.field(0, 0));
  if (!waits) approved.lease = LeaseToken{token};
  return approved;
}

Result<void> PostgresDraftRepository::ready(Deadline deadline) {
  BOOST_OUTCOME_TRY(const Rows rows, session_.read(sql::ready, Parameters{}, deadline));
  const bool is_read_only = boolean(rows.field(0, 0));
  if (!is_read_only) return success();
  session_.report("the server is a standby, or made read-only");
  return Errc::storage_unavailable;
}

}  // namespace event_draft::postgres
