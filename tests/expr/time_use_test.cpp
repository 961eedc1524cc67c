// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "expr/program.hpp"
#include "fake.hpp"
#include "support/catch.hpp"

namespace itinera::expr {
namespace {

// Where the culprit stands, as a column; 0 if all moments can be computed.
std::uint32_t culprit(std::string_view source) {
  CAPTURE(source);
  const Program::Compiled made = Program::compile(source, usual());
  REQUIRE(made.program);
  return made.unsolvable ? made.unsolvable->column : 0;
}

// How the one comparison of `source` stands when `now` is so many seconds after 1970.
std::string stands(std::string_view source, std::int64_t seconds) {
  CAPTURE(source, seconds);
  Fake data;
  data.value("now", Value(Timestamp{seconds, 0}));
  data.value("contact.due", Value(Timestamp{1000, 0}));
  const Program program = compiled(source);
  REQUIRE(program.timed_comparisons() == 1);
  Arena arena;
  switch (program.standing(0, data, arena).standing) {
    case Program::Standing::error: return "error";
    case Program::Standing::less: return "less";
    case Program::Standing::equal: return "equal";
    case Program::Standing::greater: break;
  }
  return "greater";
}

}  // namespace

TEST_CASE("time: moments of linear comparisons and of windows can be computed", "[expr][time]") {
  for (const char* source : {
           "now >= timestamp(contact.due)",
           "now - timestamp(contact.due) >= days(3)",
           "timestamp(contact.due) - now < duration('24h') && contact.tier == 'gold'",
           "!(now + days(1) == timestamp(contact.due))",
           "since_last('order') >= days(45) || !ever('order')",
           "count('order', '90d') + count('visit', '7d') > 3",
           "sum('order', 'total', '30d') > contact.limit",
           "contact.vip ? now > timestamp(contact.due) : count('order', '1d') == 0",
           "contact.tags.exists(t, t == 'x' && count('order', '1d') > 0)",
           "contact.tier == 'gold'",
           "last('order') < timestamp(contact.due)",
       }) {
    CHECK(culprit(source) == 0);
  }
}

TEST_CASE("time: what is not linear in the time names its culprit", "[expr][time]") {
  CHECK(culprit("now.getHours() >= 9") == 5);
  CHECK(culprit("contact.x == 1 && now.getDayOfWeek() == 1") == 23);
  CHECK(culprit("string(now) == 'x'") == 1);
  CHECK(culprit("now in [now]") != 0);
  CHECK(culprit("(contact.a ? now : timestamp(contact.due)) > timestamp(contact.b)") != 0);
  CHECK(culprit("contact.dates.exists(d, timestamp(d) > now)") != 0);
  CHECK(culprit("string(since_last('order')) == '3s'") == 1);
  CHECK(culprit("now") == 1);
}

TEST_CASE("time: equality goes with the side that keeps the comparison's outcome", "[expr][time]") {
  for (const auto& [source, at_equal] :
       {std::pair{"now >= contact.due", "greater"}, std::pair{"now < contact.due", "greater"},
        std::pair{"now <= contact.due", "less"}, std::pair{"now > contact.due", "less"},
        std::pair{"now == contact.due", "equal"}, std::pair{"now != contact.due", "equal"}}) {
    CHECK(stands(source, 999) == "less");
    CHECK(stands(source, 1000) == at_equal);
    CHECK(stands(source, 1001) == "greater");
  }
  CHECK(stands("now > contact.nothing", 1) == "error");
  CHECK(stands("now > contact.due + days(1)", 1001) == "less");
}

TEST_CASE("segments: a condition asks for membership by name", "[expr][checker]") {
  Declarations declared = usual();
  declared.segments = true;
  declared.segment_names = {"lapsed", "vip"};
  const Program program = compiled("in_segment('vip') && !in_segment(\"lapsed\")", declared);
  CHECK(program.slots() == std::vector<Slot>{{"in_segment()", "vip"}, {"in_segment()", "lapsed"}});
  CHECK_FALSE(program.reads_time());
  CHECK(issue_of("in_segment('lapse')", declared).hint == "did you mean 'lapsed'?");
  CHECK(issue_of("in_segment(contact.x)", declared).code == ErrorCode::condition_type);
  CHECK(issue_of("in_segment('vip')", usual()).code == ErrorCode::condition_unknown);
}

TEST_CASE("time: a comparison within a macro may hold macros of its own", "[expr][time]") {
  const std::string due = "[contact.due, contact.due]";
  for (const std::string& source :
       {"[1, 2].all(i, now >= " + due + ".map(k, k)[0])",
        "[1].all(i, [2].exists(j, now >= " + due + ".filter(k, k == contact.due)[1]))",
        "[1].all(i, now >= " + due + ".map(k, [k].map(m, m)[0])[0])"}) {
    CHECK(stands(source, 999) == "less");
    CHECK(stands(source, 1000) == "greater");
    CHECK(stands(source, 1001) == "greater");
  }
}

}  // namespace itinera::expr
