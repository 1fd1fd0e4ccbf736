#include "writer.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace event_draft::sqlite {
namespace {

Deadline latest_deadline(std::span<const std::shared_ptr<Call>> calls) {
  const auto deadline = [](const auto& call) { return call->deadline(); };
  return deadline(*std::ranges::max_element(calls, {}, deadline));
}

void fail(std::span<const std::shared_ptr<Call>> calls, const Error& error) noexcept {
  for (const auto& call : calls) call->fail(error);
}

}  // namespace

Writer::Writer(SqliteDraftRepository& repository, bool gather)
    : repository_{repository}, together_{gather ? most_together : 1} {
  reads_.reserve(most_together);
  writes_.reserve(most_together);
  thread_ = std::jthread{[this] { run(); }};
}

Writer::~Writer() {
  {
    const std::lock_guard lock{mutex_};
    is_ending_ = true;
  }
  woken_.notify_one();
}

bool Writer::push(std::shared_ptr<Call> call) {
  {
    const std::lock_guard lock{mutex_};
    if (waiting_reads_.size() + waiting_writes_.size() >= most_waiting) return false;
    auto& waiting = call->kind() == Call::Kind::reads ? waiting_reads_ : waiting_writes_;
    waiting.push_back(std::move(call));
  }
  woken_.notify_one();
  return true;
}

std::size_t Writer::waiting() const {
  const std::lock_guard lock{mutex_};
  return waiting_reads_.size() + waiting_writes_.size();
}

void Writer::run() {
  while (take_over()) {
    make_reads();
    make_writes();
  }
}

bool Writer::take_over() {
  const auto fill = [this](std::vector<std::shared_ptr<Call>>& calls, std::deque<std::shared_ptr<Call>>& waiting) {
    for (; !waiting.empty() && calls.size() != together_; waiting.pop_front()) {
      calls.push_back(std::move(waiting.front()));
    }
  };
  std::unique_lock lock{mutex_};
  if (is_held_up_) {
    woken_.wait_for(lock, Connection::turn, [&] { return is_ending_ || !waiting_reads_.empty(); });
  } else {
    woken_.wait(lock, [&] { return is_ending_ || !waiting_reads_.empty() || !waiting_writes_.empty(); });
  }
  fill(reads_, waiting_reads_);
  fill(writes_, waiting_writes_);
  return !is_ending_;
}

/// Before the writes, so that they are not kept waiting by their sync, and outside of the transaction: they see what is committed.
void Writer::make_reads() {
  if (reads_.empty()) return;
  const auto read = repository_.connection().read(latest_deadline(reads_), [&]() -> Result<void> {
    for (const auto& call : reads_) {
      if (call->take()) static_cast<void>(call->run(repository_.drafts()));
    }
    return success();
  });
  if (!read) fail(reads_, read.assume_error());
  hand_back(reads_);
  reads_.clear();
}

void Writer::make_writes() {
  is_held_up_ = false;
  for (std::size_t together = writes_.size(); !writes_.empty();) {
    const auto done = make_together(std::span{writes_}.first(together));
    if (!done) {
      is_held_up_ = true;
      return;
    }
    hand_back(done->first, done->count);
    together = done->first != 0 ? done->first : writes_.size();
  }
}

/// One that fails is undone alone, but where it finds no room or no memory SQLite may undo the whole transaction: then this one
/// is done, and has failed; those before it are to be made again, and then those after it.
std::optional<Writer::Done> Writer::make_together(std::span<const std::shared_ptr<Call>> calls) noexcept {
  const Done all{0, calls.size()};
  if (std::ranges::none_of(calls, [](const auto& call) { return call->is_wanted(); })) {
    fail(calls, Errc::deadline_exceeded);
    return all;
  }
  Connection& connection = repository_.connection();
  std::optional<Done> breaker;
  Result<bool> committed = Error{Errc::storage_unavailable, {}, Certainty::unknown};
  try {
    committed = connection.try_transact(latest_deadline(calls), [&]() -> Result<void> {
      for (std::size_t i = 0; i != calls.size(); ++i) {
        if (!calls[i]->take()) {
          calls[i]->fail(Errc::deadline_exceeded);  // it may have succeeded in a transaction that was undone
          continue;
        }
        const auto part = connection.apart([&] { return calls[i]->run(repository_.drafts()); });
        if (part) continue;
        calls[i]->fail(part.assume_error());
        breaker = {i, 1};
        return part;
      }
      return success();
    });
  } catch (...) {  // out of memory, perhaps when it was to say why the commit has failed
  }
  if (breaker) return breaker;
  if (!committed) {
    fail(calls, committed.assume_error());
    return all;
  }
  if (!committed.assume_value()) return std::nullopt;
  ++commits_;
  return all;
}

void Writer::hand_back(std::size_t first, std::size_t count) noexcept {
  hand_back(std::span{writes_}.subspan(first, count));
  const auto begin = writes_.begin() + static_cast<std::ptrdiff_t>(first);
  writes_.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
}

void Writer::hand_back(std::span<std::shared_ptr<Call>> calls) noexcept {
  for (auto& call : calls) {
    const auto inbox = call->inbox();
    inbox->put(std::move(call));
  }
}

}  // namespace event_draft::sqlite
