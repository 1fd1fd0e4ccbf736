#include "async_postgres_draft_repository.hpp"

#include <fmt/core.h>

#include <array>
#include <deque>
#include <utility>

#include "draft_row.hpp"
#include "save_batch.hpp"
#include "statements.hpp"

namespace event_draft::postgres {
namespace {

constexpr int most_conflicts = 5;

std::optional<std::string_view> text_of(const std::optional<TraceParent>& trace) noexcept {
  return trace ? std::optional{trace->view()} : std::nullopt;
}

}  // namespace

/// A statement whose rows somebody waits for.
class AsyncPostgresDraftRepository::RowsJob final : public Job {
 public:
  RowsJob(Send send, Deadline deadline, adapters::Promise<Rows> promise)
      : send_{std::move(send)}, deadline_{deadline}, promise_{std::move(promise)} {}

  [[nodiscard]] bool is_wanted() const noexcept { return promise_.is_wanted(); }
  [[nodiscard]] Deadline deadline() const noexcept override { return deadline_; }
  [[nodiscard]] Result<void> send(Connection& connection) override {
    promise_.is_sent();
    return send_(connection, deadline_);
  }
  void done(Result<std::vector<Rows>> rows, bool met_conflict) override {
    if (rows) {
      promise_.set(std::move(rows.assume_value().front()));
    } else if (met_conflict) {
      promise_.set(Rows{nullptr});
    } else {
      promise_.set(rows.assume_error());
    }
  }
  void fail() noexcept { promise_.set(Error{Errc::storage_unavailable}); }

 private:
  Send send_;
  Deadline deadline_;
  adapters::Promise<Rows> promise_;
};

/// All that wait for the database.
class AsyncPostgresDraftRepository::Calls final : public JobSource {
 public:
  explicit Calls(const Config& config) : saves{std::make_shared<SaveQueue>(config.on_failure)} {}

  [[nodiscard]] std::vector<std::unique_ptr<Job>> take() override {
    std::vector<std::unique_ptr<Job>> jobs;
    for (; !statements.empty() && jobs.size() != most_statements; statements.pop_front()) {
      if (statements.front()->is_wanted()) jobs.push_back(std::move(statements.front()));
    }
    if (auto together = saves->take(); !together.empty()) {
      jobs.push_back(std::make_unique<SaveBatch>(std::move(together), saves));
    }
    transactions += jobs.size();
    return jobs;
  }

  void fail_all() noexcept override {
    saves->fail_all();
    for (const auto& each : std::exchange(statements, {})) each->fail();
  }

  [[nodiscard]] bool is_full() const noexcept { return saves->size() + statements.size() >= most_waiting; }

  std::shared_ptr<SaveQueue> saves;
  std::deque<std::unique_ptr<RowsJob>> statements{};
  std::size_t transactions = 0;

 private:
  static constexpr std::size_t most_statements = 64;
};

AsyncPostgresDraftRepository::AsyncPostgresDraftRepository(adapters::Loop& loop, const Config& config,
                                                           PostgresDraftRepository& outbox)
    : loop_{loop}, outbox_{outbox}, calls_{std::make_shared<Calls>(config)}, session_{loop, config, calls_} {}

std::size_t AsyncPostgresDraftRepository::transactions() const noexcept { return calls_->transactions; }

adapters::Future<SavedDraft> AsyncPostgresDraftRepository::save(const NewEventDraft& draft, Deadline deadline) {
  using Promise = adapters::Promise<SavedDraft>;
  if (deadline.expired()) return Promise::answered(loop_, Errc::deadline_exceeded);
  if (calls_->is_full() || !session_.is_available()) return Promise::answered(loop_, Errc::storage_unavailable);
  Promise promise{loop_, deadline};
  auto future = promise.future();
  calls_->saves->push({draft, deadline, std::move(promise), draft.replaces ? row_id(*draft.replaces) : std::nullopt});
  session_.wake();
  return future;
}

adapters::Future<Rows> AsyncPostgresDraftRepository::run(Send send, Deadline deadline) {
  using Promise = adapters::Promise<Rows>;
  if (deadline.expired()) return Promise::answered(loop_, Errc::deadline_exceeded);
  if (calls_->is_full() || !session_.is_available()) return Promise::answered(loop_, Errc::storage_unavailable);
  Promise promise{loop_, deadline};
  auto future = promise.future();
  calls_->statements.push_back(std::make_unique<RowsJob>(std::move(send), deadline, std::move(promise)));
  session_.wake();
  return future;
}

Task<Result<std::optional<EventDraft>>> AsyncPostgresDraftRepository::find(DraftId id, Deadline deadline) {
  if (deadline.expired()) co_return Errc::deadline_exceeded;
  const auto number = row_id(id);
  if (!number) co_return std::optional<EventDraft>{};
  const auto rows = co_await run(
      [number = *number](Connection& connection, Deadline until) {
        const Parameters parameters{number};
        return connection.send(std::array{Query{sql::find, parameters}}, until);
      },
      deadline);
  if (!rows) co_return Error{rows.assume_error().code};  // nothing of a read is unknown
  const Rows& answer = rows.assume_value();
  if (answer.status() != PGRES_TUPLES_OK) co_return Errc::storage_unavailable;
  if (answer.empty()) co_return std::optional<EventDraft>{};
  const auto draft = decode(answer.fields<8>(0));
  if (draft) co_return draft;
  calls_->saves->report(fmt::format("{} breaks the domain's rules", id.view()));
  co_return Errc::corrupt_draft;
}

Task<Result<std::optional<ApprovedDraft>>> AsyncPostgresDraftRepository::approve(DraftApproval approval,
                                                                                 Deadline deadline) {
  for (int conflicts = 0;;) {
    const auto found = co_await find(approval.id, deadline);
    if (!found) co_return found.assume_error();
    const auto& draft = found.assume_value();
    if (!draft || draft->user_id != approval.user_id) co_return std::optional<ApprovedDraft>{};
    if (draft->status == DraftStatus::approved) co_return ApprovedDraft{*draft, false};
    const std::int64_t token = calls_->saves->new_token();
    const auto rows = co_await run(
        [&](Connection& connection, Deadline until) {
          const Parameters parameters{row_id(approval.id),     approval.user_id.value(), approval.approved_at,
                                      text_of(approval.trace), approval.event_lease,     token};
          return connection.send(std::array{Query{sql::approve, parameters}}, until);
        },
        deadline);
    if (!rows) co_return rows.assume_error();
    const Rows& answer = rows.assume_value();
    if (answer.empty()) {  // somebody else changes it in the meantime
      if (++conflicts == most_conflicts) co_return Errc::storage_unavailable;
      continue;
    }
    ApprovedDraft approved{*draft, true};
    approved.draft.status = DraftStatus::approved;
    const bool waits = boolean(answer.field(0, 0));
    if (!waits) approved.lease = LeaseToken{token};
    co_return approved;
  }
}

Task<Result<void>> AsyncPostgresDraftRepository::ready(Deadline deadline) {
  const auto rows = co_await run(
      [](Connection& connection, Deadline until) {
        const Parameters none{};
        return connection.send(std::array{Query{sql::ready, none}}, until);
      },
      deadline);
  if (!rows) co_return Error{rows.assume_error().code};
  const Rows& answer = rows.assume_value();
  if (!answer.empty() && !boolean(answer.field(0, 0))) co_return success();
  calls_->saves->report("the server is a standby, or made read-only");
  co_return Errc::storage_unavailable;
}

}  // namespace event_draft::postgres
