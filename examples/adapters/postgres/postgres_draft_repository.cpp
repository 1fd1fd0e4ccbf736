#include "postgres_draft_repository.hpp"

#include <fmt/core.h>

#include <utility>

#include "saving.hpp"
#include "statements.hpp"

namespace event_draft::postgres {
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
  BOOST_OUTCOME_TRY(const Rows rows, session_.run(sql::save, save_parameters(draft, passes_on, token), deadline));
  if (rows.empty()) return std::nullopt;
  const auto saved = read_saved(rows, 0, 0, draft, token, passes_on);
  if (!saved)
    session_.report(fmt::format("user {}'s draft in progress is corrupt; its claim is void", draft.user_id.value()));
  return saved;
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
  BOOST_OUTCOME_TRY(const Rows rows, session_.run(sql::approve, approve_parameters(approval, token), deadline));
  if (rows.empty()) return std::nullopt;
  return read_approved(rows, draft, token);
}

Result<void> PostgresDraftRepository::ready(Deadline deadline) {
  BOOST_OUTCOME_TRY(const Rows rows, session_.read(sql::ready, Parameters{}, deadline));
  const bool is_read_only = boolean(rows.field(0, 0));
  if (!is_read_only) return success();
  session_.report("the server is a standby, or made read-only");
  return Errc::storage_unavailable;
}

}  // namespace event_draft::postgres
