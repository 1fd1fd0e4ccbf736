#pragma once

#include <cstddef>
#include <vector>

namespace event_draft::simulation {

/// All sequences of choices, depth first. What is there to choose from may depend on what was chosen before, so the tree is
/// known only while it is walked: a run takes the choices as they come, and `next` goes on to the first run that differs.
class Choices {
 public:
  /// 0 to count - 1; 0 first.
  int choose(int count) {
    if (at_ == made_.size()) made_.push_back({0, count});
    return made_[at_++].taken;
  }

  /// False when every sequence was tried.
  bool next() {
    while (!made_.empty() && made_.back().taken + 1 == made_.back().count) made_.pop_back();
    at_ = 0;
    if (made_.empty()) return false;
    ++made_.back().taken;
    return true;
  }

  /// The same run once more.
  void again() noexcept { at_ = 0; }

 private:
  struct Made {
    int taken;
    int count;
  };

  std::vector<Made> made_;
  std::size_t at_ = 0;
};

}  // namespace event_draft::simulation
