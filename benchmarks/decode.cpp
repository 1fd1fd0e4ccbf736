// What the library reads, against general JSON parsers, which only build a tree of the same text: the library also checks
// every value and hands back a domain object.
#include <benchmark/benchmark.h>
#include <rapidjson/document.h>

#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <event_draft/controller.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "allocations.hpp"
#include "sample.hpp"

using namespace event_draft;

namespace {

const std::string cached_value{encode_cache_entry(sample::draft()).view()};

void decode_cached(benchmark::State& state) {
  std::string_view text = cached_value;
  measure(state, [&] {
    benchmark::DoNotOptimize(text);
    auto draft = decode_cache_entry(text);
    benchmark::DoNotOptimize(draft);
  });
}

constexpr std::string_view request =
    R"({"userId":123,"objective":"신규 고객 유치","storeName":"맛있는집","industry":"음식점","address":"서울시 강남구"})";

void parse_request(benchmark::State& state) {
  std::string_view text = request;
  measure(state, [&] {
    benchmark::DoNotOptimize(text);
    auto parsed = parse_create_request(text);
    benchmark::DoNotOptimize(parsed);
  });
}

void boost_parse(benchmark::State& state, std::string_view text) {
  measure(state, [&] {
    benchmark::DoNotOptimize(text);
    auto value = boost::json::parse(text);
    benchmark::DoNotOptimize(value);
  });
}

void boost_parse_kept_memory(benchmark::State& state, std::string_view text) {
  std::array<unsigned char, 4096> memory;
  std::array<unsigned char, 4096> scratch;
  boost::json::static_resource resource{memory.data(), memory.size()};
  boost::json::parser parser{{}, boost::json::parse_options{}, scratch.data(), scratch.size()};
  measure(state, [&] {
    benchmark::DoNotOptimize(text);
    resource.release();
    parser.reset(&resource);
    parser.write(text);
    auto value = parser.release();
    benchmark::DoNotOptimize(value);
  });
}

void nlohmann_parse(benchmark::State& state, std::string_view text) {
  measure(state, [&] {
    benchmark::DoNotOptimize(text);
    auto value = nlohmann::json::parse(text);
    benchmark::DoNotOptimize(value);
  });
}

void rapid_parse_kept_memory(benchmark::State& state, std::string_view text) {
  std::array<char, 4096> memory;
  std::array<char, 4096> scratch;
  using Pool = rapidjson::MemoryPoolAllocator<>;
  measure(state, [&] {
    benchmark::DoNotOptimize(text);
    Pool pool{memory.data(), memory.size()};
    Pool scratch_pool{scratch.data(), scratch.size()};
    rapidjson::GenericDocument<rapidjson::UTF8<>, Pool, Pool> document{&pool, 1024, &scratch_pool};
    document.Parse<rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
    benchmark::DoNotOptimize(document);
  });
}

void add(const std::string& group, void (*ours)(benchmark::State&), std::string_view text) {
  benchmark::RegisterBenchmark((group + "/event_draft").c_str(), ours);
  benchmark::RegisterBenchmark((group + "/Boost.JSON parse").c_str(), boost_parse, text);
  benchmark::RegisterBenchmark((group + "/Boost.JSON parse, kept memory").c_str(), boost_parse_kept_memory, text);
  benchmark::RegisterBenchmark((group + "/nlohmann parse").c_str(), nlohmann_parse, text);
  benchmark::RegisterBenchmark((group + "/RapidJSON parse, kept memory").c_str(), rapid_parse_kept_memory, text);
}

}  // namespace

int main(int argc, char** argv) {
  if (decode_cache_entry(cached_value) != sample::draft() || !parse_create_request(request)) {
    std::fputs("the library does not read its own samples\n", stderr);
    return 1;
  }
  add("decode cached value", decode_cached, cached_value);
  add("parse request", parse_request, request);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
