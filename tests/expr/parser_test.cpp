// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "expr/fake.hpp"

namespace {

using namespace itinera;
using namespace itinera::expr;

std::string repeated(std::string_view part, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += part;
  return result;
}

TEST_CASE("parser: an error has its place, and says what is expected", "[expr][parser]") {
  struct Row {
    const char* source;
    std::uint32_t line;
    std::uint32_t column;
    const char* message;
    const char* hint;
  };
  const Row row = GENERATE(values<Row>({
      {"", 1, 1, "an expression is missing", "`event.total > 50`"},
      {"  // nothing", 1, 13, "an expression is missing", ""},
      {"1 +", 1, 4, "expected a value, found the end", ""},
      {"1 +\n  * 2", 2, 3, "expected a value, found `*`", "two sides"},
      {"(1", 1, 3, "a closing )", "too early"},
      {"[1, 2", 1, 6, "a comma or a closing ]", ""},
      {"{1 2}", 1, 4, "a colon between key and value", ""},
      {"true ? 1", 1, 9, "a colon", ""},
      {"x.", 1, 3, "the name of a field", ""},
      {"x = 1", 1, 3, "CEL does not know `=`", "write `==`"},
      {"x === 1", 1, 3, "CEL does not know `===`", "write `==`"},
      {"x & y", 1, 3, "CEL does not know `&`", "write `&&`"},
      {"x | y", 1, 3, "CEL does not know `|`", "write `||`"},
      {"x and y", 1, 3, "found `and`", "write `&&`"},
      {"x or y", 1, 3, "found `or`", "write `||`"},
      {"not x", 1, 1, "`not` is no operator", "write `!`"},
      {"x <> y", 1, 4, "found `>`", "write `!=`"},
      {"x == \"a", 1, 6, "no closing quote", "close it"},
      {"x > 2026-05-01", 1, 5, "no date to CEL", "`timestamp(\"2026-05-01T00:00:00Z\")`"},
      {"2026-05-01T10:00:00Z < x", 1, 1, "no instant to CEL",
       "write `timestamp(\"2026-05-01T10:00:00Z\")`"},
      {"'a\nb'", 1, 1, "no closing quote", ""},
      {"'\\q'", 1, 2, "is no escape", "backslash"},
      {"'\\ud800'", 1, 2, "no Unicode character", "10FFFF"},
      {"12abc", 1, 3, "a letter stands directly after a number", "duration"},
      {"0x", 1, 1, "digits after 0x", "`0xFF`"},
      {"1e", 1, 2, "exponent", "`1e6`"},
      {"9223372036854775808", 1, 1, "does not fit into 64 bits", ".0"},
      {"1e999", 1, 1, "does not fit into a double", "1.8e308"},
      {"\xE2\x80\x9Cgold\xE2\x80\x9D", 1, 1, "CEL does not know `\xE2\x80\x9C`", "plain quotes"},
      {"'\xFF'", 1, 2, "not valid UTF-8", "UTF-8"},
      {"for", 1, 1, "`for` is a reserved word", "`event[\"for\"]`"},
      {"x == 1 2", 1, 8, "an operator or the end, found `2`", "write an operator"},
      {"has(x)", 1, 1, "has() takes one field", "has(contact.tier)"},
      {"x.all(1, true)", 1, 7, "must be a plain name", "items.all"},
      {"`a`", 1, 1, "stands only after a dot", ""},
      {"x := 1", 1, 4, "CEL does not know `=`", "write `==`"},
      {"x => 1", 1, 3, "CEL does not know `=>`", "write `>=`"},
      {"x =< 1", 1, 3, "CEL does not know `=<`", "write `<=`"},
      {"x \xE2\x89\xA5 1", 1, 3, "CEL does not know `\xE2\x89\xA5`", "write `>=`"},
      {"x == \xE2\x80\x98"
       "a\xE2\x80\x99",
       1, 6, "CEL does not know", "plain quotes"},
      {"x\xC2\xA0== 1", 1, 2, "CEL does not know", "blank"},
      {"x ^ 2", 1, 3, "CEL does not know `^`", "no powers"},
      {"$x", 1, 1, "CEL does not know `$`", "`contact.tier`"},
      {"\\x", 1, 1, "CEL does not know `\\`", "inside quotes only"},
      {"\x01", 1, 1, "control character", "delete it"},
      {"&& x", 1, 1, "expected a value, found `&&`", "two sides"},
      {"x == == y", 1, 6, "expected a value, found `==`", "two sides"},
      {"x > 1)", 1, 6, "found `)`", "closes nothing"},
      {"(x > )", 1, 6, "found `)`", "complete"},
      {"x in (1, 2)", 1, 8, "found `,`", "`[1, 2]`"},
      {"x ! y", 1, 3, "found `!`", "write `!=`"},
      {"x == very gold", 1, 11, "found `gold`", "a text in quotes"},
      {"1 (2)", 1, 3, "found `(`", "write an operator before `(`"},
      {"x : y", 1, 3, "found `:`", "`condition ? value : other`"},
      {"if (x) 1", 1, 1, "`if` is a reserved word", "`condition ? value : other`"},
      {"x.in", 1, 3, "`in` is a word of CEL", "`[\"in\"]`"},
      {"x.5", 1, 2, "found `.5`", "write an operator"},
      {"x.`a", 1, 3, "no closing back quote", "close it"},
      {"x.`a$`", 1, 3, "a name in back quotes", "event["},
      {"1ux", 1, 2, "a letter stands directly after a number", "duration"},
      {"18446744073709551616u", 1, 1, "does not fit into 64 bits", "`.0`"},
      {"b'\\u0041'", 1, 3, "no escape of CEL", "backslash"},
      {"x ; y", 1, 3, "found `;`", "join two by `&&`"},
      {"x # y", 1, 3, "does not know `#`", "`//`"},
  }));
  const Issue issue = issue_of(row.source);
  CAPTURE(row.source, issue.message, issue.hint);
  CHECK(issue.code == ErrorCode::condition_syntax);
  CHECK(issue.line == row.line);
  CHECK(issue.column == row.column);
  CHECK(issue.message.find(row.message) != std::string::npos);
  CHECK(issue.hint.find(row.hint) != std::string::npos);
  CHECK_FALSE(issue.hint.empty());
  CHECK(std::count(issue.hint.begin(), issue.hint.end(), '`') % 2 == 0);
}

TEST_CASE("parser: messages are no part of it", "[expr][parser]") {
  CHECK(issue_of("contact{a: 1}").code == ErrorCode::condition_syntax);
}

TEST_CASE("parser: depth is bounded without a crash", "[expr][parser][limits]") {
  Limits wide;
  wide.condition_bytes = 1u << 20;
  wide.condition_nodes = 1u << 20;
  constexpr std::size_t many = 100'000;
  for (const char* part : {"(", "[", "{1:", "x[", "x.f(", "size(", "true ? ", "true ? 1 : "}) {
    CAPTURE(part);
    CHECK(issue_of(repeated(part, many), usual(), wide).code == ErrorCode::too_large);
    wide.condition_depth = 1u << 30;  // the library's own bound holds as well
    CHECK(issue_of(repeated(part, many), usual(), wide).code == ErrorCode::too_large);
    wide.condition_depth = Limits{}.condition_depth;
  }
  CHECK(issue_of("x" + repeated(".a", many), usual(), wide).code == ErrorCode::too_large);
  CHECK(issue_of("1" + repeated(" < 1", many), usual(), wide).code == ErrorCode::too_large);
}

TEST_CASE("parser: long chains are no deep trees", "[expr][parser][limits]") {
  Limits wide;
  wide.condition_bytes = 1u << 20;
  wide.condition_nodes = 1u << 20;
  constexpr std::size_t many = 10'000;
  const auto truth_of_source = [&](const std::string& source) {
    Fake activation({{"x", false}, {"y", 0}});
    Arena arena(1u << 24);
    return to_json(to_value(compiled(source, usual(), wide).evaluate(activation, arena)));
  };
  CHECK(truth_of_source("x" + repeated(" || x", many)) == "false");
  CHECK(truth_of_source("!x" + repeated(" && !x", many)) == "true");
  CHECK(truth_of_source("y" + repeated(" + 1", many)) == "10000");
  CHECK(truth_of_source("y + 1" + repeated(" * 1", many)) == "1");
  CHECK(truth_of_source(repeated("!", many) + "x") == "false");
  CHECK(truth_of_source(repeated("!", many + 1) + "x") == "true");
  CHECK(truth_of_source(repeated("-", many) + "(y + 1)") == "1");
}

TEST_CASE("parser: bytes and parts are bounded", "[expr][parser][limits]") {
  CHECK(issue_of("'" + std::string(Limits{}.condition_bytes, 'a') + "'").code ==
        ErrorCode::too_large);
  Limits small;
  small.condition_nodes = 3;
  CHECK(value_of("1 + 1", {}, small) == "2");
  CHECK(issue_of("1 + 1 + 1", usual(), small).code == ErrorCode::too_large);
}

TEST_CASE("parser: compiled patterns count as memory", "[expr][parser][limits]") {
  const std::string one = "'a'.matches('(a{500}|b{500}){2}')";
  CHECK(value_of(one) == "false");
  CHECK(issue_of(one + repeated(" || " + one, 60)).code == ErrorCode::too_large);
}

TEST_CASE("parser: macros nest so deep and no deeper", "[expr][parser][limits]") {
  std::string source = "true";
  for (int i = 0; i < 4; ++i) source = "[1].all(a, " + source + ")";
  CHECK(value_of(source) == "true");
  CHECK(issue_of("[1].all(a, " + source + ")").code == ErrorCode::too_large);
}

TEST_CASE("parser: precedence is CEL's", "[expr][parser]") {
  CHECK(value_of("1 + 2 * 3 == 7 && !false || false") == "true");
  CHECK(value_of("true || false && false") == "true");
  CHECK(value_of("false ? 1 : true ? 2 : 3") == "2");
  CHECK(value_of("10 - 2 - 3") == "5");
  CHECK(value_of("100 / 10 / 2 % 3") == "2");
  CHECK(value_of("1 < 2 == true") == "true");
  CHECK(value_of("-2 * -3") == "6");
  CHECK(value_of("1 in [1] && 2 in {2: 3}") == "true");
  CHECK(value_of("1 // a comment\n + 1") == "2");
}

TEST_CASE("parser: lists and maps may end in a comma, calls may not", "[expr][parser]") {
  CHECK(value_of("[1, 2,] == [1, 2] && {'a': 1,} == {'a': 1}") == "true");
  for (const char* source :
       {"has(contact.a,)", "size('a',)", "'a'.startsWith('a',)", "size(,)", "[1].all(a, true,)"}) {
    CHECK(issue_of(source).code == ErrorCode::condition_syntax);
  }
}

}  // namespace
