#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace event_draft::detail {

/// The member names of the JSON objects that are open, the innermost last; finds a name that comes twice in one object.
/// The names' text must outlive it.
template <std::size_t MaxNames, std::size_t MaxDepth>
class MemberNames {
 public:
  /// At most `MaxDepth` objects may be open.
  void open_object() noexcept { begins_[depth_++] = size_; }
  void close_object() noexcept { size_ = begins_[--depth_]; }

  /// False if the innermost object has the name already, or if the open objects have `MaxNames` in all.
  [[nodiscard]] bool insert(std::string_view name) noexcept {
    const auto at = [this](std::size_t i) { return names_.begin() + static_cast<std::ptrdiff_t>(i); };
    const auto begin = at(begins_[depth_ - 1]);
    const auto end = at(size_);
    if (size_ == MaxNames || std::find(begin, end, name) != end) return false;
    names_[size_++] = name;
    return true;
  }

 private:
  std::array<std::string_view, MaxNames> names_;
  std::array<std::size_t, MaxDepth> begins_{};
  std::size_t size_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace event_draft::detail
