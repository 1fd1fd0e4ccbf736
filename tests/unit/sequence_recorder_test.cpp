#include <doctest/doctest.h>
#include <adapters/observers/sequence_recorder.hpp>
#include <event_draft/service.hpp>
#include <event_draft/testing/fakes.hpp>
#include <event_draft/testing/samples.hpp>
#include <event_draft/testing/virtual_clock.hpp>

using namespace event_draft;

namespace {

// docs/architecture.md shows it.
constexpr std::string_view expected = R"(
# [recorded]
@startuml
Service -> Cache: get
Cache --> Service: miss
Service -> Service: validate
note right of Service: ok
Service -> Repo: save
Repo --> Service: ok draft-1
Service -> Cache: set
Cache --> Service: ok draft-1
Service -> Kafka: publish
Kafka --> Service: ok draft-1
@enduml
# [/recorded]
)";

std::string without_marks(std::string_view text) {
  const auto begin = text.find("@startuml");
  return std::string{text.substr(begin, text.find("# [/recorded]") - begin)};
}

}  // namespace

TEST_CASE("the recorder draws a creation as the specification does") {
  testing::VirtualClock clock;
  testing::FakeDraftRepository repository{clock};
  testing::FakeDraftCache cache{clock};
  testing::FakeEventPublisher publisher{clock};
  observers::SequenceRecorder recorder;
  EventDraftService service{accept_event_loss, repository, cache, publisher, {}, clock, recorder};
  REQUIRE(service.create_event_draft(testing::sample_command()));
  CHECK(recorder.plant_uml() == without_marks(expected));
}

TEST_CASE("the recorder shows errors and exceptions") {
  observers::SequenceRecorder recorder;
  recorder.on_exception(Step::publish, "broker \"one\" is gone");
  recorder.on_step({Operation::create,
                    Step::publish,
                    StepOutcome::lost,
                    {},
                    123,
                    "draft-1",
                    Error{Errc::port_exception, {}, Certainty::unknown}});
  CHECK(recorder.plant_uml() ==
        "@startuml\n"
        "note over Kafka: threw \"broker \\\"one\\\" is gone\"\n"
        "Service -> Kafka: publish\n"
        "Kafka --> Service: lost (PORT_EXCEPTION, unknown) draft-1\n"
        "@enduml\n");
}
