#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <event_draft/service.hpp>
#include <event_draft/testing/samples.hpp>

#include "allocation_limit.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using test::allocations;

namespace {

/// Ports that allocate nothing: whatever is counted is the library's own.
struct Still {
  std::optional<std::string> cached;
  Result<SavedDraft> stored = SavedDraft{sample_draft(), true};
  Result<void> published = success();
  VirtualClock clock;

  Result<std::optional<std::string>> get(std::string_view, Deadline) { return std::exchange(cached, std::nullopt); }
  Result<void> set(std::span<const CacheWrite>, Deadline) { return success(); }
  Result<SavedDraft> save(const NewEventDraft&, Deadline) { return stored; }
  Result<std::optional<EventDraft>> find(const DraftId&, Deadline) { return std::optional{sample_draft()}; }
  Result<std::optional<ApprovedDraft>> approve(const DraftApproval&, Deadline) {
    return std::optional{ApprovedDraft{approved(sample_draft()), true, LeaseToken{1}}};
  }
  Result<void> publish(const EventMessage&, Deadline) { return published; }
};

/// With an outbox that keeps what it is told in place.
struct StillOutbox : Still {
  std::optional<Settlement> settled;

  void settle_later(const Settlement& settlement) noexcept { settled = settlement; }
  Result<std::vector<LeasedEvent>> claim(std::size_t, std::chrono::milliseconds, Deadline) {
    return std::vector<LeasedEvent>{};
  }
  Result<void> settle(std::span<const Settlement>, Deadline) { return success(); }
};

struct Counted {
  bool succeeded;
  std::size_t allocations;
};

template <class Ports, class Operation>
Counted counted(Ports& ports, Operation operation) {
  EventDraftService service{accept_event_loss, ports, ports, ports, {}, ports.clock};
  const std::size_t before = allocations();
  const auto outcome = operation(service);
  const std::size_t after = allocations();
  return {outcome.has_value(), after - before};
}

Counted count_create(auto& ports, const CreateEventDraft& command) {
  return counted(ports, [&](auto& service) { return service.create_event_draft(command); });
}

Counted count_approval(auto& ports) {
  return counted(ports, [](auto& service) { return service.approve_event_draft(DraftId::numbered(1), sample_user); });
}

}  // namespace

TEST_CASE("a hit allocates nothing" * doctest::skip(!test::replaceable_new)) {
  Still ports;
  ports.cached = cache_hit(sample_draft());
  const Counted counted = count_create(ports, sample_command());
  CHECK(counted.succeeded);
  CHECK(counted.allocations == 0);
}

TEST_CASE("a create allocates nothing" * doctest::skip(!test::replaceable_new)) {
  Still ports;
  const Counted counted = count_create(ports, sample_command());
  CHECK(counted.succeeded);
  CHECK(counted.allocations == 0);
}

TEST_CASE("a rejected command allocates nothing" * doctest::skip(!test::replaceable_new)) {
  for (const auto& command : {with_objective("무료 나눔"), with_store("", "", ""), sample_command(-1)}) {
    Still ports;
    const Counted counted = count_create(ports, command);
    CHECK_FALSE(counted.succeeded);
    CHECK(counted.allocations == 0);
  }
}

TEST_CASE("a failing repository costs no allocation" * doctest::skip(!test::replaceable_new)) {
  Still ports;
  ports.stored = Error{Errc::storage_unavailable, {}, Certainty::unknown};
  const Counted counted = count_create(ports, sample_command());
  CHECK_FALSE(counted.succeeded);
  CHECK(counted.allocations == 0);
}

TEST_CASE("a read allocates nothing" * doctest::skip(!test::replaceable_new)) {
  Still ports;
  const Counted read =
      counted(ports, [](auto& service) { return service.find_event_draft(DraftId::numbered(1), sample_user); });
  CHECK(read.succeeded);
  CHECK(read.allocations == 0);
}

TEST_CASE_TEMPLATE("an approval allocates nothing" * doctest::skip(!test::replaceable_new), Ports, Still, StillOutbox) {
  for (const bool acknowledged : {true, false}) {
    Ports ports;
    if (!acknowledged) ports.published = Errc::publisher_unavailable;
    const Counted counted = count_approval(ports);
    CHECK(counted.succeeded);
    CHECK(counted.allocations == 0);
  }
}

TEST_CASE("a create allocates nothing with an outbox either" * doctest::skip(!test::replaceable_new)) {
  StillOutbox ports;
  ports.stored = inserted(sample_draft(), LeaseToken{1});
  const Counted counted = count_create(ports, sample_command());
  CHECK(counted.succeeded);
  CHECK(counted.allocations == 0);
  CHECK(ports.settled ==
        Settlement::published({{DraftId::numbered(1), EventType::event_draft_created}, LeaseToken{1}}));
}
