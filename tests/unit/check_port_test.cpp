#include <doctest/doctest.h>

#include <event_draft/check_port.hpp>
#include <event_draft/outbox_relay.hpp>
#include <event_draft/service.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "samples.hpp"

using namespace event_draft;

// check_port and the concept must let the same bindings pass; what it says to the others is tested in tests/compile_fail.
namespace {

/// All ports in one, each by the least strict signature that a host may write.
struct Everything {
  static Result<SavedDraft> save(const NewEventDraft& draft, Deadline) {
    return SavedDraft{with_id(draft, DraftId::numbered(1)), true};
  }
  static Result<std::optional<EventDraft>> find(DraftId, const Deadline&) { return std::nullopt; }
  static Result<std::optional<std::string>> get(std::string_view, Deadline) { return std::nullopt; }
  static Result<void> set(std::span<const CacheWrite>, const Deadline&) { return success(); }
  static Result<void> publish(const EventMessage&, Deadline) { return success(); }
  static Result<std::optional<ApprovedDraft>> approve(DraftApproval, const Deadline&) { return std::nullopt; }
  static void settle_later(Settlement) noexcept {}
  static Result<std::vector<LeasedEvent>> claim(std::size_t, std::chrono::milliseconds, const Deadline&) {
    return std::vector<LeasedEvent>{};
  }
  static Result<void> settle(std::span<const Settlement>, const Deadline&) { return success(); }
  static Result<std::size_t> remove_published(std::chrono::nanoseconds, std::size_t, Deadline) {
    return std::size_t{0};
  }
  static Result<OutboxStats> stats(const Deadline&) { return OutboxStats{}; }
  static Result<std::vector<ParkedEvent>> parked(std::optional<EventId>, std::size_t, Deadline) {
    return std::vector<ParkedEvent>{};
  }
  static Result<bool> replay(EventId, Deadline) { return false; }
  static Result<bool> discard(EventId, Deadline) { return false; }
  static Timestamp now() noexcept { return samples::time(); }
  static SteadyTime steady_now() noexcept { return {}; }
  static void on_step(const StepReport&) noexcept {}
  static void on_exception(Step, std::string_view) noexcept {}
};

template <class T>
constexpr bool passes_everywhere =
    check_port<T, Port::repository>() && check_port<T, Port::approval>() && check_port<T, Port::outbox>() &&
    check_port<T, Port::upkeep>() && check_port<T, Port::administration>() && check_port<T, Port::cache>() &&
    check_port<T, Port::publisher>() && check_port<T, Port::clock>() && check_port<T, Port::observer>();

static_assert(passes_everywhere<Everything> && passes_everywhere<const Everything>);
static_assert(ApprovingRepository<Everything> && EventOutbox<Everything> && OutboxUpkeep<Everything> &&
              OutboxAdministration<Everything>);
static_assert(DraftRepository<Everything> && DraftCache<Everything> && EventPublisher<Everything> &&
              Clock<Everything> && Observer<Everything>);
static_assert(check_port<const SystemClock, Port::clock>() && check_port<const NoObserver, Port::observer>());

}  // namespace

TEST_CASE("check port: what passes makes a service, whatever it is bound to") {
  const Everything all;
  EventDraftService service{all, all, all, {}, all, all};
  const auto receipt = service.create_event_draft({.user_id = 123,
                                                   .objective = "신규 고객 유치",
                                                   .store_name = "맛있는집",
                                                   .industry = "음식점",
                                                   .address = "서울시 강남구"});
  REQUIRE(receipt);
  CHECK(receipt.value().draft == samples::draft());
  CHECK(service.approve_event_draft(DraftId::numbered(1), 123).error() == Errc::draft_not_found);
  OutboxRelay relay{all, all, {}, all, all};
  CHECK_FALSE(relay.run_once().error);
}
