// Replaces the operator new of the whole executable: at most one file of an executable may.
#include <doctest/doctest.h>

#include <cstdlib>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include <event_draft/service.hpp>
#include <event_draft/testing/samples.hpp>

#include "replaceable_new.hpp"

namespace {

thread_local std::size_t allocations = 0;

}  // namespace

#if EVENT_DRAFT_REPLACEABLE_NEW
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

using namespace event_draft;
using namespace event_draft::testing;

namespace {

/// Ports that allocate nothing: whatever is counted is the library's own.
struct Still {
  std::optional<std::string> cached;
  Result<SavedDraft> stored = SavedDraft{sample_draft(), true};
  VirtualClock clock;

  Result<std::optional<std::string>> get(std::string_view, Deadline) { return std::exchange(cached, std::nullopt); }
  Result<void> set(std::span<const CacheWrite>, Deadline) { return success(); }
  Result<SavedDraft> save(const NewEventDraft&, Deadline) { return stored; }
  Result<std::optional<EventDraft>> find(const DraftId&, Deadline) { return std::optional{sample_draft()}; }
  Result<void> publish(const EventMessage&, Deadline) { return success(); }
};

struct Counted {
  bool succeeded;
  std::size_t allocations;
};

Counted create(Still& ports, const CreateEventDraft& command) {
  EventDraftService service{accept_event_loss, ports, ports, ports, {}, ports.clock};
  const std::size_t before = allocations;
  const auto receipt = service.create_event_draft(command);
  return {receipt.has_value(), allocations - before};
}

}  // namespace

TEST_CASE("the counter counts" * doctest::skip(!event_draft::test::replaceable_new)) {
  const std::size_t before = allocations;
  const std::string long_text(1000, 'x');
  CHECK(allocations - before == 1);
}

TEST_CASE("a hit allocates nothing" * doctest::skip(!event_draft::test::replaceable_new)) {
  Still ports;
  ports.cached = cache_hit(sample_draft());
  const Counted counted = create(ports, sample_command());
  CHECK(counted.succeeded);
  CHECK(counted.allocations == 0);
}

TEST_CASE("a create allocates nothing" * doctest::skip(!event_draft::test::replaceable_new)) {
  Still ports;
  const Counted counted = create(ports, sample_command());
  CHECK(counted.succeeded);
  CHECK(counted.allocations == 0);
}

TEST_CASE("a rejected command allocates nothing" * doctest::skip(!event_draft::test::replaceable_new)) {
  for (const auto& command : {with_objective("무료 나눔"), with_store("", "", ""), sample_command(-1)}) {
    Still ports;
    const Counted counted = create(ports, command);
    CHECK_FALSE(counted.succeeded);
    CHECK(counted.allocations == 0);
  }
}

TEST_CASE("a failing repository costs no allocation" * doctest::skip(!event_draft::test::replaceable_new)) {
  Still ports;
  ports.stored = Error{Errc::storage_unavailable, {}, Certainty::unknown};
  const Counted counted = create(ports, sample_command());
  CHECK_FALSE(counted.succeeded);
  CHECK(counted.allocations == 0);
}

TEST_CASE("a read allocates nothing" * doctest::skip(!event_draft::test::replaceable_new)) {
  Still ports;
  EventDraftService service{accept_event_loss, ports, ports, ports, {}, ports.clock};
  const std::size_t before = allocations;
  const auto found = service.find_event_draft(DraftId::numbered(1), sample_user);
  const std::size_t after = allocations;
  CHECK(found.has_value());
  CHECK(after == before);
}
