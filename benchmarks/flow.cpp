// create_event_draft over ports that do nothing, against the same steps written by hand and against exceptions.
#include <benchmark/benchmark.h>

#include <string>
#include <type_traits>

#include "allocations.hpp"
#include "by_hand.hpp"
#include "ports.hpp"
#include "sample.hpp"

using namespace event_draft;

namespace {

const std::string cached{encode_cache_entry(sample::draft()).view()};

CreateEventDraft rejected_command() {
  CreateEventDraft command = sample::command;
  command.objective = "무료 나눔";
  return command;
}

template <class Repo, class Cache, class Publisher, class ClockType>
struct Bench {
  Repo repository;
  Cache cache;
  Publisher publisher;
  ClockType clock;
  Options options;
};

using Inline = Bench<ports::InlineRepository, ports::InlineCache, ports::InlinePublisher, ports::StoppedClock>;
using Opaque = Bench<ports::OpaqueRepository, ports::OpaqueCache, ports::OpaquePublisher, ports::StoppedClock>;
using Clocked = Bench<ports::OpaqueRepository, ports::OpaqueCache, ports::OpaquePublisher, const SystemClock>;

// Both sides are one call away from the loop.
template <class Service>
[[gnu::noinline]] Result<Receipt> create(Service& service, const CreateEventDraft& command) {
  return service.create_event_draft(command);
}

std::string fresh_value(const SystemClock&) {
  auto draft = sample::draft();
  draft.created_at = SystemClock::now();
  return std::string{encode_cache_entry(draft).view()};
}
std::string fresh_value(const ports::StoppedClock&) { return cached; }

template <class Setup>
void by_service(benchmark::State& state, bool hit, CreateEventDraft command) {
  Setup at{};
  const std::string value = fresh_value(at.clock);
  if (hit) at.cache.value = &value;
  EventDraftService service{accept_event_loss, at.repository, at.cache, at.publisher, at.options, at.clock};
  measure(state, [&] {
    benchmark::DoNotOptimize(command);
    auto receipt = create(service, command);
    benchmark::DoNotOptimize(receipt);
  });
}

template <class Setup>
void straight_line(benchmark::State& state, bool hit, CreateEventDraft command) {
  Setup at{};
  const std::string value = fresh_value(at.clock);
  if (hit) at.cache.value = &value;
  measure(state, [&] {
    benchmark::DoNotOptimize(command);
    auto receipt = by_hand::create(at.repository, at.cache, at.publisher, at.clock, at.options, command);
    benchmark::DoNotOptimize(receipt);
  });
}

template <class Setup>
void thrown(benchmark::State& state) {
  Setup at{};
  CreateEventDraft command = rejected_command();
  measure(state, [&] {
    benchmark::DoNotOptimize(command);
    try {
      auto draft = by_hand::rejected_or_throw(at.cache, at.clock, at.options, command);
      benchmark::DoNotOptimize(draft);
    } catch (const by_hand::Rejection& rejection) {
      Error error = rejection.error;
      benchmark::DoNotOptimize(error);
    }
  });
}

// The way of an error alone, without the judging: three calls up, as from the validation to the service's caller.
template <int Depth>
[[gnu::noinline]] Result<Receipt> returned_error(bool& fails) {
  if constexpr (Depth == 0) {
    benchmark::DoNotOptimize(fails);
    if (fails) return Error{Errc::invalid_objective, {Field::objective}};
    return Receipt{sample::draft(), Origin::created, false, EventDelivery::none, {}, {}};
  } else {
    BOOST_OUTCOME_TRY(auto&& receipt, returned_error<Depth - 1>(fails));
    return receipt;
  }
}

template <int Depth>
[[gnu::noinline]] Receipt thrown_error(bool& fails) {
  if constexpr (Depth == 0) {
    benchmark::DoNotOptimize(fails);
    if (fails) throw by_hand::Rejection{{Errc::invalid_objective, {Field::objective}}};
    return Receipt{sample::draft(), Origin::created, false, EventDelivery::none, {}, {}};
  } else {
    Receipt receipt = thrown_error<Depth - 1>(fails);
    benchmark::DoNotOptimize(receipt);
    return receipt;
  }
}

void error_returned(benchmark::State& state) {
  bool fails = true;
  measure(state, [&] {
    auto receipt = returned_error<3>(fails);
    benchmark::DoNotOptimize(receipt);
  });
}

void error_thrown(benchmark::State& state) {
  bool fails = true;
  measure(state, [&] {
    try {
      auto receipt = thrown_error<3>(fails);
      benchmark::DoNotOptimize(receipt);
    } catch (const by_hand::Rejection& rejection) {
      Error error = rejection.error;
      benchmark::DoNotOptimize(error);
    }
  });
}

template <class Setup>
void add(const std::string& kind) {
  const auto add_case = [&](const char* name, bool hit, const CreateEventDraft& command) {
    const std::string group = std::string{name} + ", " + kind;
    benchmark::RegisterBenchmark((group + "/event_draft").c_str(), by_service<Setup>, hit, command);
    benchmark::RegisterBenchmark((group + "/by hand").c_str(), straight_line<Setup>, hit, command);
  };
  add_case("miss", false, sample::command);
  add_case("hit", true, sample::command);
  add_case("rejected", false, rejected_command());
  benchmark::RegisterBenchmark(("rejected, " + kind + "/thrown").c_str(), thrown<Setup>);
}

}  // namespace

int main(int argc, char** argv) {
  add<Inline>("inline ports");
  add<Opaque>("opaque ports");
  add<Clocked>("opaque ports and system clock");
  benchmark::RegisterBenchmark("error through three calls/event_draft", error_returned);
  benchmark::RegisterBenchmark("error through three calls/thrown", error_thrown);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
