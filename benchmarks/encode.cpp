// What the library writes, against the same JSON written by three libraries.
//
// Each peer is given its best idiom and its plain one: Boost.JSON and nlohmann with the value built each time and with the
// value built before; Boost.JSON also into a buffer that is kept; RapidJSON's Writer into a StringBuffer that is kept.
#include <benchmark/benchmark.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <event_draft/controller.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "allocations.hpp"
#include "sample.hpp"

using namespace event_draft;

namespace {

// One document of the library: what it writes, and how every peer builds the same.
struct CachedValue {
  static std::string ours(const EventDraft& draft) { return std::string{encode_cache_entry(draft).view()}; }

  static void write_ours(const EventDraft& draft) {
    auto entry = encode_cache_entry(draft);
    benchmark::DoNotOptimize(entry);
  }

  /// Calls `member(name, value)` for each member in order.
  template <class Member>
  static void members(const EventDraft& draft, Member member) {
    member("version", std::int64_t{1});
    member("eventDraftId", draft.id.view());
    member("userId", draft.user_id.value());
    member("objective", to_string(draft.objective));
    member("storeName", draft.store.name());
    member("industry", draft.store.industry());
    member("address", draft.store.address());
    member("status", to_string(draft.status));
    member("createdAt", to_text(draft.created_at).view());
  }
};

struct EventPayload {
  static std::string ours(const EventDraft& draft) {
    return std::string{EventMessage{draft_created(draft), "/event-draft"}.payload()};
  }

  // The whole record, headers' text included: the library has no way to write the payload alone.
  static void write_ours(const EventDraft& draft) {
    auto message = EventMessage{draft_created(draft), "/event-draft"};
    benchmark::DoNotOptimize(message);
  }

  template <class Member>
  static void members(const EventDraft& draft, Member member) {
    member("eventDraftId", draft.id.view());
    member("userId", draft.user_id.value());
    member("objective", to_string(draft.objective));
    member("createdAt", to_text(draft.created_at).view());
  }
};

struct ResponseBody {
  static std::string ours(const EventDraft& draft) { return std::string{created_body(draft).view()}; }

  static void write_ours(const EventDraft& draft) {
    auto body = created_body(draft);
    benchmark::DoNotOptimize(body);
  }

  template <class Member>
  static void members(const EventDraft& draft, Member member) {
    member("eventDraftId", draft.id.view());
    member("objective", to_string(draft.objective));
    member("storeName", draft.store.name());
    member("status", to_string(draft.status));
  }
};

template <class Document>
boost::json::value boost_value(const EventDraft& draft) {
  boost::json::object object;
  object.reserve(9);
  Document::members(draft, [&](std::string_view name, const auto& value) { object.emplace(name, value); });
  return object;
}

template <class Document>
nlohmann::ordered_json nlohmann_value(const EventDraft& draft) {
  nlohmann::ordered_json object;
  Document::members(draft, [&](std::string_view name, const auto& value) { object.emplace(name, value); });
  return object;
}

struct RapidMember {
  rapidjson::Writer<rapidjson::StringBuffer>& writer;

  static rapidjson::SizeType size(std::string_view text) { return static_cast<rapidjson::SizeType>(text.size()); }

  void operator()(std::string_view name, std::int64_t value) const {
    writer.Key(name.data(), size(name));
    writer.Int64(value);
  }
  void operator()(std::string_view name, std::string_view value) const {
    writer.Key(name.data(), size(name));
    writer.String(value.data(), size(value));
  }
};

template <class Document>
void write_rapid(rapidjson::StringBuffer& buffer, rapidjson::Writer<rapidjson::StringBuffer>& writer,
                 const EventDraft& draft) {
  buffer.Clear();
  writer.Reset(buffer);
  writer.StartObject();
  Document::members(draft, RapidMember{writer});
  writer.EndObject();
}

template <class Document>
void event_draft_side(benchmark::State& state) {
  auto draft = sample::draft();
  measure(state, [&] {
    benchmark::DoNotOptimize(draft);
    Document::write_ours(draft);
  });
}

template <class Document>
void rapid_side(benchmark::State& state) {
  auto draft = sample::draft();
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  write_rapid<Document>(buffer, writer, draft);
  measure(state, [&] {
    benchmark::DoNotOptimize(draft);
    write_rapid<Document>(buffer, writer, draft);
    benchmark::DoNotOptimize(buffer.GetString());
  });
}

template <class Document>
void boost_built(benchmark::State& state) {
  auto draft = sample::draft();
  measure(state, [&] {
    benchmark::DoNotOptimize(draft);
    auto text = boost::json::serialize(boost_value<Document>(draft));
    benchmark::DoNotOptimize(text);
  });
}

template <class Document>
void boost_prebuilt(benchmark::State& state) {
  auto value = boost_value<Document>(sample::draft());
  measure(state, [&] {
    benchmark::DoNotOptimize(value);
    auto text = boost::json::serialize(value);
    benchmark::DoNotOptimize(text);
  });
}

template <class Document>
void boost_prebuilt_kept_buffer(benchmark::State& state) {
  auto value = boost_value<Document>(sample::draft());
  boost::json::serializer serializer;
  std::array<char, 2048> buffer;
  measure(state, [&] {
    benchmark::DoNotOptimize(value);
    serializer.reset(&value);
    auto text = serializer.read(buffer.data(), buffer.size());
    benchmark::DoNotOptimize(text);
    benchmark::ClobberMemory();
  });
}

template <class Document>
void nlohmann_built(benchmark::State& state) {
  auto draft = sample::draft();
  measure(state, [&] {
    benchmark::DoNotOptimize(draft);
    auto text = nlohmann_value<Document>(draft).dump();
    benchmark::DoNotOptimize(text);
  });
}

template <class Document>
void nlohmann_prebuilt(benchmark::State& state) {
  auto value = nlohmann_value<Document>(sample::draft());
  measure(state, [&] {
    benchmark::DoNotOptimize(value);
    auto text = value.dump();
    benchmark::DoNotOptimize(text);
  });
}

/// Whether every side writes the same bytes: what is not equal can't be compared.
template <class Document>
bool all_agree() {
  const auto draft = sample::draft();
  const std::string ours = Document::ours(draft);
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  write_rapid<Document>(buffer, writer, draft);
  return ours == buffer.GetString() && ours == boost::json::serialize(boost_value<Document>(draft)) &&
         ours == nlohmann_value<Document>(draft).dump();
}

template <class Document>
bool add(const std::string& group) {
  benchmark::RegisterBenchmark((group + "/event_draft").c_str(), event_draft_side<Document>);
  benchmark::RegisterBenchmark((group + "/RapidJSON Writer, kept buffer").c_str(), rapid_side<Document>);
  benchmark::RegisterBenchmark((group + "/Boost.JSON, build and serialize").c_str(), boost_built<Document>);
  benchmark::RegisterBenchmark((group + "/Boost.JSON, serialize only").c_str(), boost_prebuilt<Document>);
  benchmark::RegisterBenchmark((group + "/Boost.JSON, serialize only, kept buffer").c_str(),
                               boost_prebuilt_kept_buffer<Document>);
  benchmark::RegisterBenchmark((group + "/nlohmann, build and dump").c_str(), nlohmann_built<Document>);
  benchmark::RegisterBenchmark((group + "/nlohmann, dump only").c_str(), nlohmann_prebuilt<Document>);
  return all_agree<Document>();
}

}  // namespace

int main(int argc, char** argv) {
  if (!add<CachedValue>("encode cached value") || !add<EventPayload>("encode event payload") ||
      !add<ResponseBody>("encode response body")) {
    std::fputs("the sides write different documents\n", stderr);
    return 1;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
