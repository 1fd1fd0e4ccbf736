#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <event_draft/cache_key.hpp>
#include <event_draft/formatters.hpp>
#include <string>
#include <string_view>

#include "all_errors.hpp"
#include "samples.hpp"

using namespace event_draft;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view draft_text =
    R"(draft-1 of user 123: 신규 고객 유치, "맛있는집", "음식점", "서울시 강남구", DRAFT, 2026-11-23T09:00:00.123Z)";

template <class T>
void check_word(const T& value, const std::string& word) {
  CHECK(fmt::format("{}", value) == word);
  CHECK(fmt::format("{:>40}", value) == fmt::format("{:>40}", word));
  CHECK(fmt::format("{:*<40}|", value) == fmt::format("{:*<40}|", word));
  CHECK_THROWS_AS(static_cast<void>(fmt::format(fmt::runtime("{:d}"), value)), fmt::format_error);
}

template <class T>
void check_sentence(const T& value, std::string_view sentence) {
  CHECK(fmt::format("[{}]", value) == fmt::format("[{}]", sentence));
  for (const char* specification : {"{:>200}", "{:s}", "{: }"}) {
    CHECK_THROWS_AS(static_cast<void>(fmt::format(fmt::runtime(specification), value)), fmt::format_error);
  }
}

StepSet steps_of(std::initializer_list<Step> steps) {
  StepSet set;
  for (const Step step : steps) set.insert(step);
  return set;
}

}  // namespace

TEST_CASE("formatters: words") {
  for (const Errc code : all_errors()) check_word(code, std::string{wire_code(code)});
  for (const auto field : all_fields) check_word(field, std::string{to_string(field)});
  for (const auto objective : all_objectives) check_word(objective, std::string{to_string(objective)});
  for (const auto step : all_steps) check_word(step, std::string{to_string(step)});
  check_word(Certainty::unknown, "unknown");
  for (const auto status : all_draft_statuses) check_word(status, std::string{to_string(status)});
  for (const auto operation : all_operations) check_word(operation, std::string{to_string(operation)});
  for (const auto type : all_event_types) check_word(type, std::string{to_string(type)});
  check_word(PortFunction::remove_published, "remove_published");
  check_word(Approval::approved, "approved");
  check_word(Approval::already_approved, "already_approved");
  check_word(EventId{DraftId::numbered(1), EventType::event_created}, "draft-1.EventCreated");
  check_word(Origin::created, "created");
  check_word(Origin::in_progress, "in_progress");
  check_word(EventDelivery::acknowledged, "acknowledged");
  check_word(EventDelivery::pending, "pending");
  check_word(EventDelivery::lost, "lost");
  check_word(EventDelivery::none, "none");
  check_word(DraftId::numbered(1), "draft-1");
  check_word(cache_key(samples::user()), "draft:event:123");
  check_word(to_text(samples::time()), "2026-11-23T09:00:00.123Z");
  check_word(*TraceParent::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
             "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
}

TEST_CASE("formatters: step outcomes") {
  constexpr std::array<std::string_view, 13> words{"ok",      "hit",         "miss",     "damaged",  "foreign",
                                                   "expired", "in_progress", "repeated", "rejected", "failed",
                                                   "pending", "parked",      "lost"};
  for (std::size_t i = 0; i < words.size(); ++i) check_word(static_cast<StepOutcome>(i), std::string{words[i]});
  CHECK(static_cast<std::size_t>(StepOutcome::lost) == words.size() - 1);
}

TEST_CASE("formatters: a user id is a number") {
  CHECK(fmt::format("{}", samples::user()) == "123");
  CHECK(fmt::format("{:06}", samples::user()) == "000123");
  CHECK(fmt::format("{:x}", samples::user(255)) == "ff");
  CHECK_THROWS_AS(static_cast<void>(fmt::format(fmt::runtime("{:s}"), samples::user())), fmt::format_error);
}

TEST_CASE("formatters: a lease's token is a number") {
  CHECK(fmt::format("{}", LeaseToken{7}) == "7");
  CHECK(fmt::format("{:03}", LeaseToken{7}) == "007");
}

TEST_CASE("formatters: sets") {
  check_sentence(FieldSet{}, "");
  check_sentence(FieldSet{Field::address}, "address");
  check_sentence(FieldSet{Field::address, Field::user_id, Field::store_name}, "userId, storeName, address");
  check_sentence(StepSet{}, "");
  check_sentence(steps_of({Step::cache, Step::lookup}), "lookup, cache");
}

TEST_CASE("formatters: errors") {
  check_sentence(Error{Errc::missing_store_info, {Field::store_name, Field::address}},
                 "EVENT_002 Store information is missing. (storeName, address)");
  check_sentence(Error{Errc::draft_not_found}, "DRAFT_NOT_FOUND There is no such event draft.");
  check_sentence(Error{Errc::port_exception, {}, Certainty::unknown},
                 "PORT_EXCEPTION An exception came out of a connected system. [effect unknown]");
  check_sentence(Error{Errc::invalid_user, {Field::user_id}, Certainty::applied},
                 "INVALID_USER The user id must be a positive integer. (userId) [effect applied]");
}

TEST_CASE("formatters: drafts") {
  check_sentence(samples::store(R"(맛"있는집)"), R"("맛\"있는집", "음식점", "서울시 강남구")");
  check_sentence(samples::draft(), draft_text);
  check_sentence(SavedDraft{samples::draft(), true}, fmt::format("{} (inserted)", draft_text));
  check_sentence(SavedDraft{samples::draft(), false}, fmt::format("{} (was there)", draft_text));
  NewEventDraft draft{samples::user(), Objective::new_customers, samples::store(), samples::time()};
  const std::string text =
      R"(new draft of user 123: 신규 고객 유치, "맛있는집", "음식점", "서울시 강남구", 2026-11-23T09:00:00.123Z)";
  check_sentence(draft, text);
  draft.replaces = DraftId::numbered(7);
  check_sentence(draft, text + ", replaces draft-7");
}

TEST_CASE("formatters: approvals") {
  const std::string text =
      R"(draft-1 of user 123: 신규 고객 유치, "맛있는집", "음식점", "서울시 강남구", APPROVED, 2026-11-23T09:00:00.123Z)";
  EventDraft draft = samples::draft();
  draft.status = DraftStatus::approved;
  check_sentence(DraftApproval{draft.id, samples::user(), samples::time()},
                 "approval of draft-1 by user 123, 2026-11-23T09:00:00.123Z");
  check_sentence(ApprovedDraft{draft, true}, text + " (approved now)");
  check_sentence(ApprovedDraft{draft, false}, text + " (was approved)");
  check_sentence(ApprovalReceipt{draft, Approval::approved, EventDelivery::pending, {}, {}},
                 "approved " + text + "; event pending");
  check_sentence(ApprovalReceipt{draft, Approval::already_approved, EventDelivery::none, steps_of({Step::cache}), {}},
                 "already_approved " + text + "; event none; without cache");
}

TEST_CASE("formatters: settlements tell all in which two may differ") {
  const EventLease lease{{DraftId::numbered(1), EventType::event_created}, LeaseToken{7}};
  check_sentence(Settlement::published(lease), "draft-1.EventCreated under lease 7: published");
  check_sentence(Settlement::retry(lease, 100ms, true, Errc::event_rejected),
                 "draft-1.EventCreated under lease 7: retry after 100 ms, counted (EVENT_REJECTED)");
  check_sentence(Settlement::retry(lease, 0ms, false, Errc::publisher_unavailable),
                 "draft-1.EventCreated under lease 7: retry after 0 ms (PUBLISHER_UNAVAILABLE)");
  check_sentence(Settlement::parked(lease, Errc::event_rejected),
                 "draft-1.EventCreated under lease 7: parked (EVENT_REJECTED)");
}

TEST_CASE("formatters: what an outbox holds") {
  const DraftEvent event = draft_approved(samples::draft(), samples::time());
  const std::string text = "draft-1.EventCreated of user 123, 2026-11-23T09:00:00.123Z";
  check_sentence(event, text);
  check_sentence(LeasedEvent{event, LeaseToken{7}, 2}, text + ", attempt 2 under lease 7");
  check_sentence(ParkedEvent{event.id, 16, Errc::event_rejected, samples::time()},
                 "draft-1.EventCreated parked 2026-11-23T09:00:00.123Z after 16 attempts (EVENT_REJECTED)");
  check_sentence(OutboxStats{.pending = 3, .oldest_pending = 1200ms, .most_attempts = 4, .parked = 1},
                 "3 pending, the oldest for 1200 ms, at most 4 attempts; 1 parked");
}

TEST_CASE("formatters: a relay's pass") {
  RelayPass pass{.claimed = 5, .published = 1, .retried = 2, .parked = 3, .removed = 4, .error = {}, .wait = 100ms};
  check_sentence(pass, "claimed 5, published 1, retried 2, parked 3, removed 4; next in 100 ms");
  pass.error = Errc::event_rejected;
  check_sentence(pass,
                 "claimed 5, published 1, retried 2, parked 3, removed 4; next in 100 ms; "
                 "EVENT_REJECTED The broker refuses this event.");
}

TEST_CASE("formatters: what goes to the ports") {
  check_sentence(
      CreateEventDraft{
          .user_id = -1, .objective = "매출 증대", .store_name = "a\n", .industry = "", .address = "\"b\""},
      R"(user -1: "매출 증대", "a\n", "", "\"b\"")");
  check_sentence(CacheWrite{"draft:event:1", "{}", 90s}, "draft:event:1 = {} for 90 s");
  check_sentence(
      EventMessage{draft_created(samples::draft()), "/shop"},
      "event-topic draft-1.EventDraftCreated "
      R"({"eventDraftId":"draft-1","userId":123,"objective":"신규 고객 유치","createdAt":"2026-11-23T09:00:00.123Z"})");
}

TEST_CASE("formatters: durations") {
  StepDurations durations;
  check_sentence(durations, "");
  durations.add(Step::validate, 1us);
  check_sentence(durations, "validate 0.001 ms");
  durations.add(Step::lookup, 12us + 345ns);
  durations.add(Step::load, 1500ms);
  check_sentence(durations, "lookup 0.012 ms, validate 0.001 ms, load 1500.000 ms");
}

TEST_CASE("formatters: receipts") {
  Receipt receipt{samples::draft(), Origin::created, false, EventDelivery::acknowledged, {}, {}};
  check_sentence(receipt, fmt::format("created {}; event acknowledged", draft_text));
  receipt.origin = Origin::in_progress;
  receipt.differs = true;
  receipt.event = EventDelivery::none;
  receipt.degraded = steps_of({Step::lookup, Step::cache});
  check_sentence(receipt, fmt::format("in_progress (differs) {}; event none; without lookup, cache", draft_text));
  check_sentence(FoundDraft{samples::draft(), true, {}, {}}, fmt::format("{} from cache", draft_text));
  check_sentence(FoundDraft{samples::draft(), false, steps_of({Step::cache}), {}},
                 fmt::format("{} from repository; without cache", draft_text));
}

TEST_CASE("formatters: step reports") {
  check_sentence(StepReport{Operation::create, Step::lookup, StepOutcome::miss, 42ns, 123, {}, {}},
                 "create for user 123: lookup miss in 42 ns");
  check_sentence(StepReport{Operation::find, Step::load, StepOutcome::ok, 42ns, 123, "draft-1", {}},
                 "find for user 123: load ok in 42 ns, draft-1");
  check_sentence(
      StepReport{Operation::create, Step::publish, StepOutcome::lost, 42ns, 123, "draft-1",
                 Errc::publisher_unavailable},
      "create for user 123: publish lost in 42 ns, draft-1, PUBLISHER_UNAVAILABLE The event was not acknowledged.");
  check_sentence(
      StepReport{Operation::create, Step::validate, StepOutcome::rejected, 42ns, -1, {}, Errc::invalid_user},
      "create for user -1: validate rejected in 42 ns, INVALID_USER The user id must be a positive integer.");
}

TEST_CASE("formatters: results") {
  check_sentence(Result<void>{success()}, "ok");
  check_sentence(Result<void>{Errc::cache_unavailable}, "error: CACHE_UNAVAILABLE The cache is unavailable.");
  check_sentence(Result<DraftId>{DraftId::numbered(1)}, "draft-1");
  check_sentence(Result<EventDraft>{samples::draft()}, draft_text);
  check_sentence(Result<EventDraft>{Errc::draft_not_found}, "error: DRAFT_NOT_FOUND There is no such event draft.");
}
