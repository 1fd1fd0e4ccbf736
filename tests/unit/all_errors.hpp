#pragma once

#include <event_draft/error.hpp>
#include <vector>

/// Every error code: the numbers from 1 on, without a gap, to the last.
inline std::vector<event_draft::Errc> all_errors() {
  std::vector<event_draft::Errc> all;
  for (unsigned value = 1; value <= static_cast<unsigned>(event_draft::Errc::internal_error); ++value) {
    all.push_back(static_cast<event_draft::Errc>(value));
  }
  return all;
}
