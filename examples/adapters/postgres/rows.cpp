#include "rows.hpp"

#include <charconv>

namespace event_draft::postgres {

Value Rows::field(std::size_t row, std::size_t column) const noexcept {
  const int at_row = static_cast<int>(row);
  const int at_column = static_cast<int>(column);
  if (PQgetisnull(result_.get(), at_row, at_column) != 0) return std::nullopt;
  return std::string_view{PQgetvalue(result_.get(), at_row, at_column),
                          static_cast<std::size_t>(PQgetlength(result_.get(), at_row, at_column))};
}

std::size_t Rows::changes() const noexcept {
  const std::string_view text = PQcmdTuples(result_.get());
  std::size_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

bool Rows::is_last_word() const noexcept {
  const std::string_view severity = diagnosis(PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity == "FATAL" || severity == "PANIC";
}

std::string_view Rows::diagnosis(int field) const noexcept {
  const char* const text = PQresultErrorField(result_.get(), field);
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

}  // namespace event_draft::postgres
