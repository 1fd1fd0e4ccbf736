// A broker that has an event, and whose acknowledgement does not come through: what the blocking publisher makes of it, and the
// awaited one.
#include <doctest/doctest.h>

#include <adapters/kafka/kafka_publisher.hpp>
#include <adapters/memory/memory_draft_cache.hpp>
#include <adapters/memory/memory_draft_repository.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <event_draft/outbox_relay.hpp>
#include <event_draft/service.hpp>
#include <event_draft/testing/contracts/publisher.hpp>
#include <event_draft/testing/printing.hpp>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "../contract/looped_publisher.hpp"
#include "fault_proxy.hpp"
#include "kafka_fixture.hpp"
#include "kafka_reader.hpp"
#include "kafka_real_only.hpp"

namespace event_draft::kafka {
namespace {

using testing::FaultProxy;
using testing::LoopedPublisher;
using testing::Passage;
using testing::Piece;
using testing::RealServer;

/// A connection's requests, as the protocol has them: each with a length of four bytes, and in the next two which it is.
class Requests {
 public:
  /// Whether one that publishes begins in the piece.
  bool take(std::string_view piece) {
    bool found = false;
    while (!piece.empty()) {
      auto& wanted = left_ != 0 ? left_ : missing_;
      const auto here = piece.substr(0, wanted);
      if (left_ == 0) head_ += here;
      wanted -= here.size();
      piece.remove_prefix(here.size());
      if (missing_ != 0) continue;
      found |= head_.ends_with(std::string(2, '\0'));
      for (const char byte : std::string_view{head_}.substr(0, 4))
        left_ = left_ << 8U | static_cast<unsigned char>(byte);
      left_ -= 2;
      head_.clear();
      missing_ = 6;
    }
    return found;
  }

 private:
  std::string head_;
  std::size_t missing_ = 6;  ///< of the head
  std::size_t left_ = 0;     ///< of what follows it
};

std::uint16_t port_of(std::string_view address) {
  return static_cast<std::uint16_t>(std::stoi(std::string{address.substr(address.rfind(':') + 1)}));
}

/// Stands where the broker says that it is, and keeps its acknowledgements back.
class Between {
 public:
  void cut_acknowledgements(int times) { to_cut_ = times; }
  [[nodiscard]] int cut() const { return cut_; }
  [[nodiscard]] static std::string url() { return RealServer::environment("EVENT_DRAFT_KAFKA_PROXY"); }

 private:
  Passage judge(const Piece& piece) {
    const std::lock_guard lock{mutex_};
    if (piece.way == Piece::Way::request) {
      if (requests_[piece.connection].take(piece.bytes)) produces_on_.insert(piece.connection);
      return {};
    }
    const bool is_acknowledgement = produces_on_.erase(piece.connection) != 0;
    if (!is_acknowledgement || to_cut_ == 0) return {};
    --to_cut_;
    ++cut_;
    return {.most = 0, .cut = true};
  }

  std::mutex mutex_;
  std::map<std::size_t, Requests> requests_;
  std::set<std::size_t> produces_on_;
  std::atomic<int> to_cut_ = 0;
  std::atomic<int> cut_ = 0;
  FaultProxy proxy_{"127.0.0.1", port_of(RealServer::environment("EVENT_DRAFT_KAFKA_BEHIND_PROXY")),
                    [this](const Piece& piece) { return judge(piece); }, port_of(url())};
};

constexpr int all = 1'000'000;

struct Proxied {
  Between between;
  testing::KafkaReader reader{RealServer{"kafka"}.url()};

  static Config with(std::chrono::milliseconds message_timeout) {
    return {.brokers = Between::url(), .message_timeout = message_timeout};
  }
  std::vector<std::string> ids() {
    std::vector<std::string> ids;
    for (auto& event : reader.read()) ids.push_back(std::move(event.id));
    return ids;
  }
};

TEST_CASE_TEMPLATE("an acknowledgement that is lost once is asked for again, and the event is there once", Publisher,
                   KafkaPublisher, LoopedPublisher) {
  Proxied proxied;
  Publisher publisher{Proxied::with(20s)};
  for (std::uint64_t number = 1; number != 4; ++number) {
    proxied.between.cut_acknowledgements(1);
    CHECK(publisher.publish(message_of(sample_draft(number)), Deadline::after(20s)));
  }
  CHECK(proxied.between.cut() == 3);
  CHECK(proxied.ids().size() == 3);
}

TEST_CASE_TEMPLATE("without an acknowledgement it is unknown whether the event is there, and it is", Publisher,
                   KafkaPublisher, LoopedPublisher) {
  Proxied proxied;
  Publisher publisher{Proxied::with(1s)};
  const auto message = message_of(sample_draft());
  proxied.between.cut_acknowledgements(all);
  CHECK(publisher.publish(message, Deadline::after(3s)) ==
        Result<void>{Error{Errc::publisher_unavailable, {}, Certainty::unknown}});
  CHECK(proxied.between.cut() > 0);
  CHECK(proxied.ids() == std::vector{std::string{message.id()}});
}

// The relay has the blocking publisher.
TEST_CASE_FIXTURE(
    Proxied,
    "an event whose acknowledgements are lost is pending, and the relay delivers it under the same id until one "
    "comes") {
  KafkaPublisher publisher{with(1s)};
  memory::MemoryDraftRepository repository;
  memory::MemoryDraftCache cache;
  EventDraftService service{repository, cache, publisher};
  OutboxRelay relay{repository, publisher};

  between.cut_acknowledgements(all);
  const auto receipt = service.create_event_draft(testing::sample_command());
  REQUIRE(receipt);
  CHECK(receipt.value().event == EventDelivery::pending);
  // Passes until one has something to show.
  const auto passes_until = [&](std::size_t RelayPass::*figure) {
    for (const auto until = Clock::now() + 20s; Clock::now() < until; std::this_thread::sleep_for(20ms)) {
      if (const auto done = relay.run_once(); done.*figure != 0) return done.*figure;
    }
    return std::size_t{0};
  };
  CHECK(passes_until(&RelayPass::retried) == 1);
  between.cut_acknowledgements(0);
  CHECK(passes_until(&RelayPass::published) == 1);

  const auto found = ids();
  CHECK(found.size() >= 2);
  const auto id = to_text({receipt.value().draft.id, EventType::event_draft_created});
  CHECK(std::ranges::count(found, id.view()) == std::ssize(found));
  CHECK(service.create_event_draft(testing::sample_command()).value().draft == receipt.value().draft);
  CHECK(repository.stats(Deadline::after(1s)).value().pending == 0);
}

}  // namespace
}  // namespace event_draft::kafka
