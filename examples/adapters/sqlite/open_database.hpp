#pragma once

#include "config.hpp"
#include "statement.hpp"

namespace event_draft::sqlite {

/// Opens the database or makes it, looks for damage, and brings its schema to the newest version. Throws `OpenError`.
[[nodiscard]] Database open_database(const Config& config);

}  // namespace event_draft::sqlite
