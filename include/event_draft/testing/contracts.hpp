#pragma once

// What the ports' documentation promises, as suites of laws that a host runs over its own adapters, one line each:
//
//   EVENT_DRAFT_REPOSITORY_CONTRACT(MyRepositoryHarness);
//   EVENT_DRAFT_APPROVAL_CONTRACT(MyRepositoryHarness);
//   EVENT_DRAFT_OUTBOX_CONTRACT(MyRepositoryHarness);
//   EVENT_DRAFT_CACHE_CONTRACT(MyCacheHarness);
//   EVENT_DRAFT_PUBLISHER_CONTRACT(MyPublisherHarness);
//
// Every law is a test case of its own. What a harness is stands in contracts/law.hpp.
#include <event_draft/testing/contracts/approval.hpp>
#include <event_draft/testing/contracts/cache.hpp>
#include <event_draft/testing/contracts/outbox.hpp>
#include <event_draft/testing/contracts/publisher.hpp>
#include <event_draft/testing/contracts/repository.hpp>
