#include <event_draft/async_controller.hpp>

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <event_draft/async_service.hpp>
#include <event_draft/service.hpp>
#include <event_draft/testing/async_port.hpp>
#include <event_draft/testing/faults.hpp>
#include <event_draft/testing/samples.hpp>

#include "samples.hpp"

using namespace event_draft;
using namespace event_draft::testing;

// What the controller makes of requests is tested with the one that blocks; here, that this one answers the same.
namespace {

struct Blocking {
  FakePorts ports{};
  EventDraftService<decltype(ports.repository), decltype(ports.cache), decltype(ports.publisher), VirtualClock> service{
      ports.repository, ports.cache, ports.publisher, {}, ports.clock};
  EventController<decltype(service)> controller{service};
};

struct Awaiting {
  FakePorts ports{};
  ManualLoop loop{};
  AsyncPort<decltype(ports.repository)> repository{ports.repository, loop};
  AsyncPort<decltype(ports.cache)> cache{ports.cache, loop};
  AsyncPort<decltype(ports.publisher)> publisher{ports.publisher, loop};
  AsyncEventDraftService<decltype(repository), decltype(cache), decltype(publisher), VirtualClock> service{
      repository, cache, publisher, {}, ports.clock};
  AsyncEventController<decltype(service)> controller{service};

  ApiResponse answer(Task<ApiResponse> task) {
    task.start();
    loop.run();
    return task.get();
  }
};

auto parts(const ApiResponse& response) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (const auto& [name, value] : response.headers) headers.emplace_back(name, value);
  return std::tuple{response.status, std::string{response.content_type}, response.body, headers};
}

/// Fails as a service does that finds no memory.
struct AsyncThrowingService {
  template <class T>
  using Coroutine = Task<T>;
  static Task<Result<Receipt>> create_event_draft(const CreateEventDraft&) { throw std::bad_alloc{}; }
  static Task<Result<FoundDraft>> find_event_draft(const DraftId&, std::int64_t) { throw std::bad_alloc{}; }
  static Task<Result<ApprovalReceipt>> approve_event_draft(const DraftId&, std::int64_t, std::string_view) {
    throw std::bad_alloc{};
  }
};

static_assert(AsyncEventService<AsyncThrowingService> && !AsyncEventService<int>);

}  // namespace

TEST_CASE("both controllers answer the same requests in the same way") {
  Blocking blocking;
  Awaiting awaiting;
  const std::string unknown = R"({"userId":124,"objective":"?","storeName":"a","industry":"b","address":"c"})";
  for (const std::string_view body :
       {samples::specified_body, samples::specified_body, std::string_view{unknown}, std::string_view{"{"}}) {
    CAPTURE(body);
    const ApiRequest request{.body = body, .accept = "application/problem+json"};
    CHECK(parts(awaiting.answer(awaiting.controller.create(request))) == parts(blocking.controller.create(request)));
  }
  for (const std::string_view user : {"123", "124", "x"}) {
    for (const std::string_view id : {"draft-1", "draft-2", "?"}) {
      CAPTURE(user);
      CAPTURE(id);
      CHECK(parts(awaiting.answer(awaiting.controller.find(id, user, {}))) ==
            parts(blocking.controller.find(id, user, {})));
      CHECK(parts(awaiting.answer(awaiting.controller.approve(id, user, {}))) ==
            parts(blocking.controller.approve(id, user, {})));
    }
  }
}

TEST_CASE("whatever goes wrong inside is answered, never thrown") {
  AsyncThrowingService service;
  const AsyncEventController controller{service};
  const auto status = [](Task<ApiResponse> task) {
    task.start();
    return task.get().status;
  };
  CHECK(status(controller.create({.body = samples::specified_body})) == 500);
  CHECK(status(controller.find("draft-1", "123", {})) == 500);
  CHECK(status(controller.approve("draft-1", "123", {})) == 500);
}
