// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "base/packed_value.hpp"
#include "expr/fake.hpp"

namespace {

using namespace itinera;
using namespace itinera::expr;

// Evaluates with x and y each true, false or an error ("unknown").
std::string with(const std::string& source, char x, char y) {
  Fake activation;
  for (const auto& [name, state] : {std::pair{"x", x}, std::pair{"y", y}}) {
    if (state == 'u') {
      activation.error(name, EvalError::unknown_data);
    } else {
      activation.value(name, state == 't');
    }
  }
  const std::string value = value_of(source, activation);
  return value == "true"                 ? "t"
         : value == "false"              ? "f"
         : value == "error unknown_data" ? "u"
                                         : value;
}

TEST_CASE("and, or: the nine rows, unknown absorbed both ways", "[expr][truth]") {
  struct Row {
    char x, y, both, either;
  };
  for (const Row& row :
       {Row{'t', 't', 't', 't'}, Row{'t', 'f', 'f', 't'}, Row{'t', 'u', 'u', 't'},
        Row{'f', 't', 'f', 't'}, Row{'f', 'f', 'f', 'f'}, Row{'f', 'u', 'f', 'u'},
        Row{'u', 't', 'u', 't'}, Row{'u', 'f', 'f', 'u'}, Row{'u', 'u', 'u', 'u'}}) {
    CAPTURE(row.x, row.y);
    CHECK(with("x && y", row.x, row.y) == std::string(1, row.both));
    CHECK(with("x || y", row.x, row.y) == std::string(1, row.either));
    CHECK(with("[1, 2].all(i, i == 1 ? x : y)", row.x, row.y) == std::string(1, row.both));
    CHECK(with("[1, 2].exists(i, i == 1 ? x : y)", row.x, row.y) == std::string(1, row.either));
    CHECK(with("x && y && x", row.x, row.y) == std::string(1, row.both));
    CHECK(with("x || y || x", row.x, row.y) == std::string(1, row.either));
  }
}

TEST_CASE("not, ternary: unknown stays unknown", "[expr][truth]") {
  CHECK(with("!x", 't', 't') == "f");
  CHECK(with("!x", 'f', 't') == "t");
  CHECK(with("!x", 'u', 't') == "u");
  CHECK(with("x ? true : false", 'u', 't') == "u");
  CHECK(with("x ? y : true", 't', 'u') == "u");
  CHECK(with("x ? y : true", 'f', 'u') == "t");
}

TEST_CASE("and, or: what is no bool is an error, absorbed like one", "[expr][truth]") {
  Fake activation({{"x", 32}});
  CHECK(value_of("x && false", activation) == "false");
  CHECK(value_of("x && true", activation) == "error no_such_overload");
  CHECK(value_of("true && x", activation) == "error no_such_overload");
  CHECK(value_of("x || true", activation) == "true");
  CHECK(value_of("false || x", activation) == "error no_such_overload");
  CHECK(truth_of(Cell::of(std::int64_t{1})) == Truth::unknown);
  CHECK(truth_of(Cell::of(EvalError::overflow)) == Truth::unknown);
  CHECK(truth_of(Cell::of(true)) == Truth::yes);
  CHECK(truth_of(Cell::of(false)) == Truth::no);
}

TEST_CASE("slots: a record's fields are asked for one by one, each once", "[expr][slots]") {
  const Program program = compiled(
      "contact.tier == 'gold' && event['cart id'] == 'c' && has(contact.tier) && x == 1 &&"
      " has(event.`cart id`) && contact.tier != 'none'");
  CHECK(program.slots() == std::vector<Slot>{{"contact", "tier"}, {"event", "cart id"}, {"x", ""}});
  Fake activation({{"contact.tier", "gold"}, {"event.cart id", "c"}, {"x", 1}});
  Arena arena;
  CHECK(truth_of(program.evaluate(activation, arena)) == Truth::yes);
}

TEST_CASE("slots: an absent field is an error, has() tests for it", "[expr][slots]") {
  Fake activation({{"contact.address", Value(Value::Map{{"city", "Gdynia"}})}});
  activation.error("contact.late", EvalError::unknown_data);
  CHECK(value_of("contact.tier", activation) == "error no_such_key");
  CHECK(value_of("contact.tier == 'gold'", activation) == "error no_such_key");
  CHECK(value_of("has(contact.tier)", activation) == "false");
  CHECK(value_of("has(contact['tier'])", activation) == "false");
  CHECK(value_of("has(contact.tier) && contact.tier == 'gold'", activation) == "false");
  CHECK(value_of("has(contact.address)", activation) == "true");
  CHECK(value_of("has(contact.address.city)", activation) == "true");
  CHECK(value_of("has(contact.address.street)", activation) == "false");
  CHECK(value_of("has(contact.tier.city)", activation) == "error no_such_key");
  CHECK(value_of("has(contact.late)", activation) == "error unknown_data");
  CHECK(value_of("contact.address.city + '!'", activation) == "\"Gdynia!\"");
}

TEST_CASE("macros: their variable hides names around it", "[expr][macros]") {
  Fake activation({{"contact.tags", Value(Value::List{"a", "bb"})}, {"x", 7}});
  CHECK(value_of("contact.tags.exists(contact, contact == 'bb')", activation) == "true");
  CHECK(value_of("[1, 2].map(x, x + 1)", activation) == "[2,3]");
  CHECK(value_of("[1, 2].map(x, [3].map(x, x)[0])", activation) == "[3,3]");
  CHECK(value_of("[1, 2].map(i, [10, 20].map(j, i * j + x))", activation) == "[[17,27],[27,47]]");
  CHECK(value_of("[1, 2, 3].map(i, i > x - 6, i * 2)", activation) == "[4,6]");
  CHECK(value_of("contact.tags.filter(t, size(t) > 1)", activation) == "[\"bb\"]");
  CHECK(value_of("contact.tags.exists_one(t, t == 'a')", activation) == "true");
  CHECK(value_of("{'a': 1, 'b': x}.map(k, k)", activation) == "[\"a\",\"b\"]");
  CHECK(value_of("contact.none.all(t, true)", activation) == "error no_such_key");
  CHECK(value_of("x.all(t, true)", activation) == "error no_such_overload");
  CHECK(value_of("[x, 0].map(i, 1 / i)", activation) == "error divide_by_zero");
  CHECK(value_of("[x, 0].filter(i, i)", activation) == "error no_such_overload");
}

TEST_CASE("history: calls carry what is to be counted", "[expr][history]") {
  const Program program = compiled(
      "count('bought', '90d', e.brand == 'Fender') >= 2 && sum('paid', 'total', 'P1DT12H') > 5.0"
      " && since_last('seen') >= days(45) && ever('joined', e.by == 'ad') && count('a') == 0"
      " && count('b', e.ok) == 0 && last('c', e.n > 1) < now");
  const auto& calls = program.history_calls();
  REQUIRE(calls.size() == 7);
  CHECK(calls[0].function == HistoryCall::Function::count);
  CHECK(calls[0].event == "bought");
  CHECK(calls[0].window_ms == 90 * day_ms);
  REQUIRE(calls[0].filter != nullptr);
  CHECK(calls[0].filter->slots() == std::vector<Slot>{{"e", "brand"}});
  CHECK(calls[1].function == HistoryCall::Function::sum);
  CHECK(calls[1].property == "total");
  CHECK(calls[1].window_ms == 36 * hour_ms);
  CHECK(calls[1].filter == nullptr);
  CHECK(calls[2].function == HistoryCall::Function::since_last);
  CHECK(calls[3].function == HistoryCall::Function::ever);
  CHECK(calls[3].filter != nullptr);
  CHECK(!calls[4].window_ms);
  CHECK(calls[5].filter != nullptr);
  CHECK(calls[6].function == HistoryCall::Function::last);

  Arena arena;
  Fake event;
  event.value("e.brand", "Fender");
  CHECK(truth_of(calls[0].filter->evaluate(event, arena)) == Truth::yes);
  CHECK(value_of("count('bought') + 1", Fake({{"bought", 2}})) == "3");
  CHECK(value_of("since_last('seen') >= days(2)", Fake({{"seen", TimeSpan{3 * 86'400, 0}}})) ==
        "true");
  CHECK(value_of("last('seen')") == "error no_such_key");
  Fake unknown;
  unknown.error("seen", EvalError::unknown_data);
  CHECK(value_of("ever('seen') || true", unknown) == "true");
  CHECK(value_of("ever('seen')", unknown) == "error unknown_data");
}

TEST_CASE("history: windows are elapsed time, short or ISO", "[expr][history]") {
  const auto window = [](const std::string& text) {
    return compiled("count('a', '" + text + "')").history_calls()[0].window_ms.value();
  };
  CHECK(window("1d") == day_ms);
  CHECK(window("1w2d3h4m5s6ms") == 9 * day_ms + 3 * hour_ms + 4 * minute_ms + 5'006);
  CHECK(window("90m") == 90 * minute_ms);
  CHECK(window("P2W") == 14 * day_ms);
  CHECK(window("PT90M") == 90 * minute_ms);
  for (const char* text : {"", "90", "d", "1.5d", "-1d", "1h1d", "1d1d", "P1M", "P1Y", "P", "PT",
                           "P1DT", "0d", "1d ", "99999999999999999w", "P1H"}) {
    CAPTURE(text);
    const Issue issue = issue_of("count('a', '" + std::string(text) + "') > 0");
    CHECK(issue.code == ErrorCode::condition_type);
    CHECK(issue.column == 12);
  }
}

TEST_CASE("history: windows beyond all time are one, so that sums with them stay sums",
          "[expr][history]") {
  const auto window = [](const std::string& text) {
    return compiled("count('a', '" + text + "') > 0").history_calls()[0].window_ms;
  };
  CHECK(window("3652058d") == 3'652'058 * day_ms);
  CHECK(window("9223372036854775807ms") == longest_window_ms + 1);
  CHECK(window("106751991000d") == longest_window_ms + 1);
}

TEST_CASE("history: wrong calls are refused with an example", "[expr][history]") {
  for (const char* source :
       {"count()", "count(x)", "count('')", "count(x, '90d')", "count('a', x, true)",
        "count('a', '90d', true, true)", "sum('a')", "sum('a', x)", "last('a', '90d')",
        "ever('a', true, true)", "ever('a', 1)", "count('a', e.x, e.y)"}) {
    CAPTURE(source);
    const Issue issue = issue_of(source);
    CHECK(issue.code == ErrorCode::condition_type);
  }
  CHECK(issue_of("count('a', contact.tier == 'x') > 0").code == ErrorCode::condition_unknown);
  CHECK(issue_of("count('a', e) > 0").code == ErrorCode::condition_type);
  CHECK(issue_of("count('a', ever('b')) > 0").code == ErrorCode::condition_unknown);
  CHECK(issue_of("[1].all(i, ever('b', e.n == i))").code == ErrorCode::condition_unknown);
}

TEST_CASE("reads_time: now, since_last and windows do", "[expr][history]") {
  CHECK(compiled("now > timestamp(0)").reads_time());
  CHECK(compiled("since_last('a') > days(1)").reads_time());
  CHECK(compiled("count('a', '1d') > 1").reads_time());
  CHECK(compiled("x == 1 || [1].exists(i, count('a', '1d') > i)").reads_time());
  CHECK(!compiled("count('a') > 1 && ever('b') && has(contact.now)").reads_time());
}

TEST_CASE("constant: known where nothing is read", "[expr][constant]") {
  CHECK(compiled("true").constant() == Value(true));
  CHECK(compiled("1 + 1 == 2 && 'a' in ['a']").constant() == Value(true));
  CHECK(compiled("[1, 2].map(i, i * 2)").constant() == Value(Value::List{2, 4}));
  CHECK(compiled("{'a': duration('1h')}.a").constant() == Value(TimeSpan{3'600, 0}));
  CHECK(!compiled("1 / 0").constant());
  CHECK(!compiled("x").constant());
  CHECK(!compiled("ever('a')").constant());
  CHECK(!compiled("timestamp(0).getHours('Europe/Berlin')").constant());
  CHECK(!compiled("[1].all(i, i == x)").constant());
}

namespace {

// Ten times itself within itself, so many times over: a list that memory holds once.
std::string shared_list(int levels) {
  const std::string ten = "[0,0,0,0,0,0,0,0,0,0]";
  std::string list = ten;
  for (int i = 0; i < levels; ++i) list = "[" + list + "].map(v, " + ten + ".map(x, v))[0]";
  return list;
}

}  // namespace

TEST_CASE("constant: none where a list that is shared would be beyond all bounds as a value",
          "[expr][constant][limits]") {
  CHECK(compiled(shared_list(2)).constant());
  CHECK_FALSE(compiled(shared_list(5)).constant());  // a million members
  CHECK(compiled("size(" + shared_list(5) + ") == 10").constant_truth() == true);
  CHECK_FALSE(compiled("dyn(" + shared_list(5) + ")").constant_truth());
}

TEST_CASE("values: how much a cell comes to is found out without making it",
          "[expr][cell][limits]") {
  Arena arena;
  const Cell small = view_of(Value::List{"four", Value::Map{{"k", 1}}}, arena);
  CHECK(is_within(small, {5, 5}));
  CHECK_FALSE(is_within(small, {4, 5}));
  CHECK_FALSE(is_within(small, {5, 4}));
  CHECK(is_within(Cell::of_bytes("1234"), {1, 8}));  // as base64
  CHECK_FALSE(is_within(Cell::of_bytes("1234"), {1, 7}));
  std::vector<Cell> level(100, Cell::of(true));
  std::vector<std::vector<Cell>> levels;
  for (int i = 0; i < 30; ++i) {  // 10^60 members
    levels.push_back(level);
    level.assign(100, Cell::of(std::span<const Cell>(levels.back())));
  }
  CHECK_FALSE(is_within(level[0], {100'000, 100'000}));
}

TEST_CASE("constant: computed once, also within macros", "[expr][constant]") {
  CHECK(value_of("[1, 2].filter(i, i in [1 + 1, 4])") == "[2]");
  CHECK(value_of("[x].map(i, [1, 2].map(j, j + 1) + [i])", Fake({{"x", 9}})) == "[[2,3,9]]");
}

TEST_CASE("budget: steps and memory end an evaluation", "[expr][limits]") {
  const std::string hundred = "[x,x,x,x,x,x,x,x,x,x]";
  const std::string loops = hundred + ".all(a, " + hundred + ".all(b, " + hundred + ".all(c, " +
                            hundred + ".all(d, a + b + c + d < 100))))";
  CHECK(value_of(loops, Fake({{"x", 1}})) == "error budget");
  CHECK(value_of("true || " + loops, Fake({{"x", 1}})) == "true");
  Limits little;
  little.condition_memory = 1'024;
  const std::string text(200, 'a');
  CHECK(value_of("size(x + x + x)", Fake({{"x", text}}), little) == "600");
  CHECK(value_of("size(x + x + x + x + x)", Fake({{"x", text}}), little) == "error budget");
  CHECK(value_of("x + x == x || true", Fake({{"x", std::string(2'000, 'a')}}), little) ==
        "error budget");
}

TEST_CASE("budget: an expensive constant is left for the evaluation", "[expr][limits]") {
  const std::string hundred = "[1,1,1,1,1,1,1,1,1,1]";
  const std::string loops = hundred + ".all(a, " + hundred + ".all(b, " + hundred + ".all(c, " +
                            hundred + ".all(d, a + b + c + d < 100))))";
  CHECK(!compiled(loops).constant());
  CHECK(value_of(loops) == "error budget");
}

TEST_CASE("budget: texts of the source are no built memory", "[expr][limits]") {
  Limits none;
  none.condition_memory = 0;
  CHECK(value_of("'a text' == 'a text' && x == 'another'", Fake().value("x", Value("another")),
                 none) == "true");
  CHECK(value_of("'a' + 'b' == 'ab'", {}, none) == "error budget");
}

TEST_CASE("zones: named by the activation, offsets always", "[expr][time]") {
  Fake activation({{"now", Timestamp{1'772'445'600, 0}}});  // 2026-03-02T10:00:00Z
  CHECK(value_of("now.getHours('+02:30')", activation) == "12");
  CHECK(value_of("now.getHours('UTC')", activation) == "10");
  CHECK(value_of("now.getHours('Europe/Berlin')", activation) == "error bad_conversion");
  CHECK(value_of("now.getHours('+25:00')", activation) == "error bad_conversion");
  CHECK(value_of("now - days(60000000)", activation) == "error overflow");
  CHECK(value_of("days(9223372036854775807)") == "error overflow");
  CHECK(value_of("string(now + duration('1.5s'))", activation) == "\"2026-03-02T10:00:01.5Z\"");
}

TEST_CASE("times: numbers of a host beyond CEL's range become the nearest within", "[expr][time]") {
  Fake activation({{"x", Timestamp{INT64_MAX, INT32_MIN}}, {"y", TimeSpan{INT64_MIN, INT32_MIN}}});
  CHECK(value_of("x", activation) == "\"9999-12-31T23:59:59Z\"");
  CHECK(value_of("x.getFullYear('+14:00')", activation) == "10000");
  CHECK(value_of("x - x", activation) == "\"0s\"");
  CHECK(value_of("x + y", activation) == "\"0001-01-01T00:00:00.000000001Z\"");
  CHECK(value_of("y + y", activation) == "error overflow");
  CHECK(value_of("y.getHours()", activation) == "-87649415");
}

TEST_CASE("conversions: what does not fit is an error", "[expr][conversions]") {
  for (const char* source :
       {"int('')", "int('1.5')", "int('+-1')", "int('9223372036854775808')", "double('')",
        "double('x')", "double('1 ')", "bool('yes')", "timestamp('2026-02-30T00:00:00Z')",
        "timestamp('2026-01-01')", "timestamp('2026-01-01T24:00:00Z')", "duration('')",
        "duration('1')", "duration('1d')", "duration('.s')", "duration('99999999999999999999s')"}) {
    CAPTURE(source);
    CHECK(value_of(source) == "error bad_conversion");
  }
  CHECK(value_of("duration('-1h30m0.5s')") == "\"-5400.5s\"");
  CHECK(value_of("duration('0')") == "\"0s\"");
  CHECK(value_of("duration('.5s')") == "\"0.5s\"");
  CHECK(value_of("'x'.matches(x)", Fake().value("x", "(")) == "error bad_pattern");
}

TEST_CASE("values: views and values are each other's inverse", "[expr][cell]") {
  const Value value(Value::Map{{"a", Value(Value::List{1, 2.5, Value(), true, "text"})},
                               {7, Value(Timestamp{5, 6})},
                               {false, Value(TimeSpan{-5, -6})}});
  Arena arena;
  CHECK(to_value(view_of(value, arena)) == value);
  base::Bytes packed;
  base::pack(value, packed);
  CHECK(to_value(view_of_packed(packed, arena)) == value);
  Arena tiny(16);
  CHECK(view_of(value, tiny).is_error());
  CHECK(view_of_packed(packed, tiny).is_error());
}

}  // namespace
