// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>
#include <string>

#include "expr/fake.hpp"
#include "expr/functions.hpp"

namespace {

using namespace itinera;
using namespace itinera::expr;

TEST_CASE("checker: types that cannot fit are found when loading", "[expr][checker]") {
  for (const char* source : {"1 + 1.0",
                             "1 + 'a'",
                             "5.0 % 2.0",
                             "now + now",
                             "days(1) - now",
                             "!1",
                             "-'a'",
                             "'a' < 1",
                             "'a' == 1",
                             "contact.tier && 1",
                             "1 ? 2 : 3",
                             "true ? 1 : 'a'",
                             "1 in 2",
                             "'a' in 'abc'",
                             "'a' in [1]",
                             "[1]['a']",
                             "{'a': 1}[1]",
                             "1.a",
                             "{1: 2}.a",
                             "1.all(x, true)",
                             "[1].filter(x, x)",
                             "size(1)",
                             "size()",
                             "size(1, 2)",
                             "'a'.contains(1)",
                             "'a'.size(1)",
                             "contains('a', 'b')",
                             "1[0]",
                             "{1.0: 1}",
                             "{null: 1}",
                             "'a' == null",
                             "'a'.matches('(')",
                             "days(1.0)",
                             "days('3')",
                             "[1] == ['a']",
                             "now.getHours(1)"}) {
    CAPTURE(source);
    CHECK(issue_of(source).code == ErrorCode::condition_type);
  }
}

TEST_CASE("checker: int and double compare, but do not add", "[expr][checker]") {
  CHECK(value_of("1 == 1.0 && 1 < 1.5 && 2.0 >= 2") == "true");
  CHECK(issue_of("1 + 1.0").hint.find("double(x)") != std::string::npos);
}

TEST_CASE("checker: everything wrong is reported at once", "[expr][checker]") {
  const auto result = Program::compile("1 + 'a' == 2 &&\n tier == 'x' && f(1)", usual());
  REQUIRE(result.issues.size() == 3);
  CHECK(result.issues[0].code == ErrorCode::condition_type);
  CHECK(result.issues[0].column == 3);
  CHECK(result.issues[1].code == ErrorCode::condition_unknown);
  CHECK(result.issues[1].line == 2);
  CHECK(result.issues[1].column == 2);
  CHECK(result.issues[2].code == ErrorCode::condition_unknown);
}

TEST_CASE("checker: the result's type is known", "[expr][checker]") {
  const auto type = [](const char* source) { return to_text(compiled(source).result_type()); };
  CHECK(type("1 < 2") == "bool");
  CHECK(type("contact.tier") == "dyn");
  CHECK(type("has(contact.tier)") == "bool");
  CHECK(type("[1, 2]") == "list(int)");
  CHECK(type("[1, 'a']") == "list(dyn)");
  CHECK(type("{'a': [1.0]}") == "map(string, list(double))");
  CHECK(type("now - now") == "duration");
  CHECK(type("now + days(1)") == "timestamp");
  CHECK(type("[1, 2].map(i, string(i))") == "list(string)");
  CHECK(type("contact.n + 1") == "dyn");
  CHECK(type("count('a')") == "int");
  CHECK(type("sum('a', 'b')") == "double");
  CHECK(type("since_last('a')") == "duration");
  CHECK(type("last('a')") == "timestamp");
  CHECK(type("ever('a')") == "bool");
}

TEST_CASE("checker: names and functions have a nearest one", "[expr][checker]") {
  CHECK(issue_of("contct.tier == 'x'").hint.find("contact") != std::string::npos);
  CHECK(issue_of("'a'.startWith('b')").hint.find("startsWith") != std::string::npos);
  CHECK(issue_of("evr('a')").hint.find("ever") != std::string::npos);
  Declarations typed = usual();
  typed.variables[0].fields = {"age", "tier"};
  typed.variables[0].field_types = {{Type::Kind::integer, {}}, {Type::Kind::text, {}}};
  CHECK(issue_of("contact.teir == 'x'", typed).hint.find("contact.tier") != std::string::npos);
  CHECK(issue_of("tier == 'x'", typed).hint.find("contact.tier") != std::string::npos);
  CHECK(issue_of("has(contact.nothing)", typed).code == ErrorCode::condition_unknown);
  CHECK(issue_of("contact.age == 'x'", typed).code == ErrorCode::condition_type);
  CHECK(to_text(compiled("contact.tier", typed).result_type()) == "string");
}

TEST_CASE("checker: a record is used by its fields", "[expr][checker]") {
  for (const char* source : {"contact", "contact == 1", "size(event)", "event.all(k, true)"}) {
    CAPTURE(source);
    const Issue issue = issue_of(source);
    CHECK(issue.code == ErrorCode::condition_type);
    CHECK(issue.hint.find("write ") != std::string::npos);
  }
  CHECK(issue_of("contact[x]").hint.find("contact[") != std::string::npos);
}

TEST_CASE("checker: without history its functions are unknown", "[expr][checker]") {
  Declarations bare = usual();
  bare.history = false;
  for (const char* source : {"count('a') > 1", "ever('a')", "since_last('a') > days(1)"}) {
    CAPTURE(source);
    CHECK(issue_of(source, bare).code == ErrorCode::condition_unknown);
  }
  CHECK(compiled("now > now - days(3)", bare).reads_time());
}

TEST_CASE("checker: unchecked types become errors of the evaluation", "[expr][checker]") {
  Declarations loose = usual();
  loose.check_types = false;
  Fake activation;
  Arena arena;
  CHECK(compiled("1 + 'a'", loose).evaluate(activation, arena).is_error());
  CHECK(compiled("nobody || true", loose).evaluate(activation, arena).boolean);
  CHECK(issue_of("1 +", loose).code == ErrorCode::condition_syntax);
}

TEST_CASE("checker: engaged and since_changed name what there is", "[expr][checker][history]") {
  Declarations named = usual();
  named.channel_names = {"email", "sms"};
  named.variables[0].fields = {"city", "tier"};
  CHECK(compiled("engaged('email', '30d')", named).result_type().kind == Type::Kind::boolean);
  CHECK(compiled("since_changed('tier')", named).result_type().kind == Type::Kind::duration);
  CHECK(compiled("engaged('email', '30d')", named).reads_time());
  CHECK(compiled("since_changed('tier') > days(3)", named).timed_comparisons() == 1);
  const auto wrong = [&](std::string_view source) { return issue_of(source, named); };
  CHECK(wrong("engaged('emial', '30d')").code == ErrorCode::condition_unknown);
  CHECK(wrong("engaged('emial', '30d')").hint.find("email") != std::string::npos);
  CHECK(wrong("since_changed('teir')").code == ErrorCode::condition_unknown);
  CHECK(wrong("since_changed('teir')").hint.find("tier") != std::string::npos);
  for (const char* source :
       {"engaged('email')", "engaged('email', 'soon')", "engaged('email', '30d', e.x == 1)",
        "engaged()", "engaged(contact.city, '30d')", "since_changed('tier', '30d')",
        "since_changed()", "since_changed(contact.tier)"}) {
    CAPTURE(source);
    CHECK(wrong(source).code == ErrorCode::condition_type);
  }
}

TEST_CASE("functions: every overload of the table can be called", "[expr][checker]") {
  for (const Overload& overload : overloads()) {
    const auto argument = [&](std::size_t i) -> std::string {
      switch (overload.arguments[i]) {
        case Type::Kind::boolean: return "true";
        case Type::Kind::integer: return "1";
        case Type::Kind::real: return "1.0";
        case Type::Kind::text:
          if (overload.name == "timestamp") return "'2026-03-02T10:00:00Z'";
          if (overload.name == "duration") return "'1s'";
          return overload.arguments[0] == Type::Kind::timestamp ? "'UTC'" : "'1'";
        case Type::Kind::timestamp: return "timestamp(0)";
        case Type::Kind::duration: return "duration('1s')";
        case Type::Kind::list:
          if (overload.name == "format") return "[]";
          return overload.element == Type::Kind::text ? "['1']" : "[1]";
        case Type::Kind::map: return "{1: 2}";
        case Type::Kind::uinteger: return "1u";
        case Type::Kind::bytes: return "b'1'";
        default: return "null";
      }
    };
    const bool receiver = overload.form == CallForm::receiver;
    std::string source = receiver ? argument(0) + "." : "";
    source += std::string(overload.name) + "(";
    for (std::size_t i = receiver ? 1 : 0; i < overload.arity; ++i) {
      source += (source.ends_with('(') ? "" : ", ") + argument(i);
    }
    source += ")";
    CAPTURE(source);
    const Program program = compiled(source);
    CHECK(program.result_type().kind == overload.result);
    Fake activation;
    Arena arena;
    CHECK(!program.evaluate(activation, arena).is_error());
  }
}

TEST_CASE("functions: docs/conditions.md names each", "[expr][docs]") {
  std::ifstream file(ITINERA_SOURCE_DIR "/docs/conditions.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  for (const Overload& overload : overloads()) {
    const bool receiver = overload.form == CallForm::receiver;
    const std::string call = (receiver ? "." : "`") + std::string(overload.name) + "(";
    CAPTURE(call);
    CHECK(page.find(call) != std::string::npos);
  }
}

}  // namespace
