#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trial.hpp"

// Every outcome of every port call, from every state, by walking the tree of all choices.
namespace event_draft::simulation {

inline constexpr int any_number = 1000;  // of faults

/// What was tried, and the first law that was broken.
struct Enumeration {
  std::uint64_t schedules = 0;
  std::string broken = {};
  Statistics statistics = {};
};

/// One tree: a state, and what happens from there.
struct Tree {
  State state;
  std::vector<Deed> deeds;
  bool together = false;  ///< the two deeds, in either order at every call
  int faults = any_number;
  InProgressPolicy policy = InProgressPolicy::keep;
};

[[nodiscard]] inline std::string describe(const Tree& tree) {
  std::string text{state_names[static_cast<std::size_t>(tree.state)]};
  for (const Deed deed : tree.deeds) {
    text.append(&deed == &tree.deeds.front() ? ": " : tree.together ? " | " : ", ");
    text.append(deed_names[static_cast<std::size_t>(deed)]);
  }
  if (tree.policy != InProgressPolicy::keep) text.append(", replacing");
  return text;
}

/// Walks a tree until a law is broken; that run is then told step by step.
template <bool has_outbox>
void enumerate(const Tree& tree, std::array<Fiber, 2>& fibers, Enumeration& so_far, bool tells) {
  Choices choices;
  const auto run = [&](bool prints) {
    Trial<has_outbox> trial{choices, so_far.statistics, tree.policy, prints};
    trial.prepare(tree.state);
    if (tree.together) {
      trial.run_together(tree.deeds[0], tree.deeds[1], tree.faults, fibers);
    } else {
      trial.run(tree.deeds, tree.faults);
    }
    return trial.end();
  };
  do {
    ++so_far.schedules;
    if (const std::string broken = run(false); !broken.empty()) {
      choices.again();
      if (tells) run(true);
      so_far.broken = describe(tree) + ": " + broken;
      return;
    }
  } while (choices.next());
}

/// Walks them all. `tells`: how a law was broken, step by step.
template <bool has_outbox = true>
[[nodiscard]] Enumeration enumerate(const std::vector<Tree>& trees, bool tells = true) {
  Enumeration all;
  std::array<Fiber, 2> fibers;
  for (const Tree& tree : trees) {
    enumerate<has_outbox>(tree, fibers, all, tells);
    if (!all.broken.empty()) break;
  }
  return all;
}

// The trees.

inline constexpr std::array all_deeds{Deed::create,  Deed::create_other,    Deed::find, Deed::find_foreign,
                                      Deed::approve, Deed::approve_foreign, Deed::relay};

/// With both policies where the user may have begun something else than what is asked for.
inline void add_tree(std::vector<Tree>& trees, const Tree& tree) {
  trees.push_back(tree);
  const auto has = [&](Deed deed) { return std::find(tree.deeds.begin(), tree.deeds.end(), deed) != tree.deeds.end(); };
  if (!has(Deed::create_other) && !(has(Deed::create) && tree.state == State::swapped)) return;
  trees.push_back(tree);
  trees.back().policy = InProgressPolicy::replace_if_different;
}

/// Every operation from every state, with any number of faults.
[[nodiscard]] inline std::vector<Tree> single_trees() {
  std::vector<Tree> trees;
  for (std::size_t state = 0; state != state_names.size(); ++state) {
    for (const Deed deed : all_deeds) add_tree(trees, {static_cast<State>(state), {deed}});
  }
  return trees;
}

/// The same without an outbox, and so without a relay.
[[nodiscard]] inline std::vector<Tree> single_trees_without_outbox() {
  std::vector<Tree> trees = single_trees();
  std::erase_if(trees, [](const Tree& tree) { return tree.deeds[0] == Deed::relay || tree.state == State::parked; });
  return trees;
}

/// One operation after another in one process, with so many faults in the two of them.
[[nodiscard]] inline std::vector<Tree> sequential_trees(int faults) {
  std::vector<Tree> trees;
  for (const State state : {State::fresh, State::in_progress, State::left_behind}) {
    for (const auto& [first, second] : {std::pair{Deed::create, Deed::relay}, std::pair{Deed::create, Deed::approve},
                                        std::pair{Deed::approve, Deed::relay}, std::pair{Deed::approve, Deed::approve},
                                        std::pair{Deed::relay, Deed::approve}, std::pair{Deed::relay, Deed::relay}}) {
      add_tree(trees, {state, {first, second}, false, faults});
    }
  }
  return trees;
}

/// Every two operations from every state at the same time, in either order at every port call, with so many faults.
[[nodiscard]] inline std::vector<Tree> simultaneous_trees(int faults) {
  std::vector<Tree> trees;
  for (std::size_t state = 0; state != state_names.size(); ++state) {
    for (auto one = all_deeds.begin(); one != all_deeds.end(); ++one) {
      for (auto other = one; other != all_deeds.end(); ++other) {
        add_tree(trees, {static_cast<State>(state), {*one, *other}, true, faults});
      }
    }
  }
  return trees;
}

/// Those of them in which both change something; of the cached values that are a miss, one.
[[nodiscard]] inline std::vector<Tree> simultaneous_trees_of_writers(int faults) {
  std::vector<Tree> trees = simultaneous_trees(faults);
  std::erase_if(trees, [](const Tree& tree) {
    if (tree.state == State::damaged || tree.state == State::other_version) return true;
    return std::any_of(tree.deeds.begin(), tree.deeds.end(), [](Deed deed) {
      return deed == Deed::find || deed == Deed::find_foreign || deed == Deed::approve_foreign;
    });
  });
  return trees;
}

}  // namespace event_draft::simulation
