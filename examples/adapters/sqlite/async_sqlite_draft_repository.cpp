#include "async_sqlite_draft_repository.hpp"

#include <utility>

namespace event_draft::sqlite {

AsyncSqliteDraftRepository::AsyncSqliteDraftRepository(adapters::Loop& loop, Writer& writer)
    : loop_{loop}, writer_{writer}, inbox_{std::make_shared<adapters::Inbox>(loop.context())} {}

AsyncSqliteDraftRepository::~AsyncSqliteDraftRepository() { inbox_->close(); }

template <class T, class Work>
adapters::Future<T> AsyncSqliteDraftRepository::call(Call::Kind kind, Deadline deadline, Work work) {
  if (deadline.expired()) return adapters::Future<T>{Errc::deadline_exceeded};
  const auto made = std::make_shared<CallFor<T, Work>>(loop_, kind, std::move(work), deadline, inbox_);
  if (!writer_.push(made)) return adapters::Future<T>{Errc::storage_unavailable};
  return made->future();
}

adapters::Future<SavedDraft> AsyncSqliteDraftRepository::save(const NewEventDraft& draft, Deadline deadline) {
  return call<SavedDraft>(Call::Kind::writes, deadline, [draft](Drafts& drafts) { return drafts.save(draft); });
}

adapters::Future<std::optional<EventDraft>> AsyncSqliteDraftRepository::find(const DraftId& id, Deadline deadline) {
  return call<std::optional<EventDraft>>(Call::Kind::reads, deadline, [id](Drafts& drafts) { return drafts.find(id); });
}

adapters::Future<std::optional<ApprovedDraft>> AsyncSqliteDraftRepository::approve(const DraftApproval& approval,
                                                                                   Deadline deadline) {
  return call<std::optional<ApprovedDraft>>(Call::Kind::writes, deadline,
                                            [approval](Drafts& drafts) { return drafts.approve(approval); });
}

adapters::Future<void> AsyncSqliteDraftRepository::ready(Deadline deadline) {
  return call<void>(Call::Kind::reads, deadline, [](Drafts& drafts) { return drafts.ready(); });
}

}  // namespace event_draft::sqlite
