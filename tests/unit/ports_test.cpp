#include <doctest/doctest.h>

#include <concepts>
#include <event_draft/clock.hpp>
#include <event_draft/observer.hpp>
#include <event_draft/outbox.hpp>
#include <event_draft/ports.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using namespace event_draft;

// What satisfies each concept, made of as little as possible, and for each requirement something that lacks just that.
// Nothing here is ever called: the declarations are the test.
namespace {

using Found = Result<std::optional<EventDraft>>;
using Value = Result<std::optional<std::string>>;

struct MinimalRepository {
  Result<SavedDraft> save(const NewEventDraft&, Deadline);
  Found find(const DraftId&, Deadline);
};
static_assert(DraftRepository<MinimalRepository>);
static_assert(!DraftRepository<const MinimalRepository>);  // its functions need a repository that may change
static_assert(!DraftRepository<MinimalRepository*>);
static_assert(!DraftRepository<std::unique_ptr<MinimalRepository>>);

struct ImmovableRepository : MinimalRepository {
  ImmovableRepository() = default;
  ImmovableRepository(const ImmovableRepository&) = delete;
  ImmovableRepository& operator=(const ImmovableRepository&) = delete;
};
static_assert(DraftRepository<ImmovableRepository>);

struct ConstRepository {
  Result<SavedDraft> save(const NewEventDraft&, Deadline) const;
  Found find(const DraftId&, Deadline) const;
};
static_assert(DraftRepository<ConstRepository> && DraftRepository<const ConstRepository>);

struct StaticRepository {
  static Result<SavedDraft> save(const NewEventDraft&, const Deadline&) noexcept;
  static Found find(DraftId, const Deadline&) noexcept;
};
static_assert(DraftRepository<const StaticRepository>);

struct RepositoryWithoutSave {
  Found find(const DraftId&, Deadline);
};
struct RepositoryWithoutFind {
  Result<SavedDraft> save(const NewEventDraft&, Deadline);
};
struct RepositoryThatSavesIds : RepositoryWithoutSave {
  Result<DraftId> save(const NewEventDraft&, Deadline);
};
struct RepositoryThatSavesBare : RepositoryWithoutSave {
  SavedDraft save(const NewEventDraft&, Deadline);
};
struct RepositoryThatChangesTheDraft : RepositoryWithoutSave {
  Result<SavedDraft> save(NewEventDraft&, Deadline);
};
struct RepositoryThatSavesWithoutDeadline : RepositoryWithoutSave {
  Result<SavedDraft> save(const NewEventDraft&);
};
struct RepositoryThatAlwaysFinds : RepositoryWithoutFind {
  Result<EventDraft> find(const DraftId&, Deadline);
};
struct RepositoryThatFindsByText : RepositoryWithoutFind {
  Found find(std::string_view, Deadline);
};
struct RepositoryThatFindsBare : RepositoryWithoutFind {
  std::optional<EventDraft> find(const DraftId&, Deadline);
};
struct RepositoryThatHides : private MinimalRepository {};

// What only converts to the result is refused: exactly the result it must be.
static_assert(std::convertible_to<Error, Result<void>> && std::convertible_to<SavedDraft, Result<SavedDraft>>);

static_assert(!DraftRepository<int>);
static_assert(!DraftRepository<RepositoryWithoutSave>);
static_assert(!DraftRepository<RepositoryWithoutFind>);
static_assert(!DraftRepository<RepositoryThatSavesIds>);
static_assert(!DraftRepository<RepositoryThatSavesBare>);
static_assert(!DraftRepository<RepositoryThatChangesTheDraft>);
static_assert(!DraftRepository<RepositoryThatSavesWithoutDeadline>);
static_assert(!DraftRepository<RepositoryThatAlwaysFinds>);
static_assert(!DraftRepository<RepositoryThatFindsByText>);
static_assert(!DraftRepository<RepositoryThatFindsBare>);
static_assert(!DraftRepository<RepositoryThatHides>);

struct MinimalApproval {
  Result<std::optional<ApprovedDraft>> approve(const DraftApproval&, Deadline);
};
struct ConstApproval {
  Result<std::optional<ApprovedDraft>> approve(const DraftApproval&, Deadline) const;
};
struct ApprovalThatAlwaysFinds {
  Result<ApprovedDraft> approve(const DraftApproval&, Deadline);
};
struct ApprovalOfBareDrafts {
  std::optional<ApprovedDraft> approve(const DraftApproval&, Deadline);
};
struct ApprovalByAnybody {
  Result<std::optional<ApprovedDraft>> approve(const DraftId&, Deadline);
};
struct ApprovalWithoutDeadline {
  Result<std::optional<ApprovedDraft>> approve(const DraftApproval&);
};
struct ApprovalThatChangesTheRequest {
  Result<std::optional<ApprovedDraft>> approve(DraftApproval&, Deadline);
};

static_assert(ApprovingRepository<MinimalApproval>);
static_assert(!ApprovingRepository<const MinimalApproval>);
static_assert(ApprovingRepository<const ConstApproval>);
static_assert(!ApprovingRepository<MinimalRepository>);
static_assert(!ApprovingRepository<ApprovalThatAlwaysFinds>);
static_assert(!ApprovingRepository<ApprovalOfBareDrafts>);
static_assert(!ApprovingRepository<ApprovalByAnybody>);
static_assert(!ApprovingRepository<ApprovalWithoutDeadline>);
static_assert(!ApprovingRepository<ApprovalThatChangesTheRequest>);

using Claimed = Result<std::vector<LeasedEvent>>;

struct SettlesLater {
  void settle_later(const Settlement&) noexcept;
};
struct Claims {
  Claimed claim(std::size_t, std::chrono::milliseconds, Deadline);
};
struct Settles {
  Result<void> settle(std::span<const Settlement>, Deadline);
};
struct MinimalOutbox : SettlesLater, Claims, Settles {};
struct ConstOutbox {
  void settle_later(const Settlement&) const noexcept;
  Claimed claim(std::size_t, std::chrono::milliseconds, Deadline) const;
  Result<void> settle(std::span<const Settlement>, Deadline) const;
};
struct OutboxWithoutLater : Claims, Settles {};
struct OutboxWithoutClaim : SettlesLater, Settles {};
struct OutboxWithoutSettle : SettlesLater, Claims {};
struct OutboxWhoseLaterMayThrow : Claims, Settles {
  void settle_later(const Settlement&);
};
struct OutboxWhoseLaterWaits : Claims, Settles {
  void settle_later(const Settlement&, Deadline) noexcept;
};
struct OutboxWhoseLaterAnswers : Claims, Settles {
  bool settle_later(const Settlement&) noexcept;
};
struct OutboxWhoseLaterChanges : Claims, Settles {
  void settle_later(Settlement&) noexcept;
};
struct OutboxThatClaimsBare : SettlesLater, Settles {
  std::vector<LeasedEvent> claim(std::size_t, std::chrono::milliseconds, Deadline);
};
struct OutboxThatClaimsOne : SettlesLater, Settles {
  Result<LeasedEvent> claim(std::size_t, std::chrono::milliseconds, Deadline);
};
struct OutboxThatClaimsWithoutLease : SettlesLater, Settles {
  Result<std::vector<DraftEvent>> claim(std::size_t, std::chrono::milliseconds, Deadline);
};
struct OutboxThatClaimsForEver : SettlesLater, Settles {
  Claimed claim(std::size_t, Deadline);
};
struct OutboxThatSettlesOne : SettlesLater, Claims {
  Result<void> settle(const Settlement&, Deadline);
};
struct OutboxThatSettlesSilently : SettlesLater, Claims {
  void settle(std::span<const Settlement>, Deadline);
};
struct OutboxThatChangesSettlements : SettlesLater, Claims {
  Result<void> settle(std::span<Settlement>, Deadline);
};

static_assert(EventOutbox<MinimalOutbox>);
static_assert(!EventOutbox<const MinimalOutbox>);
static_assert(EventOutbox<const ConstOutbox>);
static_assert(!EventOutbox<OutboxWithoutLater>);
static_assert(!EventOutbox<OutboxWithoutClaim>);
static_assert(!EventOutbox<OutboxWithoutSettle>);
static_assert(!EventOutbox<OutboxWhoseLaterMayThrow>);
static_assert(!EventOutbox<OutboxWhoseLaterWaits>);
static_assert(!EventOutbox<OutboxWhoseLaterAnswers>);
static_assert(!EventOutbox<OutboxWhoseLaterChanges>);
static_assert(!EventOutbox<OutboxThatClaimsBare>);
static_assert(!EventOutbox<OutboxThatClaimsOne>);
static_assert(!EventOutbox<OutboxThatClaimsWithoutLease>);
static_assert(!EventOutbox<OutboxThatClaimsForEver>);
static_assert(!EventOutbox<OutboxThatSettlesOne>);
static_assert(!EventOutbox<OutboxThatSettlesSilently>);
static_assert(!EventOutbox<OutboxThatChangesSettlements>);

struct Removes {
  Result<std::size_t> remove_published(std::chrono::milliseconds, std::size_t, Deadline);
};
struct Counts {
  Result<OutboxStats> stats(Deadline);
};
struct MinimalUpkeep : Removes, Counts {};
struct ConstUpkeep {
  Result<std::size_t> remove_published(std::chrono::milliseconds, std::size_t, Deadline) const;
  Result<OutboxStats> stats(Deadline) const;
};
struct UpkeepThatRemovesSilently : Counts {
  Result<void> remove_published(std::chrono::milliseconds, std::size_t, Deadline);
};
struct UpkeepThatRemovesAll : Counts {
  Result<std::size_t> remove_published(std::chrono::milliseconds, Deadline);
};
struct UpkeepOfBareStats : Removes {
  OutboxStats stats(Deadline);
};
struct UpkeepWithoutDeadline : Removes {
  Result<OutboxStats> stats();
};

static_assert(OutboxUpkeep<MinimalUpkeep>);
static_assert(!OutboxUpkeep<const MinimalUpkeep>);
static_assert(OutboxUpkeep<const ConstUpkeep>);
static_assert(!OutboxUpkeep<Removes>);
static_assert(!OutboxUpkeep<Counts>);
static_assert(!OutboxUpkeep<UpkeepThatRemovesSilently>);
static_assert(!OutboxUpkeep<UpkeepThatRemovesAll>);
static_assert(!OutboxUpkeep<UpkeepOfBareStats>);
static_assert(!OutboxUpkeep<UpkeepWithoutDeadline>);

struct Lists {
  Result<std::vector<ParkedEvent>> parked(const std::optional<EventId>&, std::size_t, Deadline);
};
struct Replays {
  Result<bool> replay(const EventId&, Deadline);
};
struct Discards {
  Result<bool> discard(const EventId&, Deadline);
};
struct MinimalAdministration : Lists, Replays, Discards {};
struct ConstAdministration {
  Result<std::vector<ParkedEvent>> parked(const std::optional<EventId>&, std::size_t, Deadline) const;
  Result<bool> replay(const EventId&, Deadline) const;
  Result<bool> discard(const EventId&, Deadline) const;
};
struct AdministrationWithoutList : Replays, Discards {};
struct AdministrationWithoutReplay : Lists, Discards {};
struct AdministrationWithoutDiscard : Lists, Replays {};
struct AdministrationThatListsAll : Replays, Discards {
  Result<std::vector<ParkedEvent>> parked(std::size_t, Deadline);
};
struct AdministrationThatListsIds : Replays, Discards {
  Result<std::vector<EventId>> parked(const std::optional<EventId>&, std::size_t, Deadline);
};
struct AdministrationThatReplaysSilently : Lists, Discards {
  Result<void> replay(const EventId&, Deadline);
};
struct AdministrationThatDiscardsDrafts : Lists, Replays {
  Result<bool> discard(const DraftId&, Deadline);
};

static_assert(OutboxAdministration<MinimalAdministration>);
static_assert(!OutboxAdministration<const MinimalAdministration>);
static_assert(OutboxAdministration<const ConstAdministration>);
static_assert(!OutboxAdministration<AdministrationWithoutList>);
static_assert(!OutboxAdministration<AdministrationWithoutReplay>);
static_assert(!OutboxAdministration<AdministrationWithoutDiscard>);
static_assert(!OutboxAdministration<AdministrationThatListsAll>);
static_assert(!OutboxAdministration<AdministrationThatListsIds>);
static_assert(!OutboxAdministration<AdministrationThatReplaysSilently>);
static_assert(!OutboxAdministration<AdministrationThatDiscardsDrafts>);

// The capabilities are apart from each other, and from the repository.
static_assert(!OutboxUpkeep<MinimalOutbox> && !OutboxAdministration<MinimalOutbox> && !DraftRepository<MinimalOutbox>);
static_assert(!EventOutbox<MinimalRepository> && !EventOutbox<MinimalUpkeep> && !EventOutbox<MinimalAdministration>);

struct CacheWithoutSet {
  Value get(std::string_view, Deadline);
};
struct CacheWithoutGet {
  Result<void> set(std::span<const CacheWrite>, Deadline);
};
struct MinimalCache : CacheWithoutSet, CacheWithoutGet {};
struct ConstCache {
  Value get(std::string_view, Deadline) const;
  Result<void> set(std::span<const CacheWrite>, Deadline) const;
};
struct CacheOfViews : CacheWithoutGet {
  Result<std::optional<std::string_view>> get(std::string_view, Deadline);
};
struct CacheWithoutMisses : CacheWithoutGet {
  Result<std::string> get(std::string_view, Deadline);
};
struct CacheThatChangesTheKey : CacheWithoutGet {
  Value get(std::string&, Deadline);
};
struct CacheThatSetsSilently : CacheWithoutSet {
  void set(std::span<const CacheWrite>, Deadline);
};
struct CacheOfBareValues : CacheWithoutGet {
  std::optional<std::string> get(std::string_view, Deadline);
};
struct CacheOfErrors : CacheWithoutSet {
  Error set(std::span<const CacheWrite>, Deadline);
};
struct CacheThatCounts : CacheWithoutSet {
  Result<int> set(std::span<const CacheWrite>, Deadline);
};
struct CacheThatSetsOne : CacheWithoutSet {
  Result<void> set(const CacheWrite&, Deadline);
};
struct CacheThatChangesTheWrites : CacheWithoutSet {
  Result<void> set(std::span<CacheWrite>, Deadline);
};

static_assert(DraftCache<MinimalCache>);
static_assert(!DraftCache<const MinimalCache>);
static_assert(DraftCache<const ConstCache>);
static_assert(!DraftCache<CacheWithoutGet>);
static_assert(!DraftCache<CacheWithoutSet>);
static_assert(!DraftCache<CacheOfViews>);
static_assert(!DraftCache<CacheWithoutMisses>);
static_assert(!DraftCache<CacheThatChangesTheKey>);
static_assert(!DraftCache<CacheThatSetsSilently>);
static_assert(!DraftCache<CacheThatCounts>);
static_assert(!DraftCache<CacheOfBareValues>);
static_assert(!DraftCache<CacheOfErrors>);
static_assert(!DraftCache<CacheThatSetsOne>);
static_assert(!DraftCache<CacheThatChangesTheWrites>);

struct MinimalPublisher {
  Result<void> publish(const EventMessage&, Deadline);
};
struct ConstPublisher {
  Result<void> publish(const EventMessage&, Deadline) const;
};
struct SilentPublisher {};
struct PublisherOfBools {
  bool publish(const EventMessage&, Deadline);
};
struct PublisherOfErrors {
  Error publish(const EventMessage&, Deadline);
};
struct PublisherThatChangesTheEvent {
  Result<void> publish(EventMessage&, Deadline);
};
struct PublisherWithoutDeadline {
  Result<void> publish(const EventMessage&);
};

static_assert(EventPublisher<MinimalPublisher>);
static_assert(!EventPublisher<const MinimalPublisher>);
static_assert(EventPublisher<const ConstPublisher>);
static_assert(!EventPublisher<SilentPublisher>);
static_assert(!EventPublisher<PublisherOfBools>);
static_assert(!EventPublisher<PublisherOfErrors>);
static_assert(!EventPublisher<PublisherThatChangesTheEvent>);
static_assert(!EventPublisher<PublisherWithoutDeadline>);

struct HandsOverMany {
  void publish_all(std::span<const EventMessage>, std::span<Result<void>>, Deadline);
};
struct MinimalBatchPublisher : MinimalPublisher, HandsOverMany {};
struct BatchPublisherThatAnswers : MinimalPublisher {
  Result<void> publish_all(std::span<const EventMessage>, std::span<Result<void>>, Deadline);
};
struct BatchPublisherWithoutResults : MinimalPublisher {
  void publish_all(std::span<const EventMessage>, Deadline);
};
struct BatchPublisherThatOnlyReads : MinimalPublisher {
  void publish_all(std::span<const EventMessage>, std::span<const Result<void>>, Deadline);
};
struct BatchPublisherThatChangesMessages : MinimalPublisher {
  void publish_all(std::span<EventMessage>, std::span<Result<void>>, Deadline);
};

static_assert(BatchEventPublisher<MinimalBatchPublisher>);
static_assert(!BatchEventPublisher<const MinimalBatchPublisher>);
static_assert(!BatchEventPublisher<MinimalPublisher>);
static_assert(!BatchEventPublisher<HandsOverMany>);
static_assert(!BatchEventPublisher<BatchPublisherThatAnswers>);
static_assert(!BatchEventPublisher<BatchPublisherWithoutResults>);
static_assert(BatchEventPublisher<BatchPublisherThatOnlyReads>);  // what it leaves alone counts as unknown
static_assert(!BatchEventPublisher<BatchPublisherThatChangesMessages>);

struct ClockWithoutSteadyTime {
  Timestamp now() noexcept;
};
struct ClockWithoutTimeOfDay {
  SteadyTime steady_now() noexcept;
};
struct MinimalClock : ClockWithoutSteadyTime, ClockWithoutTimeOfDay {};
struct ClockThatMayThrow : ClockWithoutTimeOfDay {
  Timestamp now();
};
struct ClockWhoseSteadyTimeMayThrow : ClockWithoutSteadyTime {
  SteadyTime steady_now();
};
struct ClockOfNanoseconds : ClockWithoutTimeOfDay {
  std::chrono::sys_time<std::chrono::nanoseconds> now() noexcept;
};
struct ClockThatIsNotSteady : ClockWithoutSteadyTime {
  Timestamp steady_now() noexcept;
};

static_assert(Clock<MinimalClock>);
static_assert(!Clock<const MinimalClock>);
static_assert(Clock<SystemClock> && Clock<const SystemClock>);
static_assert(!Clock<std::chrono::system_clock>);
static_assert(!Clock<ClockWithoutSteadyTime>);
static_assert(!Clock<ClockWithoutTimeOfDay>);
static_assert(!Clock<ClockThatMayThrow>);
static_assert(!Clock<ClockWhoseSteadyTimeMayThrow>);
static_assert(!Clock<ClockOfNanoseconds>);
static_assert(!Clock<ClockThatIsNotSteady>);

struct ObserverOfStepsOnly {
  void on_step(const StepReport&) noexcept;
};
struct ObserverOfExceptionsOnly {
  void on_exception(Step, std::string_view) noexcept;
};
struct MinimalObserver : ObserverOfStepsOnly, ObserverOfExceptionsOnly {};
struct ObserverThatMayThrow : ObserverOfExceptionsOnly {
  void on_step(const StepReport&);
};
struct ObserverThatMayThrowOnExceptions : ObserverOfStepsOnly {
  void on_exception(Step, std::string_view);
};
struct ObserverThatAnswers : ObserverOfExceptionsOnly {
  bool on_step(const StepReport&) noexcept;
};
struct ObserverThatChangesTheReport : ObserverOfExceptionsOnly {
  void on_step(StepReport&) noexcept;
};
struct ObserverOfTextAlone : ObserverOfStepsOnly {
  void on_exception(std::string_view) noexcept;
};

static_assert(Observer<MinimalObserver>);
static_assert(!Observer<const MinimalObserver>);
static_assert(Observer<NoObserver> && Observer<const NoObserver>);
static_assert(!Observer<ObserverOfStepsOnly>);
static_assert(!Observer<ObserverOfExceptionsOnly>);
static_assert(!Observer<ObserverThatMayThrow>);
static_assert(!Observer<ObserverThatMayThrowOnExceptions>);
static_assert(!Observer<ObserverThatAnswers>);
static_assert(!Observer<ObserverThatChangesTheReport>);
static_assert(!Observer<ObserverOfTextAlone>);

}  // namespace

TEST_CASE("ports: the system's clock is in milliseconds of its day, and its steady time never goes back") {
  const auto before = std::chrono::system_clock::now();
  const Timestamp now = system_clock.now();
  const auto after = std::chrono::system_clock::now();
  CHECK(now >= before - std::chrono::milliseconds{1});
  CHECK(now <= after);
  const SteadyTime first = system_clock.steady_now();
  CHECK(system_clock.steady_now() >= first);
}

TEST_CASE("ports: nobody is an observer that hears nothing") {
  no_observer.on_step({Operation::create, Step::save, StepOutcome::lost, {}, 1, {}, Errc::internal_error});
  no_observer.on_exception(Step::save, "unheard");
}
