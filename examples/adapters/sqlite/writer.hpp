#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "call.hpp"
#include "sqlite_draft_repository.hpp"

namespace event_draft::sqlite {

/// The one thread of a process that makes the calls of its event loops, on the blocking repository's connection, which the relay
/// uses, too. What has come while it wrote to the disk is its next transaction: one commit and one sync for all of it, and
/// nobody waits for more to come. Each call is a savepoint of its own, so that one that fails is undone alone; each is answered
/// once the commit is through. If that fails, all of them have.
///
/// The loops never touch the database or its files: checkpoints of the write-ahead log, too, are made by the thread whose commit
/// makes the log long enough, which is this one or the relay's.
class Writer {
 public:
  /// How many calls may wait at a time; one more fails at once.
  static constexpr std::size_t most_waiting = 10'000;
  /// The relay, and readers, wait for a transaction: it must end soon.
  static constexpr std::size_t most_together = 512;

  /// The repository must outlive it, and it the repositories of the loops.
  /// `gather`: off only to measure what it is worth; then each call has a commit of its own.
  explicit Writer(SqliteDraftRepository& repository, bool gather = true);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  /// Lets the transaction that is under way end.
  ~Writer();

  [[nodiscard]] SqliteDraftRepository& repository() noexcept { return repository_; }

  /// From any thread. False: too many wait.
  [[nodiscard]] bool push(std::shared_ptr<Call> call);

  // For metrics, from any thread.
  /// How many transactions it has committed.
  [[nodiscard]] std::size_t commits() const noexcept { return commits_; }
  /// How many calls wait for it.
  [[nodiscard]] std::size_t waiting() const;

 private:
  /// Calls of `writes_` that have their answer.
  struct Done {
    std::size_t first;
    std::size_t count;
  };

  void run();
  /// Waits for something to do; false: it is to end.
  bool take_over();
  void make_reads();
  void make_writes();
  /// nullopt: a shell has the database locked.
  std::optional<Done> make_together(std::span<const std::shared_ptr<Call>> calls) noexcept;
  void hand_back(std::size_t first, std::size_t count) noexcept;
  static void hand_back(std::span<std::shared_ptr<Call>> calls) noexcept;

  SqliteDraftRepository& repository_;
  const std::size_t together_;

  mutable std::mutex mutex_;  // of what follows
  std::condition_variable woken_;
  std::deque<std::shared_ptr<Call>> waiting_reads_;
  std::deque<std::shared_ptr<Call>> waiting_writes_;
  bool is_ending_ = false;

  // The thread's own; never more than most_together.
  std::vector<std::shared_ptr<Call>> reads_;
  std::vector<std::shared_ptr<Call>> writes_;
  bool is_held_up_ = false;  ///< by a shell that has the database locked

  std::atomic<std::size_t> commits_ = 0;
  std::jthread thread_;  // the last member: it begins when all is there
};

}  // namespace event_draft::sqlite
