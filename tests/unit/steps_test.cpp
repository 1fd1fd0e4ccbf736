#include <doctest/doctest.h>

#include <chrono>
#include <event_draft/steps.hpp>
#include <string>
#include <string_view>

#include "all_errors.hpp"
#include "samples.hpp"

using namespace event_draft;
using namespace std::chrono_literals;

namespace {

std::string cached(const EventDraft& draft) { return std::string{encode_cache_entry(draft).view()}; }

/// The command that samples::draft() comes from.
constexpr CreateEventDraft command{.user_id = 123,
                                   .objective = "신규 고객 유치",
                                   .store_name = "맛있는집",
                                   .industry = "음식점",
                                   .address = "서울시 강남구"};

template <class Change>
CreateEventDraft changed(Change change) {
  CreateEventDraft other = command;
  change(other);
  return other;
}

}  // namespace

TEST_CASE("steps: a cached draft is in progress for less than 30 minutes, on this host's clock or one a little ahead") {
  struct Row {
    std::chrono::milliseconds age;
    StepOutcome outcome;
  };
  for (const auto& [age, outcome] :
       {Row{0ms, StepOutcome::hit}, Row{1ms, StepOutcome::hit}, Row{30min - 1ms, StepOutcome::hit},
        Row{30min, StepOutcome::expired}, Row{30min + 1ms, StepOutcome::expired}, Row{24h, StepOutcome::expired},
        Row{-1ms, StepOutcome::hit}, Row{-(30min - 1ms), StepOutcome::hit}, Row{-30min, StepOutcome::expired},
        Row{-30min - 1ms, StepOutcome::expired}}) {
    CAPTURE(age.count());
    const auto looked =
        steps::judge_in_progress(cached(samples::draft()), samples::user(), samples::draft().created_at + age);
    CHECK(looked.outcome == outcome);
    CHECK(looked.draft.has_value() == (outcome == StepOutcome::hit));
    if (looked.draft) CHECK(looked.draft == samples::draft());
  }
}

TEST_CASE("steps: a value under the user's key that is another user's, or no draft, is never returned") {
  const auto now = samples::draft().created_at;
  const auto foreign = steps::judge_in_progress(cached(samples::draft()), samples::user(124), now);
  CHECK(foreign.outcome == StepOutcome::foreign);
  CHECK(!foreign.draft);
  for (const std::string_view value : {"", "null", "{}", R"({"version":2})"}) {
    const auto damaged = steps::judge_in_progress(value, samples::user(), now);
    CHECK(damaged.outcome == StepOutcome::damaged);
    CHECK(!damaged.draft);
  }
}

TEST_CASE("steps: an approved draft is none in progress, but is shown to its owner") {
  EventDraft approved = samples::draft();
  approved.status = DraftStatus::approved;
  const auto looked = steps::judge_in_progress(cached(approved), samples::user(), approved.created_at);
  CHECK(looked.outcome == StepOutcome::expired);
  CHECK(!looked.draft);
  CHECK(steps::judge_in_progress(cached(approved), samples::user(124), approved.created_at).outcome ==
        StepOutcome::foreign);
  CHECK(steps::judge_cached(cached(approved), approved.id, samples::user()).draft == approved);
}

TEST_CASE("steps: a value under a draft's key is shown to its owner, under that id, at any age") {
  const std::string value = cached(samples::draft());
  const auto hit = steps::judge_cached(value, DraftId::numbered(1), samples::user());
  CHECK(hit.outcome == StepOutcome::hit);
  CHECK(hit.draft == samples::draft());
  for (const auto& looked : {steps::judge_cached(value, DraftId::numbered(1), samples::user(124)),
                             steps::judge_cached(value, DraftId::numbered(2), samples::user())}) {
    CHECK(looked.outcome == StepOutcome::foreign);
    CHECK(!looked.draft);
  }
  const auto damaged = steps::judge_cached("x", DraftId::numbered(1), samples::user());
  CHECK(damaged.outcome == StepOutcome::damaged);
  CHECK(!damaged.draft);
}

TEST_CASE("steps: a command differs in its objective or in the letter of a store field") {
  const EventDraft draft = samples::draft();
  CHECK(!steps::differs(draft, command));
  CHECK(!steps::differs(draft, changed([](auto& c) { c.objective = " \u1109\u1175\u11AB규 고객 유치"; })));
  CHECK(!steps::differs(draft, changed([](auto& c) { c.traceparent = "x"; })));
  CHECK(steps::differs(draft, changed([](auto& c) { c.objective = "매출 증대"; })));
  CHECK(steps::differs(draft, changed([](auto& c) { c.objective = "무료 나눔"; })));
  CHECK(steps::differs(draft, changed([](auto& c) { c.store_name = "맛있는집 "; })));
  CHECK(steps::differs(draft, changed([](auto& c) { c.industry = ""; })));
  CHECK(steps::differs(draft, changed([](auto& c) { c.address = "서울시 서초구"; })));
}

TEST_CASE("steps: a valid command is the draft to save") {
  const auto draft = steps::validate(command, samples::user(), samples::time());
  REQUIRE(draft);
  CHECK(draft.value() == NewEventDraft{samples::user(), Objective::new_customers, samples::store(), samples::time()});
}

TEST_CASE("steps: an invalid command is refused, its objective first") {
  const auto error = [](const CreateEventDraft& wrong) {
    return steps::validate(wrong, samples::user(), samples::time()).error();
  };
  CHECK(error(changed([](auto& c) { c.objective = "무료 나눔"; })) ==
        Error{Errc::invalid_objective, {Field::objective}});
  CHECK(error(CreateEventDraft{}) == Error{Errc::invalid_objective, {Field::objective}});
  CHECK(error(changed([](auto& c) { c.industry = c.address = " "; })) ==
        Error{Errc::missing_store_info, {Field::industry, Field::address}});
  CHECK(error(changed([](auto& c) { c.store_name = "\xFF"; })) == Error{Errc::invalid_store_info, {Field::store_name}});
}

TEST_CASE("steps: the holder of the window is what the first try stored only if all but the id is the same") {
  const NewEventDraft draft{samples::user(), Objective::new_customers, samples::store(), samples::time()};
  EventDraft holder = samples::draft();
  CHECK(steps::is_stored_form_of(draft, holder));
  holder.id = DraftId::numbered(99);
  CHECK(steps::is_stored_form_of(draft, holder));
  holder.created_at += 1ms;
  CHECK(!steps::is_stored_form_of(draft, holder));
  holder = samples::draft();
  holder.user_id = samples::user(124);
  CHECK(!steps::is_stored_form_of(draft, holder));
  holder = samples::draft();
  holder.objective = Objective::sales_growth;
  CHECK(!steps::is_stored_form_of(draft, holder));
  holder = samples::draft();
  holder.store = samples::store("맛있는집 ");
  CHECK(!steps::is_stored_form_of(draft, holder));
}

TEST_CASE("steps: what a repository says is unavailability of a known certainty, but for a corrupt draft") {
  for (const Certainty certainty : {Certainty::not_applied, Certainty::applied, Certainty::unknown}) {
    for (const Errc code :
         {Errc::storage_unavailable, Errc::deadline_exceeded, Errc::port_exception, Errc::invalid_objective}) {
      CHECK(steps::storage_error({code, {Field::address}, certainty}) ==
            Error{Errc::storage_unavailable, {}, certainty});
    }
    const Error corrupt{Errc::corrupt_draft, {Field::address}, certainty};
    CHECK(steps::storage_error(corrupt) == corrupt);
  }
}

TEST_CASE("steps: a new draft is cached for a day under its own key and for half an hour under its user's") {
  const steps::CacheWrites writes{samples::draft()};
  const auto [of_draft, of_user] = writes.both();
  CHECK(of_draft.key == "draft:event:draft-1");
  CHECK(of_draft.time_to_live == 24h);
  CHECK(of_user.key == "draft:event:123");
  CHECK(of_user.time_to_live == 30min);
  for (const auto& write : {of_draft, of_user, writes.found()}) CHECK(write.value == cached(samples::draft()));
  CHECK(writes.found().key == of_draft.key);
  CHECK(writes.found().time_to_live == of_draft.time_to_live);
}

TEST_CASE("steps: an approved draft is cached under both its keys, so that none of them shows it as it was") {
  EventDraft approved = samples::draft();
  approved.status = DraftStatus::approved;
  const steps::CacheWrites writes{approved};
  for (const auto& write : writes.both()) CHECK(decode_cache_entry(write.value) == approved);
}

TEST_CASE("steps: what an outbox is told of the request's own publish") {
  const EventLease lease{{DraftId::numbered(1), EventType::event_created}, LeaseToken{7}};
  CHECK(steps::settlement(lease, success()) == Settlement::published(lease));
  for (const Errc code : all_errors()) {
    for (const Certainty certainty : {Certainty::not_applied, Certainty::applied, Certainty::unknown}) {
      CHECK(steps::settlement(lease, Error{code, {}, certainty}) ==
            Settlement::retry(lease, 0ms, code == Errc::event_rejected, code));
    }
  }
}
