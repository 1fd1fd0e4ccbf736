#pragma once

#include <fmt/format.h>

#include <iterator>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <event_draft/formatters.hpp>
#include <event_draft/observer.hpp>

namespace event_draft::observers {

/// Draws what happened as the specification draws what should: PlantUML, one exchange a step. For tests, for documents, and
/// for holding one strange request against the diagram.
class SequenceRecorder {
 public:
  void on_step(const StepReport& report) noexcept try {
    const std::scoped_lock lock{mutex_};
    const auto [participant, call] = exchange(report.step);
    const auto to = std::back_inserter(body_);
    fmt::format_to(to, "Service -> {}: {}\n", participant, call);
    if (participant != "Service") fmt::format_to(to, "{} --> Service: ", participant);
    if (participant == "Service") fmt::format_to(to, "note right of Service: ");
    fmt::format_to(to, "{}", report.outcome);
    if (report.error) fmt::format_to(to, " ({}, {})", report.error->code, report.error->certainty);
    if (!report.draft_id.empty()) fmt::format_to(to, " {}", report.draft_id);
    body_ += '\n';
  } catch (...) {  // out of memory: the drawing has a gap, the operation goes on
  }

  void on_exception(Step step, std::string_view what) noexcept try {
    const std::scoped_lock lock{mutex_};
    fmt::format_to(std::back_inserter(body_), "note over {}: threw {:?}\n", exchange(step).first, what);
  } catch (...) {  // as above
  }

  /// The diagram so far.
  [[nodiscard]] std::string plant_uml() const {
    const std::scoped_lock lock{mutex_};
    return "@startuml\n" + body_ + "@enduml\n";
  }

 private:
  static constexpr std::pair<std::string_view, std::string_view> exchange(Step step) noexcept {
    switch (step) {
      case Step::lookup: return {"Cache", "get"};
      case Step::validate: return {"Service", "validate"};
      case Step::save: return {"Repo", "save"};
      case Step::cache: return {"Cache", "set"};
      case Step::publish: return {"Kafka", "publish"};
      case Step::load: return {"Repo", "find"};
      case Step::approve: return {"Repo", "approve"};
      case Step::claim: return {"Repo", "claim"};
      case Step::settle: return {"Repo", "settle"};
      case Step::remove: break;
    }
    return {"Repo", "remove_published"};
  }

  mutable std::mutex mutex_;
  std::string body_;
};

static_assert(Observer<SequenceRecorder>);

}  // namespace event_draft::observers
