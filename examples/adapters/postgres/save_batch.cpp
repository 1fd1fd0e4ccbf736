#include "save_batch.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "draft_row.hpp"
#include "statements.hpp"

namespace event_draft::postgres {
namespace {

constexpr int most_conflicts = 5;

std::optional<std::string_view> text_of(const std::optional<TraceParent>& trace) noexcept {
  return trace ? std::optional{trace->view()} : std::nullopt;
}

}  // namespace

std::vector<SaveCall> SaveQueue::take() {
  std::vector<SaveCall> taken;
  std::unordered_set<std::int64_t> users;
  std::deque<SaveCall> left;
  for (; !waiting_.empty() && taken.size() != most_together; waiting_.pop_front()) {
    SaveCall& next = waiting_.front();
    if (!next.promise.is_wanted()) continue;
    const bool is_alone = next.is_alone || next.passes_on;
    if ((is_alone && !taken.empty()) || users.contains(next.draft.user_id.value())) {
      left.push_back(std::move(next));
      continue;
    }
    users.insert(next.draft.user_id.value());
    taken.push_back(std::move(next));
    if (is_alone) {
      waiting_.pop_front();
      break;
    }
  }
  while (!left.empty()) {
    waiting_.push_front(std::move(left.back()));
    left.pop_back();
  }
  return taken;
}

void SaveQueue::fail_all() noexcept {
  for (SaveCall& each : std::exchange(waiting_, {})) each.promise.set(Error{Errc::storage_unavailable});
}

Deadline SaveBatch::deadline() const noexcept {
  return std::ranges::max_element(calls_, {}, &SaveCall::deadline)->deadline;
}

Result<void> SaveBatch::send(Connection& connection) {
  for (SaveCall& each : calls_) {
    tokens_.push_back(queue_->new_token());
    each.promise.is_sent();
  }
  return calls_.size() == 1 ? send_one(connection) : send_many(connection);
}

Result<void> SaveBatch::send_one(Connection& connection) {
  const auto& [draft, deadline, promise, passes_on, is_alone, conflicts] = calls_.front();
  const StoreInfo& store = draft.store;
  const Parameters parameters{draft.user_id.value(), to_string(draft.objective), store.name(), store.industry(),
                              store.address(),       draft.created_at,           draft.window, passes_on,
                              text_of(draft.trace),  draft.event_lease,          tokens_[0]};
  return connection.send(std::array{Query{sql::save, parameters}}, deadline);
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
  const Parameters none{};
  const Parameters all{users, objectives, names, industries, addresses, times, windows, traces, leases, tokens};
  return connection.send(std::array{Query{sql::limit_lock_wait, none}, Query{sql::save_many, all}}, deadline());
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
  for (SaveCall& each : calls_) {  // another save of the same user was quicker: it is seen the next time
    if (each.promise.is_wanted()) queue_->put_back(std::move(each));
  }
}

void SaveBatch::answer(SaveCall& call, const Rows& rows, std::size_t row, std::size_t column, std::int64_t token) {
  const auto number = integer(rows.field(row, column + 1));
  if (boolean(rows.field(row, column))) {
    const auto id = DraftId::numbered(static_cast<std::uint64_t>(number.value_or(0)));
    return call.promise.set(SavedDraft{with_id(call.draft, id), true, LeaseToken{token}});
  }
  if (const auto holder = decode(rows.fields<8>(row, column + 2))) {
    return call.promise.set(SavedDraft{*holder, false});
  }
  queue_->report(fmt::format("user {}'s draft in progress is corrupt; its claim is void", call.draft.user_id.value()));
  call.passes_on = number;
}

void SaveBatch::fail(const Error& error, bool met_conflict) {
  const bool is_none_of_theirs = error.certainty == Certainty::not_applied &&
                                 (error.code == Errc::internal_error || error.code == Errc::deadline_exceeded);
  for (SaveCall& each : calls_) {
    const bool again = met_conflict ? ++each.conflicts < most_conflicts : calls_.size() > 1 && is_none_of_theirs;
    if (!again) {
      each.promise.set(error);
      continue;
    }
    each.is_alone = !met_conflict;
    queue_->put_back(std::move(each));
  }
}

}  // namespace event_draft::postgres
