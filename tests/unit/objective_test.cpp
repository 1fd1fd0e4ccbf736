#include <doctest/doctest.h>

#include <array>
#include <event_draft/objective.hpp>
#include <string>
#include <string_view>

#include "samples.hpp"

using namespace event_draft;
using samples::utf8;

namespace {

struct Label {
  Objective objective;
  std::string_view composed;
  std::string_view decomposed;  // as Unicode's own tables take it apart
};

constexpr std::array labels{
    Label{Objective::new_customers, "신규 고객 유치",
          "\u1109\u1175\u11AB\u1100\u1172 \u1100\u1169\u1100\u1162\u11A8 \u110B\u1172\u110E\u1175"},
    Label{Objective::repeat_visits, "재방문 유도",
          "\u110C\u1162\u1107\u1161\u11BC\u1106\u116E\u11AB \u110B\u1172\u1103\u1169"},
    Label{Objective::sales_growth, "매출 증대", "\u1106\u1162\u110E\u116E\u11AF \u110C\u1173\u11BC\u1103\u1162"},
    Label{Objective::brand_awareness, "인지도 향상",
          "\u110B\u1175\u11AB\u110C\u1175\u1103\u1169 \u1112\u1163\u11BC\u1109\u1161\u11BC"},
};

static_assert(parse_objective("신규 고객 유치") == Objective::new_customers);
static_assert(parse_objective(labels[3].decomposed) == Objective::brand_awareness);
static_assert(parse_objective("\u3000매출 증대\n") == Objective::sales_growth);
static_assert(!parse_objective(""));
static_assert(to_string(Objective::repeat_visits) == "재방문 유도");

}  // namespace

TEST_CASE("objective: each label is recognised composed and decomposed, and written composed") {
  static_assert(labels.size() == all_objectives.size());
  for (const auto& [objective, composed, decomposed] : labels) {
    CHECK(to_string(objective) == composed);
    CHECK(parse_objective(composed) == objective);
    CHECK(parse_objective(decomposed) == objective);
  }
}

TEST_CASE("objective: a label of mixed spelling is recognised") {
  CHECK(parse_objective("\u1109\u1175\u11AB규 고객 유치") == Objective::new_customers);
  CHECK(parse_objective("시\u11AB규 고\u1100\u1162\u11A8 유치") ==
        Objective::new_customers);  // a syllable, then its final
}

TEST_CASE("objective: white space of any kind around a label is ignored") {
  for (const auto& [objective, composed, decomposed] : labels) {
    for (const char32_t c : samples::white_space) {
      CAPTURE(static_cast<unsigned>(c));
      const std::string space = utf8(c);
      CHECK(parse_objective(space + std::string{composed}) == objective);
      CHECK(parse_objective(std::string{decomposed} + space) == objective);
      CHECK(parse_objective(space + " " + std::string{composed} + space + space) == objective);
    }
  }
}

TEST_CASE("objective: what only looks like white space is not ignored") {
  for (const char32_t c : {U'\0', U'\x1C', U'\x7F', U'\u180E', U'\u200B', U'\u2060', U'\uFEFF'}) {
    CAPTURE(static_cast<unsigned>(c));
    CHECK(!parse_objective(utf8(c) + "매출 증대"));
    CHECK(!parse_objective("매출 증대" + utf8(c)));
  }
}

TEST_CASE("objective: the space inside a label is exactly one U+0020") {
  for (const auto& [objective, composed, decomposed] : labels) {
    for (const std::string_view space : {"", "  ", "\t", "\n", "\u00A0", "\u3000", "\u2009"}) {
      CAPTURE(space);
      CHECK(!parse_objective(samples::replaced(composed, " ", space)));
      CHECK(!parse_objective(samples::replaced(decomposed, " ", space)));
    }
  }
}

TEST_CASE("objective: every cut of a label, and every addition, is refused") {
  for (const auto& [objective, composed, decomposed] : labels) {
    for (const std::string_view label : {composed, decomposed}) {
      for (std::size_t cut = 1; cut < label.size(); ++cut) {
        if (parse_objective(label.substr(cut)) || parse_objective(label.substr(0, cut)))
          FAIL_CHECK(label, " cut at ", cut);
      }
      CHECK(!parse_objective(std::string{label} + "."));
      CHECK(!parse_objective("가" + std::string{label}));
      CHECK(!parse_objective(std::string{label} + std::string{label}));
      CHECK(!parse_objective(std::string{label} + "\u11A8"));  // one more final consonant
    }
  }
}

TEST_CASE("objective: broken UTF-8 around or within a label is refused") {
  for (const std::string_view broken : samples::broken_utf8) {
    const std::string text{broken};
    CHECK(!parse_objective(text));
    CHECK(!parse_objective(text + "매출 증대"));
    CHECK(!parse_objective("매출 증대" + text));
    CHECK(!parse_objective("매출 " + text + "증대"));
  }
}

TEST_CASE("objective: anything else is refused") {
  for (const std::string_view text :
       {"", " ", "\u3000\n", "무료 나눔", "new_customers", "SALES_GROWTH", "0", "ㅁㅐㅊㅜㄹ ㅈㅡㅇㄷㅐ", "매줄 증대",
        "매출 증댸", "신규 고객 유치,재방문 유도"}) {
    CAPTURE(text);
    CHECK(!parse_objective(text));
  }
}
