#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <event_draft/event_draft.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "../async/promise.hpp"
#include "async_session.hpp"
#include "lease_tokens.hpp"

namespace event_draft::postgres {

/// A save that waits for the database.
struct SaveCall {
  static constexpr std::size_t most_together = 256;

  NewEventDraft draft;
  Deadline deadline;
  adapters::Promise<SavedDraft> promise;
  std::optional<std::int64_t> passes_on = std::nullopt;  ///< the draft whose claim it takes over
  std::size_t together = most_together;                  ///< how many may go with it; fewer each time that went wrong
  int conflicts = 0;

  [[nodiscard]] bool is_alone() const noexcept { return together == 1 || passes_on.has_value(); }
  /// One that is late is not sent, though its loop may not have come to tell it so.
  [[nodiscard]] bool is_wanted() const noexcept { return promise.is_wanted() && !deadline.expired(); }
};

/// Those that wait, in their order.
class SaveQueue {
 public:
  using Report = std::function<void(std::string_view)>;

  explicit SaveQueue(Report report) : report_{std::move(report)} {}

  [[nodiscard]] std::size_t size() const noexcept { return together_.size() + alone_.size(); }
  [[nodiscard]] bool has_together() const noexcept { return !together_.empty(); }
  [[nodiscard]] bool has_alone() const noexcept { return !alone_.empty(); }
  void push(SaveCall call);
  /// Before those that wait, for they have waited before; in their order.
  void put_back(std::vector<SaveCall> calls);
  /// Behind those that wait, for it has had its turn.
  void put_last(SaveCall call);
  /// As many as may go into one transaction, one of each user. Who no longer waits is left out.
  [[nodiscard]] std::vector<SaveCall> take_together();
  /// One that must be alone, or none.
  [[nodiscard]] std::vector<SaveCall> take_alone();
  /// Forgets who no longer waits.
  void sweep();
  void fail_all() noexcept;

  [[nodiscard]] std::int64_t new_token() { return tokens_(); }
  void report(std::string_view cause) const {
    if (is_heard_) report_(cause);
  }
  /// Who reads the reports is about to go.
  void stop_reporting() noexcept { is_heard_ = false; }

 private:
  std::deque<SaveCall> together_;
  std::deque<SaveCall> alone_;
  LeaseTokens tokens_;
  Report report_;
  bool is_heard_ = true;
};

/// Saves of different users in one transaction and one round trip. What goes wrong with one of them is not its neighbours'
/// fault: if nothing was done they are saved again, with fewer neighbours.
class SaveBatch final : public Job {
 public:
  /// Those that are to be saved again go back to the queue.
  SaveBatch(std::vector<SaveCall> calls, std::shared_ptr<SaveQueue> queue)
      : calls_{std::move(calls)}, queue_{std::move(queue)} {}

  [[nodiscard]] Deadline deadline() const noexcept override;
  [[nodiscard]] Result<void> send(Connection& connection) override;
  void done(Result<std::vector<Rows>> rows, bool met_conflict) override;

 private:
  Result<void> send_many(Connection& connection);
  void answer(SaveCall& call, const Rows& rows, std::size_t row, std::size_t column, std::int64_t token);
  void fail(const Error& error, bool met_conflict);

  std::vector<SaveCall> calls_;
  std::vector<std::int64_t> tokens_;
  std::shared_ptr<SaveQueue> queue_;
};

}  // namespace event_draft::postgres
