#include <event_draft/async_ports.hpp>

#include <doctest/doctest.h>

#include <coroutine>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <event_draft/task.hpp>

using namespace event_draft;

// What satisfies each concept, made of as little as possible, and for each requirement something that lacks just that.
// Nothing here is ever called: the declarations are the test.
namespace {

template <class T>
struct Awaiter {
  bool await_ready();
  void await_suspend(std::coroutine_handle<>);
  T await_resume();
};

/// Awaited by a member, by a free function, and only in its own coroutine type.
template <class T>
struct ByMember {
  Awaiter<T> operator co_await() { return {}; }
};
template <class T>
struct ByFunction {};
template <class T>
Awaiter<T&&> operator co_await(ByFunction<T>&&) {
  return {};
}
template <class T>
struct OnlyAtHome {};

static_assert(AwaitableOf<Awaiter<int>, int> && AwaitableOf<Awaiter<int&&>, int> && !AwaitableOf<Awaiter<int>, long>);
static_assert(AwaitableOf<ByMember<int>, int> && AwaitableOf<ByFunction<int>, int> && AwaitableOf<Task<int>, int>);
static_assert(AwaitableOf<Task<void>, void>);
static_assert(!AwaitableOf<int, int> && !AwaitableOf<OnlyAtHome<char>, char>);

static_assert(std::same_as<RebindCoroutine<Task<int>, char>::type, Task<char>>);

template <class T>
using Awaited = Awaiter<Result<T>>;

struct Repository {
  Awaited<SavedDraft> save(const NewEventDraft&, Deadline);
  Awaited<std::optional<EventDraft>> find(const DraftId&, Deadline);
};
static_assert(AsyncDraftRepository<Repository> && !DraftRepository<Repository>);

struct BlockingRepository {
  Result<SavedDraft> save(const NewEventDraft&, Deadline);
  Result<std::optional<EventDraft>> find(const DraftId&, Deadline);
};
struct RepositoryWithoutFind {
  Awaited<SavedDraft> save(const NewEventDraft&, Deadline);
};
struct RepositoryThatSavesIds : Repository {
  Awaited<DraftId> save(const NewEventDraft&, Deadline);
};
static_assert(!AsyncDraftRepository<BlockingRepository> && !AsyncDraftRepository<RepositoryWithoutFind>);
static_assert(!AsyncDraftRepository<RepositoryThatSavesIds>);

struct ApprovingRepository {
  Awaited<std::optional<ApprovedDraft>> approve(const DraftApproval&, Deadline);
};
struct AlwaysApproving {
  Awaited<ApprovedDraft> approve(const DraftApproval&, Deadline);
};
static_assert(AsyncApprovingRepository<ApprovingRepository> && !AsyncApprovingRepository<AlwaysApproving>);

struct OutboxRepository {
  void settle_later(const Settlement&) noexcept;
};
struct ThrowingOutboxRepository {
  void settle_later(const Settlement&);
};
static_assert(AsyncOutboxRepository<OutboxRepository> && !AsyncOutboxRepository<ThrowingOutboxRepository>);

struct Cache {
  Awaited<std::optional<std::string>> get(std::string_view, Deadline);
  Awaited<void> set(std::span<const CacheWrite>, Deadline);
};
struct CacheThatAlwaysHas : Cache {
  Awaited<std::string> get(std::string_view, Deadline);
};
struct CacheThatSetsSilently : Cache {
  Awaiter<void> set(std::span<const CacheWrite>, Deadline);
};
static_assert(AsyncDraftCache<Cache> && !AsyncDraftCache<CacheThatAlwaysHas> &&
              !AsyncDraftCache<CacheThatSetsSilently>);

struct Publisher {
  Awaited<void> publish(const EventMessage&, Deadline);
};
struct PublisherWithoutDeadline {
  Awaited<void> publish(const EventMessage&);
};
static_assert(AsyncEventPublisher<Publisher> && !AsyncEventPublisher<PublisherWithoutDeadline>);

}  // namespace

/// A host says it, where the compiler can't find out.
template <>
struct event_draft::AwaitTraits<OnlyAtHome<int>> {
  using type = int;
};
static_assert(AwaitableOf<OnlyAtHome<int>, int>);
