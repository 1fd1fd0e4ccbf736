#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include <event_draft/detail/canonical_reader.hpp>
#include <event_draft/detail/json_writer.hpp>
#include <event_draft/event_draft.hpp>

namespace event_draft {

/// A cached draft's text, held in place: at most 2 KiB of UTF-8.
using CacheEntry = detail::JsonWriter<2048>;

namespace detail {

/// `"eventDraftId":…` to `"createdAt":…`, the members of a draft wherever one is written whole.
template <std::size_t Capacity>
JsonWriter<Capacity>& write_draft_members(JsonWriter<Capacity>& json, const EventDraft& draft) noexcept {
  json.raw(R"("eventDraftId":)").plain(draft.id.view());
  json.raw(R"(,"userId":)").number(draft.user_id.value());
  json.raw(R"(,"objective":)").plain(to_string(draft.objective));
  json.raw(R"(,"storeName":)").string(draft.store.name());
  json.raw(R"(,"industry":)").string(draft.store.industry());
  json.raw(R"(,"address":)").string(draft.store.address());
  json.raw(R"(,"status":)").plain(to_string(draft.status));
  return json.raw(R"(,"createdAt":)").plain(to_text(draft.created_at));
}

}  // namespace detail

/// The canonical cached value (step 4): one JSON object, the same bytes for the same draft.
[[nodiscard]] inline CacheEntry encode_cache_entry(const EventDraft& draft) noexcept {
  CacheEntry json;
  detail::write_draft_members(json.raw(R"({"version":1,)"), draft).raw("}");
  return json;
}

/// Reads exactly what `encode_cache_entry` writes; nullopt for anything else: another version, a damaged value, another
/// spelling of the same JSON.
[[nodiscard]] inline std::optional<EventDraft> decode_cache_entry(std::string_view value) noexcept {
  detail::CanonicalReader json{value};
  const auto id = DraftId::parse(json.raw(R"({"version":1,"eventDraftId":)").string());
  const auto user_id = UserId::make(json.raw(R"(,"userId":)").number());
  const std::string_view label = json.raw(R"(,"objective":)").string();
  const auto objective = parse_objective(label);
  const std::string_view name = json.raw(R"(,"storeName":)").string();
  const std::string_view industry = json.raw(R"(,"industry":)").string();
  const std::string_view address = json.raw(R"(,"address":)").string();
  const auto status = parse_draft_status(json.raw(R"(,"status":)").string());
  const auto created_at = parse_timestamp(json.raw(R"(,"createdAt":)").string());
  if (!json.raw("}").at_end() || !id || !user_id || !objective || !status || !created_at) return std::nullopt;
  if (label != to_string(*objective)) return std::nullopt;
  const auto store = StoreInfo::make(name, industry, address);
  if (!store) return std::nullopt;
  return std::optional<EventDraft>{std::in_place, *id,        user_id.assume_value(), *objective, store.assume_value(),
                                   *status,       *created_at};
}

}  // namespace event_draft
