#include <event_draft/outcomes.hpp>

#include <doctest/doctest.h>

#include <optional>

#include <event_draft/run.hpp>
#include <event_draft/testing/printing.hpp>
#include <event_draft/testing/recording_observer.hpp>
#include <event_draft/testing/samples.hpp>

using namespace event_draft;
using namespace event_draft::testing;

namespace {

struct Recorded {
  VirtualClock clock{};
  RecordingObserver observer{};
  Run<VirtualClock, RecordingObserver> run{Operation::approve, sample_user, {}, clock, observer};

  [[nodiscard]] const std::string& log() const { return observer.log(); }
};

const DraftApproval asked_approval{DraftId::numbered(1), UserId::make(sample_user).value(), VirtualClock::start};

Result<std::optional<ApprovedDraft>> answer(const EventDraft& draft, bool now) {
  return std::optional{ApprovedDraft{draft, now, LeaseToken{7}}};
}

}  // namespace

TEST_CASE("outcomes: a publish is acknowledged, or what it is where nobody or somebody else tries again") {
  for (const auto unless : {EventDelivery::pending, EventDelivery::lost}) {
    Recorded good;
    CHECK(outcomes::of_publishing(success(), DraftId::numbered(1), unless, good.run) == EventDelivery::acknowledged);
    CHECK(good.log() == "publish ok");
    Recorded bad;
    const Error error{Errc::event_rejected};
    CHECK(outcomes::of_publishing(error, DraftId::numbered(1), unless, bad.run) == unless);
    CHECK(bad.log() == (unless == EventDelivery::pending ? "publish pending" : "publish lost"));
    CHECK(bad.observer.steps()[0].error == error);
    CHECK(bad.observer.steps()[0].draft_id == "draft-1");
  }
}

TEST_CASE("outcomes: an event that is left to the relay is pending, without an error") {
  Recorded left;
  CHECK(outcomes::of_leaving(DraftId::numbered(1), left.run) == EventDelivery::pending);
  CHECK(left.log() == "publish pending");
  CHECK_FALSE(left.observer.steps()[0].error);
}

TEST_CASE("outcomes: an approval that is there, now or before, is passed on whole") {
  for (const bool now : {true, false}) {
    Recorded recorded;
    const auto approved_draft = approved(sample_draft());
    const auto outcome = outcomes::of_approval(answer(approved_draft, now), asked_approval, recorded.run);
    CHECK(outcome.value() == ApprovedDraft{approved_draft, now, LeaseToken{7}});
    CHECK(recorded.log() == (now ? "approve ok" : "approve repeated"));
  }
}

TEST_CASE("outcomes: an approval of no draft, of another's, of another draft, or without effect is an error") {
  struct Case {
    Result<std::optional<ApprovedDraft>> answer;
    Error error;
    const char* log;
  };
  const Error corrupt{Errc::corrupt_draft, {}, Certainty::unknown};
  for (const auto& [answer, error, log] : {
           Case{std::nullopt, Errc::draft_not_found, "approve miss"},
           Case{answer(approved(sample_draft(1, 124)), true), corrupt, "approve foreign"},
           Case{answer(approved(sample_draft(2)), true), corrupt, "approve foreign"},
           Case{answer(sample_draft(), true), corrupt, "approve foreign"},
           Case{Error{Errc::deadline_exceeded, {}, Certainty::unknown},
                {Errc::storage_unavailable, {}, Certainty::unknown},
                "approve failed"},
           Case{Errc::corrupt_draft, Errc::corrupt_draft, "approve failed"},
       }) {
    Recorded recorded;
    CHECK(outcomes::of_approval(answer, asked_approval, recorded.run).error() == error);
    CHECK(recorded.log() == log);
  }
}

TEST_CASE("outcomes: a second approval's finding counts as the first one's work, its failure as doubt") {
  for (const bool now : {true, false}) {
    Result<ApprovedDraft> found = ApprovedDraft{approved(sample_draft()), now};
    outcomes::of_second_approval(found);
    CHECK(found.value().approved_now);
  }
  for (const Certainty certainty : {Certainty::not_applied, Certainty::applied, Certainty::unknown}) {
    Result<ApprovedDraft> failed = Error{Errc::storage_unavailable, {}, certainty};
    outcomes::of_second_approval(failed);
    CHECK(failed.error() == Error{Errc::storage_unavailable, {}, Certainty::unknown});
  }
  Result<ApprovedDraft> missing = Errc::draft_not_found;
  outcomes::of_second_approval(missing);
  CHECK(missing.error() == Error{Errc::draft_not_found});
}
