#include <doctest/doctest.h>

#include <cstdint>
#include <event_draft/detail/canonical_reader.hpp>
#include <event_draft/detail/json_writer.hpp>
#include <string>
#include <string_view>

#include "samples.hpp"

using namespace event_draft::detail;

TEST_CASE("canonical reader: reads the pieces that the writer wrote") {
  CanonicalReader json{R"({"a":"b\"c","n":12,"d":"\\e","f":""})"};
  CHECK(json.raw(R"({"a":)").string() == "b\"c");
  CHECK(json.raw(R"(,"n":)").number() == 12);
  CHECK(json.raw(R"(,"d":)").string() == "\\e");
  CHECK(json.raw(R"(,"f":)").string().empty());
  CHECK(!json.at_end());
  CHECK(json.raw("}").at_end());
}

TEST_CASE("canonical reader: a string that was put together stays while others are read") {
  CanonicalReader json{R"("\"a""b""\\c")"};
  const std::string_view a = json.string();
  const std::string_view b = json.string();
  const std::string_view c = json.string();
  CHECK(json.at_end());
  CHECK(a == "\"a");
  CHECK(b == "b");
  CHECK(c == "\\c");
}

TEST_CASE("canonical reader: every other spelling of a string is refused") {
  for (const std::string_view text : {R"()", R"(")", R"("a)", R"(a")", R"('a')", R"("\n")", R"("\/")", R"("\u0061")",
                                      R"("\a")", R"("\)", R"("\")", R"("\\\")", R"("a\"b\n")", R"( "a")"}) {
    CAPTURE(text);
    CanonicalReader json{text};
    static_cast<void>(json.string());
    CHECK(!json.ok());
    CHECK(!json.at_end());
  }
}

TEST_CASE("canonical reader: every other spelling of a number is refused") {
  for (const std::string_view text :
       {"", "0", "00", "01", "-1", "+1", " 1", "x", "9223372036854775808", "99999999999999999999"}) {
    CAPTURE(text);
    CanonicalReader json{text};
    CHECK(json.number() == 0);
    CHECK(!json.ok());
  }
  for (const std::string_view text :
       {"1.0", "1e3", "1 "}) {  // a number, and a rest that whoever asks for the end refuses
    CanonicalReader json{text};
    CHECK(json.number() == 1);
    CHECK(!json.at_end());
  }
  CHECK(CanonicalReader{"9223372036854775807"}.number() == INT64_MAX);
}

TEST_CASE("canonical reader: after the first failure nothing is read any more") {
  CanonicalReader json{R"({"a":"b"})"};
  json.raw("[");
  CHECK(!json.ok());
  CHECK(json.raw(R"({"a":)").string().empty());
  CHECK(json.number() == 0);
  CHECK(!json.raw("").at_end());
}

TEST_CASE("canonical reader: escapes beyond its space are refused, not written elsewhere") {
  for (const std::size_t size : {2047U, 2048U, 2049U, 5000U}) {
    CAPTURE(size);
    const std::string text = "\"" + samples::repeated("\\\"", size) + "\"";
    CanonicalReader json{text};
    const std::string_view read = json.string();
    CHECK(json.ok() == (size < 2048));
    CHECK(read == (size < 2048 ? samples::repeated("\"", size) : ""));
  }
}
