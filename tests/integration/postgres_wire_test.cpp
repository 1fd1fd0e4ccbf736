#include <doctest/doctest.h>

#include <adapters/postgres/draft_row.hpp>
#include <adapters/postgres/outbox_row.hpp>
#include <adapters/postgres/outbox_statements.hpp>
#include <adapters/postgres/parameters.hpp>
#include <adapters/postgres/shown_url.hpp>
#include <adapters/postgres/sql_state.hpp>
#include <adapters/postgres/statements.hpp>
#include <algorithm>
#include <atomic>
#include <event_draft/testing/contracts/law.hpp>
#include <event_draft/testing/printing.hpp>
#include <limits>
#include <string>
#include <string_view>
#include <thread>

// What goes over the wire, and the pool's rules, without a server.
namespace {

using namespace event_draft;
using namespace event_draft::postgres;

std::string_view bytes(const EightBytes& all) { return {all.data(), all.size()}; }

const EightBytes seven = encode(std::int64_t{7});
const EightBytes user_123 = encode(std::int64_t{123});
const EightBytes nine_oclock = encode(*parse_timestamp("2026-11-23T09:00:00.000Z"));
const EightBytes later = encode(*parse_timestamp("2026-11-23T09:00:00.123Z"));
const EightBytes zero = encode(std::int64_t{0});
const EightBytes negative = encode(std::int64_t{-1});
const EightBytes infinite = encode(std::numeric_limits<std::int64_t>::max());

TEST_CASE("numbers and times are written as PostgreSQL has them, and read back") {
  CHECK(bytes(encode(std::int64_t{0x0102030405060708})) == "\x01\x02\x03\x04\x05\x06\x07\x08");
  CHECK(bytes(encode(std::int64_t{-1})) == std::string(8, '\xFF'));
  CHECK(bytes(encode(*parse_timestamp("2000-01-01T00:00:00.001Z"))) == std::string_view{"\0\0\0\0\0\0\x03\xE8", 8});
  for (const std::int64_t number : {std::int64_t{0}, std::int64_t{-7}, std::numeric_limits<std::int64_t>::max(),
                                    std::numeric_limits<std::int64_t>::min()}) {
    CHECK(integer(bytes(encode(number))) == number);
  }
  for (const std::string_view moment :
       {"0000-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"}) {
    CHECK(time(bytes(encode(*parse_timestamp(moment)))) == parse_timestamp(moment));
  }
}

TEST_CASE("what is no number or no time is told") {
  CHECK_FALSE(integer(std::nullopt));
  CHECK_FALSE(integer("1234567"));
  CHECK_FALSE(integer("123456789"));
  CHECK_FALSE(time(std::nullopt));
  CHECK_FALSE(time(bytes(infinite)));
  CHECK_FALSE(time(bytes(encode(std::numeric_limits<std::int64_t>::min()))));
  CHECK_FALSE(time(bytes(encode(*parse_timestamp("9999-12-31T23:59:59.999Z") + std::chrono::milliseconds{1}))));
  CHECK_FALSE(time(bytes(encode(*parse_timestamp("0000-01-01T00:00:00.000Z") - std::chrono::milliseconds{1}))));
}

TEST_CASE("parameters keep what they are given") {
  const std::string_view no_text;
  const Parameters all{std::int64_t{7}, "text", no_text, std::optional<std::int64_t>{}, std::chrono::milliseconds{-5}};
  REQUIRE(all.size() == 5);
  CHECK(std::string_view{all.values()[0], 8} == bytes(seven));
  CHECK(std::string_view{all.values()[1], static_cast<std::size_t>(all.lengths()[1])} == "text");
  CHECK(all.values()[2] != nullptr);  // empty, and not NULL
  CHECK(all.lengths()[2] == 0);
  CHECK(all.values()[3] == nullptr);
  CHECK(integer(std::string_view{all.values()[4], 8}) == 0);
  CHECK(bounded(std::chrono::milliseconds::max()) == std::chrono::milliseconds{std::chrono::years{1000}}.count());
  ArrayText array;
  CHECK(array.view() == "{}");
  array.add(std::int64_t{-1});
  array.add("EventCreated");
  array.add("");
  CHECK(array.view() == R"({-1,EventCreated,""})");
}

TEST_CASE("a statement's name comes from its text") {
  const std::string_view save{sql::save.name.data()};
  CHECK(save.size() == 28);
  CHECK(save.starts_with("event_draft_"));
  CHECK(save != sql::find.name.data());
}

TEST_CASE("a row reads as its draft only when it keeps the domain's rules") {
  const DraftFields good{bytes(seven), bytes(user_123), "매출 증대", "맛있는집",
                         "음식점",     "서울시 강남구", "DRAFT",     bytes(later)};
  const auto draft = decode(good);
  REQUIRE(draft);
  CHECK(draft->id == DraftId::numbered(7));
  CHECK(draft->user_id == UserId::make(123).value());
  CHECK(to_text(draft->created_at).view() == "2026-11-23T09:00:00.123Z");
  const auto with = [&](std::size_t column, Value field) {
    DraftFields row = good;
    row[column] = field;
    return decode(row);
  };
  CHECK(with(6, "APPROVED"));
  for (std::size_t column = 0; column != good.size(); ++column) {
    CAPTURE(column);
    CHECK_FALSE(with(column, std::nullopt));
    CHECK_FALSE(with(column, ""));
  }
  CHECK_FALSE(with(0, bytes(zero)));
  CHECK_FALSE(with(0, bytes(negative)));
  CHECK_FALSE(with(1, bytes(zero)));
  CHECK_FALSE(with(2, "무료 나눔"));
  CHECK_FALSE(with(2, " 매출 증대"));
  CHECK_FALSE(with(3, " "));
  CHECK_FALSE(with(4, "\xFF"));
  CHECK_FALSE(with(5, "a\nb"));
  CHECK_FALSE(with(6, "draft"));
  CHECK_FALSE(with(7, bytes(infinite)));
}

TEST_CASE("only the ids of this adapter have a row") {
  CHECK(row_id(DraftId::numbered(7)) == 7);
  CHECK(row_id(*DraftId::parse("draft-9223372036854775807")) == std::numeric_limits<std::int64_t>::max());
  for (const std::string_view id : {"draft-0", "draft-07", "draft-7x", "draft--7", "draft-9223372036854775808"}) {
    CHECK_FALSE(row_id(*DraftId::parse(id)));
  }
}

TEST_CASE("a row reads as its claimed event only when it keeps the domain's rules") {
  constexpr std::string_view trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const ClaimedFields good{bytes(seven),    "EventCreated", bytes(later),      trace, bytes(seven), bytes(user_123),
                           bytes(user_123), "매출 증대",    bytes(nine_oclock)};
  const auto event = decode(good);
  REQUIRE(event);
  CHECK(to_text(event->event.id).view() == "draft-7.EventCreated");
  CHECK(to_text(event->event.created_at).view() == "2026-11-23T09:00:00.000Z");
  CHECK(to_text(event->event.occurred_at).view() == "2026-11-23T09:00:00.123Z");
  CHECK(event->event.trace == TraceParent::parse(trace));
  CHECK(event->token == LeaseToken{123});
  CHECK(event->attempts == 7);
  const auto with = [&](std::size_t column, Value field) {
    ClaimedFields row = good;
    row[column] = field;
    return decode(row);
  };
  constexpr std::size_t trace_column = 3;
  CHECK(with(trace_column, std::nullopt));
  for (std::size_t column = 0; column != good.size(); ++column) {
    CAPTURE(column);
    if (column != trace_column) CHECK_FALSE(with(column, std::nullopt));
    CHECK_FALSE(with(column, ""));
  }
  CHECK_FALSE(with(0, bytes(negative)));
  CHECK_FALSE(with(1, "eventCreated"));
  CHECK_FALSE(with(1, std::string_view{"EventCreated\0", 13}));
  CHECK_FALSE(with(2, bytes(infinite)));
  CHECK_FALSE(with(3, "00-zz"));
  CHECK_FALSE(with(4, bytes(zero)));
  CHECK_FALSE(with(4, bytes(encode(std::int64_t{1} << 31U))));
  CHECK_FALSE(with(6, bytes(zero)));
  CHECK_FALSE(with(7, "무료 나눔"));
  CHECK_FALSE(with(8, bytes(infinite)));
}

TEST_CASE("a parked row needs a name, and nothing else") {
  const ParkedFields good{bytes(seven), "EventCreated", bytes(seven), "EVENT_REJECTED", bytes(later)};
  CHECK(decode(good) == ParkedEvent{{DraftId::numbered(7), EventType::event_created},
                                    7,
                                    Errc::event_rejected,
                                    *parse_timestamp("2026-11-23T09:00:00.123Z")});
  const auto odd = decode(ParkedFields{bytes(seven), "EventCreated", bytes(negative), "by hand", std::nullopt});
  REQUIRE(odd);
  CHECK(odd->attempts == 0);
  CHECK(odd->reason == Errc::internal_error);
  CHECK_FALSE(decode(ParkedFields{bytes(seven), "EventDeleted", bytes(seven), "EVENT_REJECTED", bytes(later)}));
  CHECK_FALSE(decode(ParkedFields{bytes(zero), "EventCreated", bytes(seven), "EVENT_REJECTED", bytes(later)}));
  CHECK(decode_stats({bytes(zero), std::nullopt, std::nullopt, bytes(zero)}) == OutboxStats{});
  CHECK(row_name(-7,
                 "a\n\xFF"
                 "b") == "draft--7.a??b");
}

TEST_CASE("an error of the server says what became of the call") {
  const Error refused{Errc::storage_unavailable};
  const Error unknown{Errc::storage_unavailable, {}, Certainty::unknown};
  for (const char* const state :
       {"40001", "53100", "53300", "57P01", "57P03", "25006", "42501", "42P01", "28P01", "3D000", "XX000"}) {
    CAPTURE(state);
    CHECK(error_of(state) == refused);
  }
  for (const char* const state : {"08006", "08P01", "40003"}) CHECK(error_of(state) == unknown);
  for (const char* const state : {"57014", "55P03"}) CHECK(error_of(state) == Error{Errc::deadline_exceeded});
  for (const char* const state : {"23505", "23514", "22003"}) CHECK(error_of(state) == Error{Errc::internal_error});
  CHECK(is_conflict("40001"));
  CHECK(is_conflict("40P01"));
  CHECK_FALSE(is_conflict("40003"));
  for (const char* const state : {"25006", "57P01", "57P02", "57P03", "08P01", "26000"}) CHECK(ends_connection(state));
  for (const char* const state : {"57014", "23505", "53100", "40001"}) CHECK_FALSE(ends_connection(state));
}

TEST_CASE("of a connection string only the place is shown") {
  CHECK(shown_url("postgresql://ann:se%20cret@db.example:5433/drafts?sslpassword=hidden&options=-c%20x%3Dy") ==
        "postgresql://ann@db.example:5433/drafts");
  CHECK(shown_url("host=db.example user=ann password='se cret' dbname=drafts") == "postgresql://ann@db.example/drafts");
  CHECK(shown_url("postgresql://db.example/drafts?user=ann&password=secret") == "postgresql://ann@db.example/drafts");
  CHECK(shown_url("postgresql://ann:se cret@db.example:bad]/x?password") == "(unreadable connection string)");
  CHECK(shown_url("password=se cret nonsense") == "(unreadable connection string)");
}

}  // namespace
