#pragma once

#include <chrono>
#include <cstdint>
#include <event_draft/ports.hpp>
#include <optional>

#include "connection.hpp"
#include "lease_tokens.hpp"
#include "prepared.hpp"

namespace event_draft::sqlite {

/// What the repository's calls do, inside of `Connection::read` or, those that write, of a transaction: whoever opened it says
/// how many of them it holds.
class Drafts {
 public:
  Drafts(Connection& connection, const Prepared& prepared, LeaseTokens& new_token) noexcept
      : connection_{connection}, prepared_{prepared}, new_token_{new_token} {}

  Result<SavedDraft> save(const NewEventDraft& draft);
  Result<std::optional<EventDraft>> find(const DraftId& id);
  Result<std::optional<ApprovedDraft>> approve(const DraftApproval& approval);
  Result<void> ready();

 private:
  Result<std::optional<EventDraft>> holder(UserId user, std::int64_t now);
  /// nullopt without a row, `corrupt_draft` for one that breaks the domain's rules
  Result<std::optional<EventDraft>> read(Execution& execution);
  Result<std::optional<EventDraft>> load(const DraftId& id, std::int64_t number);
  Result<std::int64_t> insert(const NewEventDraft& draft);
  Result<ApprovedDraft> approve(EventDraft draft, std::int64_t number, const DraftApproval& approval);

  /// The lease is the caller's; without one the event waits for an earlier one of its draft.
  Result<std::optional<LeaseToken>> insert_event(std::int64_t draft, const DraftEvent& event,
                                                 std::optional<std::chrono::milliseconds> lease);

  Connection& connection_;
  const Prepared& prepared_;
  LeaseTokens& new_token_;
};

}  // namespace event_draft::sqlite
