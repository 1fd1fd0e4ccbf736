#pragma once

#include <deque>
#include <optional>
#include <string_view>

#include <event_draft/create_event_draft.hpp>

#include "answers.hpp"
#include "process.hpp"

namespace event_draft::simulation {

/// Asks processes for what they are there for, and holds what they answer against what the witness saw. Answers of processes
/// that died meanwhile are heard by nobody.
template <bool has_outbox = true>
class Operations {
 public:
  Operations(Course& course, Backend& backend) noexcept : course_{course}, backend_{backend} {}

  /// nullopt: nobody heard the answer.
  std::optional<Result<Receipt>> create(Process<has_outbox>& process, const CreateEventDraft& command) {
    Request& request = begin(process, Operation::create, command.user_id);
    auto answer = process.service.create_event_draft(command);
    if (!is_heard(process, request, answer)) return std::nullopt;
    judge_create(backend_.witness, request, command, answer, process.clock);
    if (answer) count(answer.assume_value().origin == Origin::created ? Count::created : Count::in_progress);
    return answer;
  }

  std::optional<Result<FoundDraft>> find(Process<has_outbox>& process, const DraftId& id, std::int64_t user) {
    Request& request = begin(process, Operation::find, user);
    auto answer = process.service.find_event_draft(id, user);
    if (!is_heard(process, request, answer)) return std::nullopt;
    judge_find(backend_.witness, request, id, answer);
    if (answer) count(Count::found);
    return answer;
  }

  std::optional<Result<ApprovalReceipt>> approve(Process<has_outbox>& process, const DraftId& id, std::int64_t user,
                                                 std::string_view trace_parent) {
    Request& request = begin(process, Operation::approve, user);
    auto answer = process.service.approve_event_draft(id, user, trace_parent);
    if (!is_heard(process, request, answer)) return std::nullopt;
    judge_approve(backend_.witness, request, id, answer);
    if (answer) count(answer.assume_value().approval == Approval::approved ? Count::approved : Count::already_approved);
    return answer;
  }

  RelayPass run_relay(Process<has_outbox>& process, const RelayOptions& options) {
    start(process.pass, process, Operation::relay, 0);
    const RelayPass done = process.run_relay_once();
    if (process.link.lives()) judge_pass(backend_.witness, process.pass, options, process.clock.steady_now());
    return done;
  }

  /// From now on the operations of this course run side by side, so that one's waiting passes the others' time.
  void are_simultaneous() noexcept { simultaneous_ = true; }

 private:
  Request& begin(Process<has_outbox>& process, Operation operation, std::int64_t user) {
    Request& request = requests_.emplace_back();
    start(request, process, operation, user);
    return request;
  }

  void start(Request& request, Process<has_outbox>& process, Operation operation, std::int64_t user) {
    constexpr std::array counts{Count::creates, Count::finds, Count::approves, Count::passes};
    count(counts[static_cast<std::size_t>(operation)]);
    request = {};
    request.operation = operation;
    request.user = user;
    request.process = process.link.process();
    request.began = process.clock.steady_now();
    request.drafts_before = backend_.witness.drafts().size();
    request.stood_still = simultaneous_;
    course_.request() = &request;
  }

  template <class Answer>
  bool is_heard(Process<has_outbox>& process, const Request& request, const Answer& answer) {
    if (!process.link.lives()) return false;
    judge_effort(backend_.witness, request, Budget{}, process.clock.steady_now());
    course_.trace.note(answer ? 1 : 2 + static_cast<std::uint64_t>(answer.assume_error().code));
    if (answer) return true;
    count(answer.assume_error().code == Errc::draft_not_found ? Count::not_found : Count::failed_requests);
    return true;
  }

  void count(Count what) noexcept { course_.statistics.add(what); }

  Course& course_;
  Backend& backend_;
  std::deque<Request> requests_;
  bool simultaneous_ = false;
};

}  // namespace event_draft::simulation
