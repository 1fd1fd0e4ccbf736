#pragma once

#include <fmt/format.h>

#include <chrono>

#include <event_draft/create_event_draft.hpp>
#include <event_draft/error_message.hpp>
#include <event_draft/observer.hpp>
#include <event_draft/outbox.hpp>
#include <event_draft/port_function.hpp>
#include <event_draft/ports.hpp>
#include <event_draft/receipt.hpp>
#include <event_draft/relay_options.hpp>

// How the library's types read in a log line. What is one word takes a string's format specification (`{:>12}`), what is
// more takes none.
namespace event_draft::detail {

/// Formatted as its `to_string`.
template <class T>
struct WordFormatter : fmt::formatter<fmt::string_view> {
  auto format(const T& value, fmt::format_context& context) const {
    return fmt::formatter<fmt::string_view>::format(to_string(value), context);
  }
};

/// Formatted as its `view()`.
template <class T>
struct ViewFormatter : fmt::formatter<fmt::string_view> {
  auto format(const T& value, fmt::format_context& context) const {
    return fmt::formatter<fmt::string_view>::format(value.view(), context);
  }
};

struct SentenceFormatter {
  static constexpr auto parse(fmt::format_parse_context& context) {
    if (context.begin() != context.end() && *context.begin() != '}') throw fmt::format_error("takes no specification");
    return context.begin();
  }
};

template <class Set, class All>
auto format_set(const Set& set, const All& all, fmt::format_context& context) {
  auto out = context.out();
  const char* separator = "";
  for (const auto one : all) {
    if (!set.contains(one)) continue;
    out = fmt::format_to(out, "{}{}", separator, fmt::string_view{to_string(one)});
    separator = ", ";
  }
  return out;
}

}  // namespace event_draft::detail

namespace fmt {

// clang-format off
template <> struct formatter<event_draft::Errc> : event_draft::detail::WordFormatter<event_draft::Errc> {};
template <> struct formatter<event_draft::Certainty> : event_draft::detail::WordFormatter<event_draft::Certainty> {};
template <> struct formatter<event_draft::Field> : event_draft::detail::WordFormatter<event_draft::Field> {};
template <> struct formatter<event_draft::Objective> : event_draft::detail::WordFormatter<event_draft::Objective> {};
template <> struct formatter<event_draft::DraftStatus> : event_draft::detail::WordFormatter<event_draft::DraftStatus> {};
template <> struct formatter<event_draft::Step> : event_draft::detail::WordFormatter<event_draft::Step> {};
template <> struct formatter<event_draft::StepOutcome> : event_draft::detail::WordFormatter<event_draft::StepOutcome> {};
template <> struct formatter<event_draft::Operation> : event_draft::detail::WordFormatter<event_draft::Operation> {};
template <> struct formatter<event_draft::Origin> : event_draft::detail::WordFormatter<event_draft::Origin> {};
template <> struct formatter<event_draft::Approval> : event_draft::detail::WordFormatter<event_draft::Approval> {};
template <> struct formatter<event_draft::EventType> : event_draft::detail::WordFormatter<event_draft::EventType> {};
template <> struct formatter<event_draft::PortFunction> : event_draft::detail::WordFormatter<event_draft::PortFunction> {};
template <> struct formatter<event_draft::EventDelivery> : event_draft::detail::WordFormatter<event_draft::EventDelivery> {};
template <> struct formatter<event_draft::DraftId> : event_draft::detail::ViewFormatter<event_draft::DraftId> {};
template <> struct formatter<event_draft::TraceParent> : event_draft::detail::ViewFormatter<event_draft::TraceParent> {};
template <std::size_t N> struct formatter<event_draft::detail::InlineText<N>>
    : event_draft::detail::ViewFormatter<event_draft::detail::InlineText<N>> {};
// clang-format on

template <>
struct formatter<event_draft::UserId> : formatter<std::int64_t> {
  auto format(event_draft::UserId user, format_context& context) const {
    return formatter<std::int64_t>::format(user.value(), context);
  }
};

template <>
struct formatter<event_draft::LeaseToken> : formatter<std::int64_t> {
  auto format(event_draft::LeaseToken token, format_context& context) const {
    return formatter<std::int64_t>::format(static_cast<std::int64_t>(token), context);
  }
};

template <>
struct formatter<event_draft::FieldSet> : event_draft::detail::SentenceFormatter {
  static auto format(event_draft::FieldSet fields, format_context& context) {
    return event_draft::detail::format_set(fields, event_draft::all_fields, context);
  }
};

template <>
struct formatter<event_draft::StepSet> : event_draft::detail::SentenceFormatter {
  static auto format(event_draft::StepSet steps, format_context& context) {
    return event_draft::detail::format_set(steps, event_draft::all_steps, context);
  }
};

/// `EVENT_002 Store information is missing. (storeName, address)`
template <>
struct formatter<event_draft::Error> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::Error& error, format_context& context) {
    auto out = fmt::format_to(context.out(), "{} {}", error.code, message(error.code, event_draft::Language::english));
    if (!error.fields.empty()) out = fmt::format_to(out, " ({})", error.fields);
    if (error.certainty != event_draft::Certainty::not_applied)
      out = fmt::format_to(out, " [effect {}]", error.certainty);
    return out;
  }
};

/// `draft-1.EventDraftCreated`
template <>
struct formatter<event_draft::EventId> : formatter<string_view> {
  auto format(const event_draft::EventId& id, format_context& context) const {
    return formatter<string_view>::format(event_draft::to_text(id).view(), context);
  }
};

template <>
struct formatter<event_draft::StoreInfo> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::StoreInfo& store, format_context& context) {
    return fmt::format_to(context.out(), "{:?}, {:?}, {:?}", store.name(), store.industry(), store.address());
  }
};

/// `draft-1 of user 123: 신규 고객 유치, "맛있는집", "음식점", "서울시 강남구", DRAFT, 2026-11-23T09:00:00.123Z`
template <>
struct formatter<event_draft::EventDraft> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::EventDraft& draft, format_context& context) {
    return fmt::format_to(context.out(), "{} of user {}: {}, {}, {}, {}", draft.id, draft.user_id, draft.objective,
                          draft.store, draft.status, event_draft::to_text(draft.created_at));
  }
};

template <>
struct formatter<event_draft::NewEventDraft> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::NewEventDraft& draft, format_context& context) {
    auto out = fmt::format_to(context.out(), "new draft of user {}: {}, {}, {}", draft.user_id, draft.objective,
                              draft.store, event_draft::to_text(draft.created_at));
    return draft.replaces ? fmt::format_to(out, ", replaces {}", *draft.replaces) : out;
  }
};

template <>
struct formatter<event_draft::DraftApproval> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::DraftApproval& approval, format_context& context) {
    return fmt::format_to(context.out(), "approval of {} by user {}, {}", approval.id, approval.user_id,
                          event_draft::to_text(approval.approved_at));
  }
};

template <>
struct formatter<event_draft::ApprovedDraft> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::ApprovedDraft& approved, format_context& context) {
    return fmt::format_to(context.out(), "{} ({})", approved.draft,
                          approved.approved_now ? "approved now" : "was approved");
  }
};

template <>
struct formatter<event_draft::SavedDraft> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::SavedDraft& saved, format_context& context) {
    return fmt::format_to(context.out(), "{} ({})", saved.draft, saved.inserted ? "inserted" : "was there");
  }
};

template <>
struct formatter<event_draft::CreateEventDraft> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::CreateEventDraft& command, format_context& context) {
    return fmt::format_to(context.out(), "user {}: {:?}, {:?}, {:?}, {:?}", command.user_id, command.objective,
                          command.store_name, command.industry, command.address);
  }
};

template <>
struct formatter<event_draft::CacheWrite> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::CacheWrite& write, format_context& context) {
    return fmt::format_to(context.out(), "{} = {} for {} s", write.key, write.value, write.time_to_live.count());
  }
};

template <>
struct formatter<event_draft::EventMessage> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::EventMessage& event, format_context& context) {
    return fmt::format_to(context.out(), "{} {} {}", event.topic(), event.id(), event.payload());
  }
};

/// `lookup 0.012 ms, validate 0.001 ms`
template <>
struct formatter<event_draft::StepDurations> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::StepDurations& durations, format_context& context) {
    auto out = context.out();
    const char* separator = "";
    for (const event_draft::Step step : event_draft::all_steps) {
      const auto duration = durations[step];
      if (!duration) continue;
      const std::chrono::duration<double, std::milli> milliseconds{*duration};
      out = fmt::format_to(out, "{}{} {:.3f} ms", separator, step, milliseconds.count());
      separator = ", ";
    }
    return out;
  }
};

template <>
struct formatter<event_draft::Receipt> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::Receipt& receipt, format_context& context) {
    auto out = fmt::format_to(context.out(), "{}{} {}; event {}", receipt.origin, receipt.differs ? " (differs)" : "",
                              receipt.draft, receipt.event);
    return receipt.degraded.empty() ? out : fmt::format_to(out, "; without {}", receipt.degraded);
  }
};

template <>
struct formatter<event_draft::ApprovalReceipt> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::ApprovalReceipt& receipt, format_context& context) {
    auto out = fmt::format_to(context.out(), "{} {}; event {}", receipt.approval, receipt.draft, receipt.event);
    return receipt.degraded.empty() ? out : fmt::format_to(out, "; without {}", receipt.degraded);
  }
};

/// `draft-1.EventDraftCreated under lease 7: published`, `…: retry after 100 ms, counted (EVENT_REJECTED)`, `…: parked (…)`
template <>
struct formatter<event_draft::Settlement> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::Settlement& settlement, format_context& context) {
    using Fate = event_draft::Settlement::Fate;
    const auto& [lease, fate, after, counts, reason] = settlement;
    auto out = fmt::format_to(context.out(), "{} under lease {}: ", lease.event, lease.token);
    if (fate == Fate::published) return fmt::format_to(out, "published");
    if (fate == Fate::parked) return fmt::format_to(out, "parked ({})", reason);
    return fmt::format_to(out, "retry after {} ms{} ({})", after.count(), counts ? ", counted" : "", reason);
  }
};

/// `draft-1.EventDraftCreated of user 123, 2026-11-23T09:00:00.123Z`
template <>
struct formatter<event_draft::DraftEvent> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::DraftEvent& event, format_context& context) {
    return fmt::format_to(context.out(), "{} of user {}, {}", event.id, event.user_id,
                          event_draft::to_text(event.occurred_at));
  }
};

template <>
struct formatter<event_draft::LeasedEvent> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::LeasedEvent& leased, format_context& context) {
    return fmt::format_to(context.out(), "{}, attempt {} under lease {}", leased.event, leased.attempts, leased.token);
  }
};

template <>
struct formatter<event_draft::ParkedEvent> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::ParkedEvent& event, format_context& context) {
    return fmt::format_to(context.out(), "{} parked {} after {} attempts ({})", event.id,
                          event_draft::to_text(event.parked_at), event.attempts, event.reason);
  }
};

/// `3 pending, the oldest for 1200 ms, at most 4 attempts; 1 parked`
template <>
struct formatter<event_draft::OutboxStats> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::OutboxStats& stats, format_context& context) {
    return fmt::format_to(context.out(), "{} pending, the oldest for {} ms, at most {} attempts; {} parked",
                          stats.pending, stats.oldest_pending.count(), stats.most_attempts, stats.parked);
  }
};

/// `claimed 3, published 1, retried 1, parked 1, removed 0; next in 100 ms; EVENT_REJECTED …`
template <>
struct formatter<event_draft::RelayPass> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::RelayPass& pass, format_context& context) {
    auto out =
        fmt::format_to(context.out(), "claimed {}, published {}, retried {}, parked {}, removed {}; next in {} ms",
                       pass.claimed, pass.published, pass.retried, pass.parked, pass.removed, pass.wait.count());
    return pass.error ? fmt::format_to(out, "; {}", *pass.error) : out;
  }
};

template <>
struct formatter<event_draft::FoundDraft> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::FoundDraft& found, format_context& context) {
    auto out = fmt::format_to(context.out(), "{} from {}", found.draft, found.from_cache ? "cache" : "repository");
    return found.degraded.empty() ? out : fmt::format_to(out, "; without {}", found.degraded);
  }
};

template <>
struct formatter<event_draft::StepReport> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::StepReport& report, format_context& context) {
    auto out = fmt::format_to(context.out(), "{} for user {}: {} {} in {} ns", report.operation, report.user_id,
                              report.step, report.outcome, report.duration.count());
    if (!report.draft_id.empty()) out = fmt::format_to(out, ", {}", report.draft_id);
    return report.error ? fmt::format_to(out, ", {}", *report.error) : out;
  }
};

/// The value, or the error.
template <class T>
  requires std::is_void_v<T> || is_formattable<T>::value
struct formatter<event_draft::Result<T>> : event_draft::detail::SentenceFormatter {
  static auto format(const event_draft::Result<T>& result, format_context& context) {
    if (!result) return fmt::format_to(context.out(), "error: {}", result.assume_error());
    if constexpr (std::is_void_v<T>) {
      return fmt::format_to(context.out(), "ok");
    } else {
      return fmt::format_to(context.out(), "{}", result.assume_value());
    }
  }
};

}  // namespace fmt
