#pragma once

#include <boost/json/error.hpp>
#include <boost/json/string_view.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <event_draft/controller/member_names.hpp>
#include <event_draft/controller/parsed_create_request.hpp>
#include <event_draft/result.hpp>

namespace event_draft::detail {

/// Hears Boost.JSON's parser and keeps what a create request is made of. Past the grammar, which is the parser's, it refuses
/// U+0000 in any string, a name that comes twice in one object, and numbers that no finite double holds. A member of a wrong
/// type is noted, and reading goes on, so that the error names every one.
class CreateRequestHandler {
 public:
  static constexpr std::size_t max_depth = 8;   ///< of objects and arrays, the request itself counted
  static constexpr std::size_t max_names = 64;  ///< of all objects that are open at one point

  // No limits beside the body's own size.
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = max_array_size;
  static constexpr std::size_t max_string_size = max_array_size;
  static constexpr std::size_t max_key_size = max_array_size;

  explicit CreateRequestHandler(std::size_t body_size) : request_{body_size} {}

  /// The error of a body that the parser or this handler stopped at.
  [[nodiscard]] Error stopped() noexcept {
    note_fault();
    return {Errc::malformed_request, faults_};
  }

  /// The request, once the parser is through. Without a positive userId there is none.
  [[nodiscard]] Result<ParsedCreateRequest> finished() noexcept {
    if (request_.user_id_ == 0) faults_.insert(Field::user_id);
    if (!faults_.empty()) return Error{Errc::malformed_request, faults_};
    return std::move(request_);
  }

  // What the parser calls. A false stops it.
  using Code = boost::json::error_code;
  using Text = boost::json::string_view;

  static bool on_document_begin(Code&) noexcept { return true; }
  static bool on_document_end(Code&) noexcept { return true; }
  static bool on_comment_part(Text, Code&) noexcept { return true; }
  static bool on_comment(Text, Code&) noexcept { return true; }
  static bool on_number_part(Text, Code&) noexcept { return true; }

  bool on_object_begin(Code&) noexcept {
    names_.open_object();
    return enter();
  }
  bool on_object_end(std::size_t, Code&) noexcept {
    names_.close_object();
    return leave();
  }
  bool on_array_begin(Code&) noexcept { return enter(); }
  bool on_array_end(std::size_t, Code&) noexcept { return leave(); }

  bool on_key_part(Text part, std::size_t, Code&) noexcept { return append(part); }
  bool on_key(Text part, std::size_t, Code& code) noexcept {
    append(part);
    const std::string_view name = request_.text_.view(take_text());
    if (depth_ == 1) member_ = field_named(name);
    return (is_clean(name) && names_.insert(name)) || stop(code);
  }

  bool on_string_part(Text part, std::size_t, Code&) noexcept { return append(part); }
  bool on_string(Text part, std::size_t, Code& code) noexcept {
    append(part);
    const TextSpan span = take_text();
    if (!is_clean(request_.text_.view(span))) return stop(code);
    if (!member_ || member_ == Field::user_id) return note_fault();
    request_.spans_[static_cast<std::size_t>(*member_)] = span;
    return pass();
  }

  bool on_int64(std::int64_t value, Text, Code&) noexcept {
    if (member_ != Field::user_id || value <= 0) return note_fault();
    request_.user_id_ = value;
    return pass();
  }
  bool on_uint64(std::uint64_t, Text, Code&) noexcept { return note_fault(); }
  bool on_double(double value, Text, Code& code) noexcept { return std::isfinite(value) ? note_fault() : stop(code); }
  bool on_bool(bool, Code&) noexcept { return note_fault(); }
  bool on_null(Code&) noexcept { return pass(); }  // as good as absent

 private:
  static std::optional<Field> field_named(std::string_view name) noexcept {
    for (const Field field : all_fields) {
      if (name == to_string(field)) return field;
    }
    return std::nullopt;
  }

  static bool is_clean(std::string_view text) noexcept { return text.find('\0') == std::string_view::npos; }

  static bool stop(Code& code) noexcept {
    code = boost::json::error::syntax;
    return false;
  }

  bool enter() noexcept {
    ++depth_;
    return note_fault();
  }
  bool leave() noexcept {
    --depth_;
    return true;
  }

  bool append(Text part) noexcept {
    request_.text_.append({part.data(), part.size()});
    return true;
  }
  TextSpan take_text() noexcept {
    const std::size_t begin = std::exchange(text_begin_, request_.text_.size());
    return {begin, text_begin_ - begin};
  }

  bool note_fault() noexcept {
    if (member_) faults_.insert(*member_);
    return pass();
  }
  bool pass() noexcept {
    member_.reset();
    return true;
  }

  ParsedCreateRequest request_;
  std::optional<Field> member_;  // the one of ours whose value comes next
  FieldSet faults_;
  std::size_t depth_ = 0;
  std::size_t text_begin_ = 0;  // of the string that is being read
  MemberNames<max_names, max_depth> names_;
};

}  // namespace event_draft::detail
