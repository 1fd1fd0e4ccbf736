#pragma once

// Ports in memory, with the whole contract of each. All take their time from one clock, the process's own by default.
#include <event_draft/testing/fake_draft_cache.hpp>
#include <event_draft/testing/fake_draft_repository.hpp>
#include <event_draft/testing/fake_event_publisher.hpp>
#include <event_draft/testing/virtual_clock.hpp>
