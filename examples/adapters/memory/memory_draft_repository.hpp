#pragma once

#include <event_draft/testing/fake_draft_repository.hpp>

namespace event_draft::memory {

/// Drafts that live as long as the process: the test kit's repository, whose claims are whole, on the system's clock.
using MemoryDraftRepository = testing::FakeDraftRepository<>;

static_assert(DraftRepository<MemoryDraftRepository>);

}  // namespace event_draft::memory
