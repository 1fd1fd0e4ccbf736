#include "parameters.hpp"

namespace event_draft::postgres {

void ArrayText::add(std::string_view word) {
  text_.pop_back();
  if (text_.size() > 1) text_ += ',';
  text_ += word.empty() ? std::string_view{R"("")"} : word;
  text_ += '}';
}

}  // namespace event_draft::postgres
