#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "enumeration.hpp"
#include "simulation.hpp"

// What tests/simulation/mutants compiles against a library in which one guard is broken. Prints who noticed, after how many
// schedules, and which law was broken; a line a method, "none" when nobody noticed:
//   mutant_probe enumeration
//   mutant_probe simulation <schedules>
int main(int count, char** arguments) {
  using namespace event_draft::simulation;
  const auto print = [](std::uint64_t schedules, const std::string& broken) {
    std::printf("%llu %s\n", static_cast<unsigned long long>(schedules), broken.empty() ? "none" : broken.c_str());
  };
  if (count > 2) {
    const Simulation run = simulate(0, std::strtoull(arguments[2], nullptr, 10));
    print(run.schedules, run.broken);
  } else {
    std::vector<Tree> trees = single_trees();
    for (const Tree& tree : simultaneous_trees(1)) trees.push_back(tree);
    const Enumeration run = enumerate(trees, false);
    print(run.schedules, run.broken);
  }
}
