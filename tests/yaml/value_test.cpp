// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "yaml/support.hpp"

using namespace itinera;
using namespace itinera::yaml_test;
using Codes = std::vector<std::string>;

namespace {

LoadedWorkspace with_datum(std::string_view written) {
  return load(campaign(fmt::format("  - send: email\n    data:\n      k: {}\n", written)));
}

Value literal(std::string_view written) {
  const LoadedWorkspace loaded = with_datum(written);
  INFO(written << "\n" << text_of(loaded.diagnostics));
  REQUIRE(loaded.diagnostics.empty());
  return std::get<Send>(loaded.campaigns.at(0).steps.at(0).kind).data.at(0).literal;
}

}  // namespace

TEST_CASE("literals are null, booleans, numbers, texts, lists and maps", "[yaml][value]") {
  CHECK(literal("null") == Value());
  CHECK(literal("true") == Value(true));
  CHECK(literal("false") == Value(false));
  CHECK(literal("0") == Value(0));
  CHECK(literal("-17") == Value(-17));
  CHECK(literal("9223372036854775807") == Value(INT64_MAX));
  CHECK(literal("-9223372036854775808") == Value(INT64_MIN));
  CHECK(literal("1.5") == Value(1.5));
  CHECK(literal("-0.25e-2") == Value(-0.0025));
  CHECK(literal("1e3") == Value(1000.0));
  CHECK(literal("spring") == Value("spring"));
  CHECK(literal("13408@example.com") == Value("13408@example.com"));
  CHECK(literal("1.2.3") == Value("1.2.3"));
  CHECK(literal("2026-03-02") == Value("2026-03-02"));
  CHECK(literal("2026-03-02T10:00:00Z") == Value("2026-03-02T10:00:00Z"));
  CHECK(literal("14:00-16:00") == Value("14:00-16:00"));
  CHECK(literal("\"17\"") == Value("17"));
  CHECK(literal("'yes'") == Value("yes"));
  CHECK(literal("\"null\"") == Value("null"));
  CHECK(literal("\"a\\tb\\u0142\"") == Value("a\tb\u0142"));
  CHECK(literal("\"\"") == Value(""));
  CHECK(literal("[1, two, [3.0]]") == Value(Value::List{1, "two", Value::List{3.0}}));
  CHECK(literal("{a: 1, b: {c: null}}") ==
        Value(Value::Map{{"a", 1}, {"b", Value::Map{{"c", Value()}}}}));
  CHECK(literal("|\n        two\n        lines\n") == Value("two\nlines\n"));
}

TEST_CASE("what YAML readers disagree on is an error with a hint", "[yaml][value]") {
  for (const char* doubtful :
       {"yes",  "no",   "on",    "off",     "NO",    "Yes",  "True",  "FALSE",
        "Null", "~",    "09:00", "9:30:15", "010",   "-07",  "+1",    "+48500100200",
        "0x1F", "0o17", ".5",    "1.",      "1_000", ".inf", "-.INF", ".NaN"}) {
    const LoadedWorkspace loaded = with_datum(doubtful);
    INFO(doubtful << "\n" << text_of(loaded.diagnostics));
    REQUIRE(codes(loaded.diagnostics) == Codes{"bad_value 7:10"});
    CHECK(loaded.diagnostics[0].hint.find(fmt::format("\"{}\"", doubtful)) != std::string::npos);
    CHECK(literal(fmt::format("\"{}\"", doubtful)) == Value(doubtful));
  }
}

TEST_CASE("numbers that do not fit are errors", "[yaml][value]") {
  CHECK(codes(with_datum("9223372036854775808").diagnostics) == Codes{"bad_value 7:10"});
  CHECK(codes(with_datum("1e999").diagnostics) == Codes{"bad_value 7:10"});
}

TEST_CASE("a missing value is no null", "[yaml][value]") {
  CHECK(codes(with_datum("").diagnostics) == Codes{"bad_value 7:7"});
  CHECK(codes(with_datum("[1, , 2]").diagnostics).size() == 1);
}

TEST_CASE("a text may look like a number, not like a boolean, a time or null", "[yaml][value]") {
  const auto named = [](std::string_view name) {
    return load(campaign(fmt::format("  - send: email\n    template: {}\n", name)));
  };
  CHECK(std::get<Send>(named("007").campaigns.at(0).steps[0].kind).template_name == "007");
  CHECK(named("007").diagnostics.empty());
  for (const char* doubtful : {"on", "09:00", "null", "~", "NO"}) {
    INFO(doubtful);
    CHECK(codes(named(doubtful).diagnostics) == Codes{"bad_value 6:15"});
    CHECK(named(fmt::format("\"{}\"", doubtful)).diagnostics.empty());
  }
  CHECK(codes(named("\"\"").diagnostics) == Codes{"bad_value 6:15"});
  CHECK(codes(named("").diagnostics) == Codes{"wrong_type 6:5"});
}

TEST_CASE("a number that 64 bits cannot hold is too large, or too near to 0", "[yaml][value]") {
  for (const char* number : {"1e400", "-1e400", "1e-400", "-1e-400"}) {
    const LoadedWorkspace loaded = with_datum(number);
    INFO(number);
    REQUIRE(codes(loaded.diagnostics) == Codes{"bad_value 7:10"});
    CHECK(loaded.diagnostics[0].message ==
          fmt::format("the number {} is too large for 64 bits, or too near to 0", number));
  }
  CHECK(with_datum("9223372036854775808").diagnostics.at(0).message ==
        "the number 9223372036854775808 does not fit into 64 bits");
}
