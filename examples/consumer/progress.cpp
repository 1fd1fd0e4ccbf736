#include "progress.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace event_draft::consumer {
namespace {

constexpr int version = 1;

DayCounts read_counts(const boost::json::value& value) {
  const auto& numbers = value.as_array();
  DayCounts counts{};
  if (numbers.size() != counts.size()) throw std::runtime_error{"it counts other objectives"};
  for (std::size_t i = 0; i != counts.size(); ++i) counts[i] = numbers[i].to_number<std::uint64_t>();
  return counts;
}

bool write_whole(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return ::fsync(file) == 0;
}

/// Otherwise a crash may bring the old file back.
void sync_folder(const std::filesystem::path& of) {
  const auto folder = of.has_parent_path() ? of.parent_path() : std::filesystem::path{"."};
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = opened >= 0 && ::fsync(opened) == 0;
  const std::error_code error{errno, std::generic_category()};
  if (opened >= 0) ::close(opened);
  if (!synced) throw std::filesystem::filesystem_error{"can't be synced", folder, error};
}

}  // namespace

std::string progress_text(const Tally& tally, const Offsets& offsets) {
  boost::json::object days;
  for (const auto& [day, counts] : tally.days()) days[day] = boost::json::array(counts.begin(), counts.end());
  boost::json::object next;
  for (const auto& [partition, offset] : offsets) next[std::to_string(partition)] = offset;
  boost::json::array ids;
  for (const std::string& id : tally.ids().all()) ids.emplace_back(id);
  return boost::json::serialize(boost::json::object{{"version", version},
                                                    {"offsets", std::move(next)},
                                                    {"days", std::move(days)},
                                                    {"resends", tally.resends()},
                                                    {"unreadable", tally.unreadable()},
                                                    {"ids", std::move(ids)}}) +
         '\n';
}

Offsets read_progress(std::string_view text, Tally& into) try {
  const auto progress = boost::json::parse(text).as_object();
  if (progress.at("version") != version) throw std::runtime_error{"it is of another version"};
  Offsets offsets;
  for (const auto& [partition, next] : progress.at("offsets").as_object()) {
    offsets[std::stoi(std::string{partition})] = next.to_number<std::int64_t>();
  }
  for (const auto& [day, counts] : progress.at("days").as_object())
    into.restore_day(std::string{day}, read_counts(counts));
  for (const auto& id : progress.at("ids").as_array()) into.restore_id(std::string{id.as_string()});
  into.restore(progress.at("resends").to_number<std::uint64_t>(), progress.at("unreadable").to_number<std::uint64_t>());
  return offsets;
} catch (const std::exception& error) {
  throw std::runtime_error{std::string{"the progress can't be read: "} + error.what()};
}

void replace_file(const std::filesystem::path& path, std::string_view contents) {
  std::filesystem::path fresh = path;
  fresh += ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const bool written = file >= 0 && write_whole(file, contents);
  const std::error_code error{errno, std::generic_category()};
  if (file >= 0) ::close(file);
  if (!written) throw std::filesystem::filesystem_error{"can't be written", fresh, error};
  std::filesystem::rename(fresh, path);
  sync_folder(path);  // the commit that follows must not outlive it
}

}  // namespace event_draft::consumer
