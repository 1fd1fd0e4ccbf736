#include "async_postgres_draft_repository.hpp"

#include <fmt/core.h>

#include <array>
#include <chrono>
#include <deque>
#include <utility>

#include "save_batch.hpp"
#include "saving.hpp"
#include "statements.hpp"

namespace event_draft::postgres {
namespace {

constexpr std::chrono::milliseconds between_sweeps{20};

}  // namespace

/// A statement whose rows somebody waits for.
class AsyncPostgresDraftRepository::RowsJob final : public Job {
 public:
  /// `is_read`: nothing is gained by another try, and the error is told as it is.
  RowsJob(Send send, Deadline deadline, bool is_read, adapters::Promise<Rows> promise)
      : send_{std::move(send)}, deadline_{deadline}, is_read_{is_read}, promise_{std::move(promise)} {}

  /// One that is late is not sent, though its loop may not have come to tell it so.
  [[nodiscard]] bool is_wanted() const noexcept { return promise_.is_wanted() && !deadline_.expired(); }
  [[nodiscard]] Deadline deadline() const noexcept override { return deadline_; }
  [[nodiscard]] Result<void> send(Connection& connection) override {
    promise_.is_sent();
    return send_(connection, deadline_);
  }
  void done(Result<std::vector<Rows>> rows, bool met_conflict) override {
    if (rows) {
      promise_.set(std::move(rows.assume_value().front()));
    } else if (const Error& error = rows.assume_error();
               !is_read_ && error.certainty == Certainty::not_applied &&
               (met_conflict || (error == Errc::deadline_exceeded && !deadline_.expired()))) {
      promise_.set(Rows{nullptr});
    } else {
      promise_.set(rows.assume_error());
    }
  }
  void fail() noexcept { promise_.set(Error{Errc::storage_unavailable}); }

 private:
  Send send_;
  Deadline deadline_;
  bool is_read_;
  adapters::Promise<Rows> promise_;
};

/// All that wait for the database.
class AsyncPostgresDraftRepository::Calls final : public JobSource {
 public:
  explicit Calls(const Config& config)
      : saves{std::make_shared<SaveQueue>(config.on_failure)},
        saves_together{config.gather ? SaveCall::most_together : 1},
        reads_together_{config.gather ? std::size_t{64} : 1} {}

  /// What can't go with others, and what can, take turns.
  [[nodiscard]] std::vector<std::unique_ptr<Job>> take() override {
    turn_is_singles_ = !turn_is_singles_;
    std::vector<std::unique_ptr<Job>> jobs;
    if (turn_is_singles_) take_single(jobs);
    if (jobs.empty()) take_many(jobs);
    if (jobs.empty()) take_single(jobs);
    transactions += jobs.size();
    return jobs;
  }

  [[nodiscard]] bool has_more() const noexcept override {
    return !reads.empty() || !approvals.empty() || saves->size() != 0;
  }

  void fail_all() noexcept override {
    saves->fail_all();
    for (auto* const each : {&reads, &approvals}) {
      for (; !each->empty(); each->pop_front()) each->front()->fail();
    }
  }

  [[nodiscard]] bool is_full() {
    const auto waiting = [&] { return saves->size() + reads.size() + approvals.size(); };
    if (waiting() < most_waiting) return false;
    if (!sweeps_next_.expired()) return true;
    sweeps_next_ = Deadline::after(between_sweeps);  // those whose time is over make room
    saves->sweep();
    const auto is_over = [](const auto& job) { return !job->is_wanted(); };
    std::erase_if(reads, is_over);
    std::erase_if(approvals, is_over);
    return waiting() >= most_waiting;
  }

  std::shared_ptr<SaveQueue> saves;
  const std::size_t saves_together;
  std::deque<std::unique_ptr<RowsJob>> reads{};
  std::deque<std::unique_ptr<RowsJob>> approvals{};
  std::size_t transactions = 0;

 private:
  using Jobs = std::vector<std::unique_ptr<Job>>;

  /// Approvals, and saves that must be alone, take turns, too.
  void take_single(Jobs& jobs) {
    turn_is_approvals_ = !turn_is_approvals_;
    if (!turn_is_approvals_) add_saves(jobs, saves->take_alone());
    for (; !approvals.empty() && jobs.empty(); approvals.pop_front()) {
      if (approvals.front()->is_wanted()) jobs.push_back(std::move(approvals.front()));
    }
    if (jobs.empty()) add_saves(jobs, saves->take_alone());
  }

  /// The saves last: no answer of a read waits for their commit.
  void take_many(Jobs& jobs) {
    for (; !reads.empty() && jobs.size() != reads_together_; reads.pop_front()) {
      if (reads.front()->is_wanted()) jobs.push_back(std::move(reads.front()));
    }
    if (reads_together_ != 1 || jobs.empty()) add_saves(jobs, saves->take_together());
  }

  void add_saves(Jobs& jobs, std::vector<SaveCall> calls) {
    if (!calls.empty()) jobs.push_back(std::make_unique<SaveBatch>(std::move(calls), saves));
  }

  const std::size_t reads_together_;
  bool turn_is_singles_ = false;
  bool turn_is_approvals_ = false;
  Deadline sweeps_next_{SteadyTime{}};
};

namespace {

Config reporting_to(std::shared_ptr<const SaveQueue> saves, Config config) {
  config.on_failure = [saves = std::move(saves)](std::string_view cause) { saves->report(cause); };
  return config;
}

}  // namespace

AsyncPostgresDraftRepository::AsyncPostgresDraftRepository(adapters::Loop& loop, const Config& config,
                                                           PostgresDraftRepository& outbox)
    : loop_{loop},
      outbox_{outbox},
      calls_{std::make_shared<Calls>(config)},
      session_{loop, reporting_to(calls_->saves, config), calls_} {}

AsyncPostgresDraftRepository::~AsyncPostgresDraftRepository() { calls_->saves->stop_reporting(); }

std::size_t AsyncPostgresDraftRepository::transactions() const noexcept { return calls_->transactions; }

adapters::Future<SavedDraft> AsyncPostgresDraftRepository::save(const NewEventDraft& draft, Deadline deadline) {
  using Future = adapters::Future<SavedDraft>;
  if (deadline.expired()) return Future{Errc::deadline_exceeded};
  if (calls_->is_full() || !session_.is_available()) return Future{Errc::storage_unavailable};
  adapters::Promise<SavedDraft> promise{loop_, deadline};
  auto future = promise.future();
  calls_->saves->push({.draft = draft,
                       .deadline = deadline,
                       .promise = std::move(promise),
                       .passes_on = draft.replaces ? row_id(*draft.replaces) : std::nullopt,
                       .together = calls_->saves_together});
  session_.wake();
  return future;
}

adapters::Future<Rows> AsyncPostgresDraftRepository::run(Send send, Deadline deadline, bool is_read) {
  using Future = adapters::Future<Rows>;
  if (deadline.expired()) return Future{Errc::deadline_exceeded};
  if (calls_->is_full() || !session_.is_available()) return Future{Errc::storage_unavailable};
  adapters::Promise<Rows> promise{loop_, deadline};
  auto future = promise.future();
  auto& queue = is_read ? calls_->reads : calls_->approvals;
  queue.push_back(std::make_unique<RowsJob>(std::move(send), deadline, is_read, std::move(promise)));
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
  for (;;) {
    const auto found = co_await find(approval.id, deadline);
    if (!found) co_return found.assume_error();
    const auto& draft = found.assume_value();
    if (!draft || draft->user_id != approval.user_id) co_return std::optional<ApprovedDraft>{};
    if (draft->status == DraftStatus::approved) co_return ApprovedDraft{*draft, false};
    const std::int64_t token = calls_->saves->new_token();
    const auto rows = co_await run(
        [approval, token](Connection& connection, Deadline until) {
          const Parameters parameters = approve_parameters(approval, token);
          return connection.send(std::array{Query{sql::approve, parameters}}, until, lock_wait);
        },
        deadline, false);
    if (!rows) co_return rows.assume_error();
    const Rows& answer = rows.assume_value();
    if (!answer.empty()) co_return read_approved(answer, *draft, token);
    // Somebody else has changed it in the meantime, or is about to.
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
