#pragma once

#include <stdexcept>

namespace event_draft::postgres {

/// Why a database can't be used, in one line for whoever starts the program.
class OpenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace event_draft::postgres
