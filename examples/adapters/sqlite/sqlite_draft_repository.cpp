#include "sqlite_draft_repository.hpp"

#include <utility>

namespace event_draft::sqlite {

SqliteDraftRepository::SqliteDraftRepository(Config config) : connection_{std::move(config)} {}

Result<SavedDraft> SqliteDraftRepository::save(const NewEventDraft& draft, Deadline deadline) {
  return connection_.transact(deadline, [&] { return drafts_.save(draft); });
}

Result<std::optional<EventDraft>> SqliteDraftRepository::find(const DraftId& id, Deadline deadline) {
  return connection_.read(deadline, [&] { return drafts_.find(id); });
}

Result<std::optional<ApprovedDraft>> SqliteDraftRepository::approve(const DraftApproval& approval, Deadline deadline) {
  return connection_.transact(deadline, [&] { return drafts_.approve(approval); });
}

Result<void> SqliteDraftRepository::ready(Deadline deadline) {
  return connection_.read(deadline, [&] { return drafts_.ready(); });
}

}  // namespace event_draft::sqlite
