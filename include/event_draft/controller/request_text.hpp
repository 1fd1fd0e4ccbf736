#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace event_draft::detail {

struct TextSpan {
  std::size_t begin = 0;
  std::size_t size = 0;
};

/// The decoded strings of one request, one behind the other. Their sum is never longer than the request's bytes, so the
/// place is chosen once: inside the object for a request of usual size, else on the heap.
class RequestText {
 public:
  static constexpr std::size_t inline_capacity = 1024;

  /// \throws std::bad_alloc
  explicit RequestText(std::size_t capacity) {
    if (capacity > inline_capacity) heap_ = std::make_unique_for_overwrite<char[]>(capacity);
  }

  RequestText(RequestText&& other) noexcept : size_{std::exchange(other.size_, 0)}, heap_{std::move(other.heap_)} {
    if (!heap_) std::copy_n(other.inline_.data(), size_, inline_.data());
  }
  RequestText& operator=(RequestText&&) = delete;
  ~RequestText() = default;

  void append(std::string_view text) noexcept {
    std::copy(text.begin(), text.end(), (heap_ ? heap_.get() : inline_.data()) + size_);
    size_ += text.size();
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Lives until the object is moved or destroyed.
  [[nodiscard]] std::string_view view(TextSpan span) const noexcept {
    return {(heap_ ? heap_.get() : inline_.data()) + span.begin, span.size};
  }

 private:
  std::size_t size_ = 0;
  std::unique_ptr<char[]> heap_;
  std::array<char, inline_capacity> inline_;  // left uninitialised past size_
};

}  // namespace event_draft::detail
