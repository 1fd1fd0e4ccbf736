#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <event_draft/async_service.hpp>
#include <event_draft/outbox_relay.hpp>
#include <event_draft/testing/faults.hpp>
#include <event_draft/testing/printing.hpp>
#include <event_draft/testing/samples.hpp>

using namespace event_draft;
using namespace event_draft::testing;
using namespace std::chrono_literals;
namespace asio = boost::asio;

// The service over the coroutines of Boost.Asio: nothing of it is in the library.
namespace {

/// The fakes, each call a while away by the loop's own clock.
class AsioPorts {
 public:
  explicit AsioPorts(std::chrono::milliseconds latency) : latency_{latency} {}

  // [port]
  asio::awaitable<Result<SavedDraft>> save(const NewEventDraft& draft, Deadline deadline) {
    co_await travel();
    co_return fakes.repository.save(draft, deadline);
  }
  asio::awaitable<Result<std::optional<EventDraft>>> find(const DraftId& id, Deadline deadline) {
    co_await travel();
    co_return fakes.repository.find(id, deadline);
  }
  // [/port]
  asio::awaitable<Result<std::optional<ApprovedDraft>>> approve(const DraftApproval& approval, Deadline deadline) {
    co_await travel();
    co_return fakes.repository.approve(approval, deadline);
  }
  void settle_later(const Settlement& settlement) noexcept { fakes.repository.settle_later(settlement); }
  asio::awaitable<Result<std::optional<std::string>>> get(std::string_view key, Deadline deadline) {
    co_await travel();
    co_return fakes.cache.get(key, deadline);
  }
  asio::awaitable<Result<void>> set(std::span<const CacheWrite> writes, Deadline deadline) {
    co_await travel();
    co_return fakes.cache.set(writes, deadline);
  }
  asio::awaitable<Result<void>> publish(const EventMessage& message, Deadline deadline) {
    co_await travel();
    co_return fakes.publisher.publish(message, deadline);
  }

  FakePorts fakes{};

 private:
  asio::awaitable<void> travel() {
    asio::steady_timer timer{co_await asio::this_coro::executor, latency_};
    co_await timer.async_wait(asio::use_awaitable);
  }

  std::chrono::milliseconds latency_;
};

}  // namespace

TEST_CASE("all operations on an Asio loop") {
  AsioPorts ports{0ms};
  AsyncEventDraftService service{ports, ports, ports, {}, ports.fakes.clock};
  asio::io_context loop;
  bool done = false;
  // [session]
  const auto session = [&]() -> asio::awaitable<void> {
    const auto receipt = co_await service.create_event_draft(sample_command());
    CHECK(receipt.value().draft == sample_draft());
    // [/session]
    CHECK(receipt.value().event == EventDelivery::acknowledged);
    const auto again = co_await service.create_event_draft(sample_command());
    CHECK(again.value().origin == Origin::in_progress);
    const auto found = co_await service.find_event_draft(sample_draft().id, sample_user);
    CHECK(found.value().from_cache);
    const auto approved = co_await service.approve_event_draft(sample_draft().id, sample_user);
    CHECK(approved.value().approval == Approval::approved);
    const auto refused = co_await service.create_event_draft(with_objective("무료 나눔"));
    CHECK(refused.error() == Error{Errc::invalid_objective, {Field::objective}});
    done = true;
  };
  asio::co_spawn(loop, session(), [](std::exception_ptr exception) { CHECK(exception == nullptr); });
  loop.run_for(10s);
  CHECK(done);
  CHECK(ports.fakes.fake_publisher.size() == 2);
}

TEST_CASE("a cancelled operation ends at once, as one whose ports fail; its event is the relay's") {
  AsioPorts ports{50ms};
  AsyncEventDraftService service{ports, ports, ports, {}, ports.fakes.clock};
  asio::io_context loop;
  asio::cancellation_signal signal;
  std::optional<Result<Receipt>> answer;
  const auto session = [&]() -> asio::awaitable<void> {
    answer = co_await service.create_event_draft(sample_command());
  };
  bool was_thrown = false;
  asio::co_spawn(loop, session(), asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr exception) {
                   was_thrown = exception != nullptr;
                 }));
  const auto give_up = Deadline::after(10s);
  while (ports.fakes.fake_repository.size() == 0 && !give_up.expired()) loop.run_one_for(1s);
  REQUIRE(ports.fakes.fake_repository.size() == 1);
  signal.emit(asio::cancellation_type::terminal);
  const auto began = std::chrono::steady_clock::now();
  loop.run_for(10s);
  CHECK(std::chrono::steady_clock::now() - began < 5s);
  CHECK(was_thrown != answer.has_value());  // told in one way or the other
  CHECK(ports.fakes.fake_publisher.size() == 0);
  ports.fakes.clock.advance(2s);
  OutboxRelay relay{ports.fakes.repository, ports.fakes.publisher, {}, ports.fakes.clock};
  static_cast<void>(relay.run_once());
  CHECK(ports.fakes.fake_publisher.size() == 1);
}
