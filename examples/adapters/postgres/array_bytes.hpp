#pragma once

#include <cstddef>
#include <cstdint>
#include <event_draft/timestamp.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "wire.hpp"

namespace event_draft::postgres {

/// A one-dimensional array in PostgreSQL's binary format, element by element; any text may be in it.
class ArrayBytes {
 public:
  /// Of the type `Element`: its number in `pg_type`.
  enum class Element : std::int32_t { bigint = 20, text = 25, timestamptz = 1184 };

  explicit ArrayBytes(Element element) {
    append(1);  // dimension
    append(1);  // there may be NULLs
    append(static_cast<std::int32_t>(element));
    append(0);  // elements, so far
    append(1);  // the first one's index
  }

  void add(std::int64_t number) { add(std::string_view{encode(number).data(), 8}); }
  void add(Timestamp time) { add(std::string_view{encode(time).data(), 8}); }
  void add(std::string_view bytes) {
    append(static_cast<std::int32_t>(bytes.size()));
    bytes_ += bytes;
    count();
  }
  void add_null() {
    append(-1);
    count();
  }

  [[nodiscard]] std::string_view view() const noexcept { return bytes_; }

 private:
  static constexpr std::size_t at_count = 12;

  void append(std::int32_t number) { bytes_ += std::string_view{encode(std::int64_t{number}).data() + 4, 4}; }
  void count() {
    const auto bytes = encode(++elements_);
    bytes_.replace(at_count, 4, bytes.data() + 4, 4);
  }

  std::string bytes_;
  std::int64_t elements_ = 0;
};

}  // namespace event_draft::postgres
