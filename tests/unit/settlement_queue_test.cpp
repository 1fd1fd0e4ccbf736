#include <event_draft/settlement_queue.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

#include "allocation_limit.hpp"

using namespace event_draft;

namespace {

Settlement numbered(std::int64_t number) {
  return Settlement::published({{DraftId::numbered(1), EventType::event_created}, LeaseToken{number}});
}

std::vector<Settlement> numbered(std::int64_t from, std::int64_t to) {
  std::vector<Settlement> all;
  for (std::int64_t number = from; number <= to; ++number) all.push_back(numbered(number));
  return all;
}

void push(SettlementQueue& queue, std::int64_t from, std::int64_t to) {
  for (const Settlement& settlement : numbered(from, to)) queue.push(settlement);
}

}  // namespace

TEST_CASE("settlement queue: all that came is taken, in its order, once") {
  SettlementQueue queue;
  CHECK(queue.take().empty());
  push(queue, 1, 3);
  CHECK(queue.take() == numbered(1, 3));
  CHECK(queue.take().empty());
  push(queue, 4, 4);
  CHECK(queue.take() == numbered(4, 4));
}

TEST_CASE("settlement queue: what finds no room is forgotten") {
  SettlementQueue queue{3};
  push(queue, 1, 5);
  CHECK(queue.take() == numbered(1, 3));
  push(queue, 6, 6);
  CHECK(queue.take() == numbered(6, 6));
}

TEST_CASE("settlement queue: what is put back stands before what has come since, and takes its room first") {
  SettlementQueue queue{4};
  push(queue, 1, 2);
  auto taken = queue.take();
  push(queue, 3, 5);
  queue.put_back(std::move(taken));
  CHECK(queue.take() == numbered(1, 4));

  queue.put_back({});
  CHECK(queue.take().empty());
  push(queue, 1, 1);
  queue.put_back({});
  CHECK(queue.take() == numbered(1, 1));
}

TEST_CASE("settlement queue: it holds no more than it may, whatever is put back") {
  SettlementQueue queue{3};
  push(queue, 9, 9);
  queue.put_back(numbered(1, 5));
  CHECK(queue.take() == numbered(1, 3));
}

TEST_CASE("settlement queue: threads lose nothing, and nothing comes twice") {
  constexpr std::int64_t threads = 4;
  constexpr std::int64_t each = 2000;
  SettlementQueue queue;
  std::vector<Settlement> seen;
  {
    std::vector<std::jthread> running;
    for (std::int64_t thread = 0; thread != threads; ++thread) {
      running.emplace_back([&queue, thread] { push(queue, thread * each + 1, (thread + 1) * each); });
    }
    for (int round = 0; round != 200; ++round) {
      auto taken = queue.take();
      if (round % 2 == 0) {
        queue.put_back(std::move(taken));
      } else {
        seen.insert(seen.end(), taken.begin(), taken.end());
      }
    }
  }
  const auto rest = queue.take();
  seen.insert(seen.end(), rest.begin(), rest.end());
  std::sort(seen.begin(), seen.end(), [](const auto& a, const auto& b) { return a.lease.token < b.lease.token; });
  CHECK(seen == numbered(1, threads * each));
}

TEST_CASE("settlement queue: what finds no memory is forgotten, and nothing else" *
          doctest::skip(!test::replaceable_new)) {
  SettlementQueue queue;
  push(queue, 1, 1);
  {
    const test::AllocationLimit none{0};
    queue.push(numbered(2));
  }
  CHECK(queue.take() == numbered(1, 1));

  auto back = numbered(1, 2);
  back.shrink_to_fit();
  push(queue, 3, 3);
  {
    const test::AllocationLimit none{0};
    queue.put_back(std::move(back));
  }
  CHECK(queue.take() == numbered(1, 2));
  push(queue, 4, 4);
  CHECK(queue.take() == numbered(4, 4));
}
