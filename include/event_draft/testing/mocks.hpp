#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <event_draft/testing/printing.hpp>

// Makes trompeloeil report to doctest, in every translation unit that mocks: a violation fails the test case and throws. The
// service catches what a port throws, mocks included, so the operation goes on; the failure is recorded by then, and stays.
#include <doctest/trompeloeil.hpp>

#include <event_draft/check_port.hpp>
#include <event_draft/testing/drive.hpp>
#include <event_draft/testing/recording_observer.hpp>
#include <event_draft/testing/virtual_clock.hpp>

namespace event_draft::testing {

using trompeloeil::_;

struct MockDraftRepository {
  TROMPELOEIL_MAKE_MOCK2(save, Result<SavedDraft>(const NewEventDraft&, Deadline));
  TROMPELOEIL_MAKE_MOCK2(find, Result<std::optional<EventDraft>>(const DraftId&, Deadline));
  TROMPELOEIL_MAKE_MOCK2(approve, Result<std::optional<ApprovedDraft>>(const DraftApproval&, Deadline));
};

/// The outbox of a repository, on its own: for tests of the relay, and as a base of `MockOutboxRepository`. A violated
/// expectation of `settle_later`, which must not throw, is recorded and goes no further.
struct MockEventOutbox {
  TROMPELOEIL_MAKE_MOCK1(settled_later, void(const Settlement&));
  TROMPELOEIL_MAKE_MOCK3(claim, Result<std::vector<LeasedEvent>>(std::size_t, std::chrono::milliseconds, Deadline));
  TROMPELOEIL_MAKE_MOCK2(settle, Result<void>(std::span<const Settlement>, Deadline));

  void settle_later(const Settlement& settlement) noexcept {
    try {
      settled_later(settlement);
    } catch (...) {  // doctest has counted the failure before it threw
    }
  }
};

struct MockOutboxRepository : MockDraftRepository, MockEventOutbox {};

struct MockDraftCache {
  TROMPELOEIL_MAKE_MOCK2(get, Result<std::optional<std::string>>(std::string_view, Deadline));
  TROMPELOEIL_MAKE_MOCK2(set, Result<void>(std::span<const CacheWrite>, Deadline));
};

struct MockEventPublisher {
  TROMPELOEIL_MAKE_MOCK2(publish, Result<void>(const EventMessage&, Deadline));
};

struct ThrowingMockObserver {
  TROMPELOEIL_MAKE_MOCK1(on_step, void(const StepReport&));
  TROMPELOEIL_MAKE_MOCK2(on_exception, void(Step, std::string_view));
};

/// An observer must not throw, so a violated expectation is recorded and goes no further.
struct MockObserver : ThrowingMockObserver {
  void on_step(const StepReport& report) noexcept {
    swallow([&] { ThrowingMockObserver::on_step(report); });
  }
  void on_exception(Step step, std::string_view what) noexcept {
    swallow([&] { ThrowingMockObserver::on_exception(step, what); });
  }

 private:
  template <class Call>
  static void swallow(Call call) noexcept {
    try {
      call();
    } catch (...) {  // doctest has counted the failure before it threw
    }
  }
};

static_assert(DraftRepository<MockDraftRepository> && DraftCache<MockDraftCache> && EventPublisher<MockEventPublisher>);
static_assert(ApprovingRepository<MockDraftRepository> && EventOutbox<MockOutboxRepository>);
static_assert(Observer<MockObserver>);

/// All that a service needs, with every port call to be expected. The clock stands still unless the test moves it.
struct MockPorts {
  MockDraftRepository repository;
  MockDraftCache cache;
  MockEventPublisher publisher;
  VirtualClock clock;
  RecordingObserver observer;
};

/// The same with a repository that has an outbox.
struct MockOutboxPorts {
  MockOutboxRepository repository;
  MockDraftCache cache;
  MockEventPublisher publisher;
  VirtualClock clock;
  RecordingObserver observer;
};

}  // namespace event_draft::testing
