#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "tally.hpp"

namespace event_draft::consumer {

using Offsets = std::map<std::int32_t, std::int64_t>;  ///< by partition, the next record to read

/// What a run has counted, and what it has read for that, as one JSON object.
[[nodiscard]] std::string progress_text(const Tally& tally, const Offsets& offsets);

/// Throws `std::runtime_error` for what `progress_text` has not written.
[[nodiscard]] Offsets read_progress(std::string_view text, Tally& into);

/// Puts it in the file's place at once and for good: a reader, or a crash, sees the old or the new one. Throws
/// `std::filesystem::filesystem_error`.
void replace_file(const std::filesystem::path& path, std::string_view contents);

}  // namespace event_draft::consumer
