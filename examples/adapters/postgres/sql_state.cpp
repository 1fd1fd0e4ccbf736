#include "sql_state.hpp"

namespace event_draft::postgres {
namespace {

constexpr std::string_view in_place = "25001";
constexpr std::string_view read_only = "25006";
constexpr std::string_view no_such_statement = "26000";
constexpr std::string_view completion_unknown = "40003";
constexpr std::string_view no_privilege = "42501";
constexpr std::string_view statement_is_there = "42P05";
constexpr std::string_view lock_not_available = "55P03";
constexpr std::string_view cancelled = "57014";

}  // namespace

Error error_of(std::string_view sql_state) noexcept {
  if (sql_state == cancelled || sql_state == lock_not_available) return Errc::deadline_exceeded;
  if (sql_state == completion_unknown || sql_state.starts_with("08"))
    return {Errc::storage_unavailable, {}, Certainty::unknown};
  // A value or a row that the schema refuses comes from a defect, here or in whoever changed the schema.
  if (sql_state.starts_with("22") || sql_state.starts_with("23")) return Errc::internal_error;
  return Errc::storage_unavailable;
}

bool is_conflict(std::string_view sql_state) noexcept { return sql_state == "40001" || sql_state == "40P01"; }

bool ends_connection(std::string_view sql_state) noexcept {
  return sql_state == read_only || sql_state == no_such_statement || sql_state == statement_is_there ||
         sql_state.starts_with("08") || (sql_state.starts_with("57") && sql_state != cancelled);
}

std::string_view advice(std::string_view sql_state) noexcept {
  if (sql_state == in_place) return "default_transaction_isolation must be 'read committed' for this role";
  if (sql_state == read_only) return "this is a standby, or made read-only";
  if (sql_state == no_privilege) return "the role lacks a privilege";
  if (sql_state == no_such_statement || sql_state == statement_is_there)
    return "prepared statements can't be used through this pooler: switch them off";
  return {};
}

}  // namespace event_draft::postgres
