#pragma once

#include <event_draft/testing/fake_event_publisher.hpp>

namespace event_draft::memory {

/// Keeps every event in memory: the test kit's publisher on the system's clock.
using RecordingPublisher = testing::FakeEventPublisher<>;

static_assert(EventPublisher<RecordingPublisher>);

}  // namespace event_draft::memory
