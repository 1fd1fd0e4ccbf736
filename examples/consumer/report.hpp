#pragma once

#include <string>

#include "tally.hpp"

namespace event_draft::consumer {

/// A line a day, a column an objective, and the totals; for a terminal or a file.
[[nodiscard]] std::string table_text(const Tally& tally);

/// `day,objective,drafts`, a line for each that is not 0.
[[nodiscard]] std::string csv_text(const Tally& tally);

}  // namespace event_draft::consumer
