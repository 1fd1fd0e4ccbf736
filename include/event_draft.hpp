#pragma once

// The core. What costs compile time or is not for everybody is included on its own: fmt formatters
// (event_draft/formatters.hpp), std::error_code interoperability (event_draft/error_code.hpp), the controller
// (event_draft/controller.hpp) and the test kit (event_draft/testing/).
#include <event_draft/backoff.hpp>
#include <event_draft/cache_entry.hpp>
#include <event_draft/cache_key.hpp>
#include <event_draft/check_port.hpp>
#include <event_draft/clock.hpp>
#include <event_draft/create_event_draft.hpp>
#include <event_draft/deadline.hpp>
#include <event_draft/draft_event.hpp>
#include <event_draft/draft_id.hpp>
#include <event_draft/draft_status.hpp>
#include <event_draft/error.hpp>
#include <event_draft/error_message.hpp>
#include <event_draft/event_draft.hpp>
#include <event_draft/event_id.hpp>
#include <event_draft/event_message.hpp>
#include <event_draft/event_type.hpp>
#include <event_draft/field.hpp>
#include <event_draft/lease.hpp>
#include <event_draft/objective.hpp>
#include <event_draft/observer.hpp>
#include <event_draft/options.hpp>
#include <event_draft/outbox.hpp>
#include <event_draft/outbox_relay.hpp>
#include <event_draft/outcomes.hpp>
#include <event_draft/port_call.hpp>
#include <event_draft/port_function.hpp>
#include <event_draft/ports.hpp>
#include <event_draft/receipt.hpp>
#include <event_draft/relay_options.hpp>
#include <event_draft/result.hpp>
#include <event_draft/run.hpp>
#include <event_draft/service.hpp>
#include <event_draft/settlement.hpp>
#include <event_draft/settlement_queue.hpp>
#include <event_draft/step.hpp>
#include <event_draft/steps.hpp>
#include <event_draft/store_info.hpp>
#include <event_draft/timestamp.hpp>
#include <event_draft/trace_parent.hpp>
#include <event_draft/user_id.hpp>
#include <event_draft/version.hpp>
