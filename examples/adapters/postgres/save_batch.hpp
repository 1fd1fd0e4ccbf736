#pragma once

#include <deque>
#include <event_draft/event_draft.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "../async/promise.hpp"
#include "async_session.hpp"
#include "lease_tokens.hpp"

namespace event_draft::postgres {

/// A save that waits for the database.
struct SaveCall {
  NewEventDraft draft;
  Deadline deadline;
  adapters::Promise<SavedDraft> promise;
  std::optional<std::int64_t> passes_on = std::nullopt;  ///< the draft whose claim it takes over
  bool is_alone = false;                                 ///< something was wrong when it was saved with others
  int conflicts = 0;
};

/// Those that wait, in their order.
class SaveQueue {
 public:
  using Report = std::function<void(std::string_view)>;

  explicit SaveQueue(Report report) : report_{std::move(report)} {}

  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }
  void push(SaveCall call) { waiting_.push_back(std::move(call)); }
  /// As many as go into one transaction: one of each user, or one that must be alone. Who no longer waits is left out.
  [[nodiscard]] std::vector<SaveCall> take();
  /// Before those that wait: it has waited before.
  void put_back(SaveCall call) { waiting_.push_front(std::move(call)); }
  void fail_all() noexcept;

  [[nodiscard]] std::int64_t new_token() { return tokens_(); }
  void report(std::string_view cause) const { report_(cause); }

 private:
  static constexpr std::size_t most_together = 256;

  std::deque<SaveCall> waiting_;
  LeaseTokens tokens_;
  Report report_;
};

/// Saves of different users in one transaction and one round trip. What goes wrong with one of them is not its neighbours'
/// fault: they are saved again, each on its own.
class SaveBatch final : public Job {
 public:
  /// Those that are to be saved again go back to the queue.
  SaveBatch(std::vector<SaveCall> calls, std::shared_ptr<SaveQueue> queue)
      : calls_{std::move(calls)}, queue_{std::move(queue)} {}

  [[nodiscard]] Deadline deadline() const noexcept override;
  [[nodiscard]] Result<void> send(Connection& connection) override;
  void done(Result<std::vector<Rows>> rows, bool met_conflict) override;

 private:
  Result<void> send_one(Connection& connection);
  Result<void> send_many(Connection& connection);
  void answer(SaveCall& call, const Rows& rows, std::size_t row, std::size_t column, std::int64_t token);
  void fail(const Error& error, bool met_conflict);

  std::vector<SaveCall> calls_;
  std::vector<std::int64_t> tokens_;
  std::shared_ptr<SaveQueue> queue_;
};

}  // namespace event_draft::postgres
