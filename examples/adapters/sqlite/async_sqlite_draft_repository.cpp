#include "async_sqlite_draft_repository.hpp"

#include <utility>

namespace event_draft::sqlite {

AsyncSqliteDraftRepository::AsyncSqliteDraftRepository(adapters::Loop& loop, Writer& writer)
    : loop_{loop}, writer_{writer}, mailbox_{std::make_shared<Mailbox>(loop.context())} {}

AsyncSqliteDraftRepository::~AsyncSqliteDraftRepository() { mailbox_->close(); }

template <class T, class Work>
Awaited<T> AsyncSqliteDraftRepository::call(Call::Kind kind, Deadline deadline, Work work) {
  using Promise = adapters::Promise<T>;
  if (deadline.expired()) return Awaited<T>{Promise::answered(loop_, Errc::deadline_exceeded)};
  const auto made = std::make_shared<CallFor<T, Work>>(loop_, kind, std::move(work), deadline, mailbox_);
  if (!writer_.push(made)) return Awaited<T>{Promise::answered(loop_, Errc::storage_unavailable)};
  return Awaited<T>{made->future(), made};
}

Awaited<SavedDraft> AsyncSqliteDraftRepository::save(const NewEventDraft& draft, Deadline deadline) {
  return call<SavedDraft>(Call::Kind::writes, deadline, [draft](Drafts& drafts) { return drafts.save(draft); });
}

Awaited<std::optional<EventDraft>> AsyncSqliteDraftRepository::find(const DraftId& id, Deadline deadline) {
  return call<std::optional<EventDraft>>(Call::Kind::reads, deadline, [id](Drafts& drafts) { return drafts.find(id); });
}

Awaited<std::optional<ApprovedDraft>> AsyncSqliteDraftRepository::approve(const DraftApproval& approval,
                                                                          Deadline deadline) {
  return call<std::optional<ApprovedDraft>>(Call::Kind::writes, deadline,
                                            [approval](Drafts& drafts) { return drafts.approve(approval); });
}

Awaited<void> AsyncSqliteDraftRepository::ready(Deadline deadline) {
  return call<void>(Call::Kind::reads, deadline, [](Drafts& drafts) { return drafts.ready(); });
}

}  // namespace event_draft::sqlite
