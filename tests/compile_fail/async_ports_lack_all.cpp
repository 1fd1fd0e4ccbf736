// A port that is awaited and lacks its functions is told each of them, in one go.
// expect: AsyncDraftRepository needs: awaitable<Result<SavedDraft>> save\(const NewEventDraft&, Deadline\)
// expect: AsyncDraftRepository needs: awaitable<Result<std::optional<EventDraft>>> find\(const DraftId&, Deadline\)
// expect: AsyncApprovingRepository needs: awaitable<Result<std::optional<ApprovedDraft>>> approve\(const DraftApproval&
// expect: AsyncOutboxRepository needs: void settle_later\(const Settlement&\) noexcept
// expect: AsyncDraftCache needs: awaitable<Result<std::optional<std::string>>> get\(std::string_view key, Deadline\)
// expect: AsyncDraftCache needs: awaitable<Result<void>> set\(std::span<const CacheWrite>, Deadline\)
// expect: AsyncEventPublisher needs: awaitable<Result<void>> publish\(const EventMessage&, Deadline\)
#include <event_draft/check_async_port.hpp>
#include <event_draft/task.hpp>

using namespace event_draft;

struct Ports {
#ifdef EVENT_DRAFT_FIXED
  Task<Result<SavedDraft>> save(const NewEventDraft&, Deadline);
  Task<Result<std::optional<EventDraft>>> find(const DraftId&, Deadline);
  Task<Result<std::optional<ApprovedDraft>>> approve(const DraftApproval&, Deadline);
  void settle_later(const Settlement&) noexcept;
  Task<Result<std::optional<std::string>>> get(std::string_view key, Deadline);
  Task<Result<void>> set(std::span<const CacheWrite>, Deadline);
  Task<Result<void>> publish(const EventMessage&, Deadline);
#endif
};

static_assert(check_async_port<Ports, Port::repository>());
static_assert(check_async_port<Ports, Port::approval>());
static_assert(check_async_port<Ports, Port::outbox>());
static_assert(check_async_port<Ports, Port::cache>());
static_assert(check_async_port<Ports, Port::publisher>());
