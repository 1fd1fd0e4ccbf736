#include "save_batch.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ranges>
#include <unordered_set>
#include <utility>

#include "saving.hpp"
#include "statements.hpp"

namespace event_draft::postgres {
namespace {

constexpr int most_conflicts = 5;
constexpr std::size_t fewer = 8;  // times, when a batch went wrong: three rounds find the one whose fault it is
constexpr std::chrono::milliseconds round_trip{5};

}  // namespace

void SaveQueue::push(SaveCall call) { (call.is_alone() ? alone_ : together_).push_back(std::move(call)); }

void SaveQueue::put_back(std::vector<SaveCall> calls) {
  for (SaveCall& call : std::views::reverse(calls)) {
    (call.is_alone() ? alone_ : together_).push_front(std::move(call));
  }
}

void SaveQueue::put_last(SaveCall call) { alone_.push_back(std::move(call)); }

std::vector<SaveCall> SaveQueue::take_together() {
  std::vector<SaveCall> taken;
  std::vector<SaveCall> later;  // the second of a user
  std::unordered_set<std::int64_t> users;
  for (std::size_t most = SaveCall::most_together; !together_.empty(); together_.pop_front()) {
    SaveCall& next = together_.front();
    if (!next.is_wanted()) continue;
    if (taken.size() >= std::min(most, next.together)) break;
    if (!users.insert(next.draft.user_id.value()).second) {
      later.push_back(std::move(next));
      continue;
    }
    most = std::min(most, next.together);
    taken.push_back(std::move(next));
  }
  put_back(std::move(later));
  return taken;
}

std::vector<SaveCall> SaveQueue::take_alone() {
  std::vector<SaveCall> taken;
  for (; !alone_.empty() && taken.empty(); alone_.pop_front()) {
    if (alone_.front().is_wanted()) taken.push_back(std::move(alone_.front()));
  }
  return taken;
}

void SaveQueue::sweep() {
  const auto is_over = [](const SaveCall& call) { return !call.is_wanted(); };
  std::erase_if(together_, is_over);
  std::erase_if(alone_, is_over);
}

void SaveQueue::fail_all() noexcept {
  for (auto* const each : {&together_, &alone_}) {  // in place: a new deque would need memory
    for (; !each->empty(); each->pop_front()) each->front().promise.set(Error{Errc::storage_unavailable});
  }
}

Deadline SaveBatch::deadline() const noexcept {
  return std::ranges::max_element(calls_, {}, &SaveCall::deadline)->deadline;
}

Result<void> SaveBatch::send(Connection& connection) {
  for (SaveCall& each : calls_) {
    tokens_.push_back(queue_->new_token());
    each.promise.is_sent();
  }
  if (calls_.size() > 1) return send_many(connection);
  const SaveCall& call = calls_.front();
  const Parameters parameters = save_parameters(call.draft, call.passes_on, tokens_.front());
  return connection.send(std::array{Query{sql::save, parameters}}, call.deadline, lock_wait);
}

Result<void> SaveBatch::send_many(Connection& connection) {
  using Element = ArrayBytes::Element;
  ArrayBytes users{Element::bigint};
  ArrayBytes objectives{Element::text};
  ArrayBytes names{Element::text};
  ArrayBytes industries{Element::text};
  ArrayBytes addresses{Element::text};
  ArrayBytes times{Element::timestamptz};
  ArrayBytes windows{Element::bigint};
  ArrayBytes traces{Element::text};
  ArrayBytes leases{Element::bigint};
  ArrayBytes tokens{Element::bigint};
  for (std::size_t i = 0; i != calls_.size(); ++i) {
    const NewEventDraft& draft = calls_[i].draft;
    users.add(draft.user_id.value());
    objectives.add(to_string(draft.objective));
    names.add(draft.store.name());
    industries.add(draft.store.industry());
    addresses.add(draft.store.address());
    times.add(draft.created_at);
    windows.add(bounded(draft.window));
    if (draft.trace) {
      traces.add(draft.trace->view());
    } else {
      traces.add_null();
    }
    leases.add(bounded(draft.event_lease));
    tokens.add(tokens_[i]);
  }
  const Parameters all{users, objectives, names, industries, addresses, times, windows, traces, leases, tokens};
  return connection.send(std::array{Query{sql::save_many, all}}, deadline(), lock_wait);
}

void SaveBatch::done(Result<std::vector<Rows>> rows, bool met_conflict) {
  if (!rows) return fail(rows.assume_error(), met_conflict);
  const Rows& saved = rows.assume_value().back();
  if (calls_.size() == 1) {
    if (!saved.empty()) answer(calls_[0], saved, 0, 0, tokens_[0]);
  } else {
    for (std::size_t row = 0; row != saved.size(); ++row) {
      const auto place = static_cast<std::size_t>(integer(saved.field(row, 0)).value_or(0)) - 1;
      if (place < calls_.size()) answer(calls_[place], saved, row, 1, tokens_[place]);
    }
  }
  std::vector<SaveCall> again;  // another save of the same user was quicker: it is seen the next time
  for (SaveCall& each : calls_) {
    if (!each.promise.is_wanted()) continue;
    each.promise.is_undone();
    again.push_back(std::move(each));
  }
  queue_->put_back(std::move(again));
}

void SaveBatch::answer(SaveCall& call, const Rows& rows, std::size_t row, std::size_t column, std::int64_t token) {
  if (const auto saved = read_saved(rows, row, column, call.draft, token, call.passes_on)) {
    call.promise.set(*saved);
  } else {
    queue_->report(
        fmt::format("user {}'s draft in progress is corrupt; its claim is void", call.draft.user_id.value()));
  }
}

void SaveBatch::fail(const Error& error, bool met_conflict) {
  const bool did_nothing = error.certainty == Certainty::not_applied;
  const bool is_late = error.code == Errc::deadline_exceeded;  // or has waited long enough for a lock
  const bool is_perhaps_anothers_fault = calls_.size() > 1 && (is_late || error.code == Errc::internal_error);
  std::vector<SaveCall> again;
  for (SaveCall& each : calls_) {
    const bool has_time = each.deadline.remaining() > round_trip;
    const bool goes_again = met_conflict ? ++each.conflicts < most_conflicts : is_late || is_perhaps_anothers_fault;
    if (!did_nothing || !has_time || !goes_again) {
      each.promise.set(error);
      continue;
    }
    each.promise.is_undone();
    if (!met_conflict) each.together = std::max<std::size_t>(calls_.size() / fewer, 1);
    if (is_late && calls_.size() == 1) {
      queue_->put_last(std::move(each));
    } else {
      again.push_back(std::move(each));
    }
  }
  queue_->put_back(std::move(again));
}

}  // namespace event_draft::postgres
