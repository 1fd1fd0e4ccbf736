#include <cstdio>
#include <event_draft.hpp>

int main() {
  constexpr auto* objective = "매출 증대";
  std::printf("%s: %s\n", objective, event_draft::parse_objective(objective).has_value() ? "true" : "false");
}
