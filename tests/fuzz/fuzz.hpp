#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// What the fuzz targets share. A target is one function, `LLVMFuzzerTestOneInput`, linked either to libFuzzer or to
// replay_main.cpp, which only hands it the files of its corpus.
namespace event_draft::fuzz {

/// Ends the process with the reason, which whoever runs the target reports with the input.
inline void expect(bool holds, const char* what) noexcept {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

[[nodiscard]] inline std::string_view text_of(const std::uint8_t* data, std::size_t size) noexcept {
  return {reinterpret_cast<const char*>(data), size};
}

/// An input of several fields, `123|매출 증대|맛있는집`: readable in a file, and easy to recombine. A field that is not there
/// is empty; the last one takes what is left.
template <std::size_t Count>
[[nodiscard]] std::array<std::string_view, Count> fields_of(std::string_view input) noexcept {
  std::array<std::string_view, Count> fields;
  for (std::size_t i = 0; i + 1 < Count; ++i) {
    fields[i] = input.substr(0, input.find('|'));
    input.remove_prefix(std::min(input.size(), fields[i].size() + 1));
  }
  fields.back() = input;
  return fields;
}

/// The number that a field begins with; 0 without one.
[[nodiscard]] inline std::int64_t number_of(std::string_view field) noexcept {
  std::int64_t number = 0;
  std::from_chars(field.data(), field.data() + field.size(), number);
  return number;
}

}  // namespace event_draft::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
