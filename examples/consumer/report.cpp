#include "report.hpp"

#include <fmt/format.h>

#include <numeric>
#include <string_view>

#include "text_width.hpp"

namespace event_draft::consumer {
namespace {

constexpr std::size_t day_width = 10;
constexpr std::size_t narrowest = 8;
constexpr std::string_view gap = "  ";

std::string cell(std::string_view text, std::string_view heading) {
  return std::string{gap} + right(text, std::max(text_width(heading), narrowest));
}

std::string row(std::string_view day, const DayCounts& counts) {
  std::string line = right(day, day_width);
  for (std::size_t i = 0; i != counts.size(); ++i) {
    line += cell(std::to_string(counts[i]), to_string(all_objectives[i]));
  }
  return line + cell(std::to_string(std::reduce(counts.begin(), counts.end())), "합계") + '\n';
}

std::string heading() {
  std::string line = right("날짜", day_width);
  for (const Objective objective : all_objectives) line += cell(to_string(objective), to_string(objective));
  return line + cell("합계", "합계") + '\n';
}

}  // namespace

std::string table_text(const Tally& tally) {
  std::string table = heading();
  DayCounts sums{};
  for (const auto& [day, counts] : tally.days()) {
    table += row(day, counts);
    for (std::size_t i = 0; i != counts.size(); ++i) sums[i] += counts[i];
  }
  table += row("합계", sums);
  return table + fmt::format("{} resends, {} unreadable\n", tally.resends(), tally.unreadable());
}

std::string csv_text(const Tally& tally) {
  std::string csv = "day,objective,drafts\n";
  for (const auto& [day, counts] : tally.days()) {
    for (std::size_t i = 0; i != counts.size(); ++i) {
      if (counts[i] != 0) csv += fmt::format("{},{},{}\n", day, to_string(all_objectives[i]), counts[i]);
    }
  }
  return csv;
}

}  // namespace event_draft::consumer
