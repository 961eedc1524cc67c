// SPDX-License-Identifier: Apache-2.0
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "expr/fake.hpp"

namespace {

using namespace itinera;
using namespace itinera::expr;

// Evaluates, if it compiles at all; the outcome as text.
std::string outcome(const std::string& source, const Value& x) {
  const Program::Compiled result = Program::compile(source, usual());
  RC_ASSERT(result.program.has_value() == result.issues.empty());
  if (!result.program) return result.issues[0].message;
  Fake activation({{"x", x}, {"contact.tier", "gold"}, {"a", 3}});
  Arena arena;
  const Cell first = result.program->evaluate(activation, arena);
  const std::string once = to_json(to_value(first));
  const bool failed = first.is_error();
  arena.reset();
  const Cell second = result.program->evaluate(activation, arena);
  RC_ASSERT(failed == second.is_error());
  RC_ASSERT(once == to_json(to_value(second)));
  return failed ? "error" : once;
}

rc::Gen<std::string> expression(int depth) {
  const auto leaf = rc::gen::element<std::string>(
      "x", "1", "2.5", "'a'", "true", "null", "contact.tier", "contact.none", "count('a')", "now",
      "1u", "18446744073709551615u", "b'a'", "int", "' a,B '", "'%s'", "'%.2f'", "[]", "{}",
      "9223372036854775807", "days(1)", "timestamp(0)", "'1'", "has(contact.none)");
  if (depth == 0) return leaf;
  const auto shape = rc::gen::element<std::string>(
      "(A + B)", "(A - B)", "(A * B)", "(A / B)", "(A % B)", "(A == B)", "(A < B)", "(A && B)",
      "(A || B)", "(A in B)", "(A ? B : A)", "[A, B]", "{A: B}", "A[B]", "!A", "-A", "size(A)",
      "string(A)", "int(A)", "double(A)", "dyn(A)", "A.map(v, v == B)", "A.all(v, B)",
      "A.filter(v, B == v)", "A.exists_one(v, v == B)", "A.contains(B)", "A.matches(B)", "A.f",
      "A.getHours(B)", "ever('a', A == e.n)", "duration(A)", "timestamp(A)", "uint(A)", "bytes(A)",
      "type(A)", "A.charAt(B)", "A.substring(B)", "A.indexOf(B)", "A.lastIndexOf(B)", "A.split(B)",
      "[A, B].join(A)", "A.join()", "A.replace(B, A)", "A.replace('', B, 2)", "A.trim()",
      "A.lowerAscii()", "A.upperAscii()", "A.reverse()", "strings.quote(A)", "A.format([B])",
      "'%s %x'.format([A, B])");
  return rc::gen::apply(
      [](std::string form, const std::string& a, const std::string& b) {
        std::string out;
        for (std::size_t i = 0; i < form.size(); ++i) {
          out += form[i] == 'A' ? a : form[i] == 'B' ? b : std::string(1, form[i]);
        }
        return out;
      },
      shape, expression(depth - 1), expression(depth - 1));
}

TEST_CASE("evaluate: is a pure function of program and data", "[expr][property]") {
  CHECK(rc::check([] {
    const std::string source = *rc::gen::mapcat(rc::gen::inRange(0, 4), expression);
    const Value x = *rc::gen::element(Value(1), Value(2.5), Value("a"), Value(true), Value(),
                                      Value(Value::List{1, "a"}), Value(Value::Map{{"f", 1}}));
    RC_ASSERT(outcome(source, x) == outcome(source, x));
  }));
}

TEST_CASE("compile: no text makes it crash", "[expr][property]") {
  CHECK(rc::check([](const std::string& garbage) { outcome(garbage, Value(1)); }));
  CHECK(rc::check([] {
    const auto parts = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "!", "-", "+", "&&", "||", "==", "in",
        "x", "contact", "'a'", "\"", "\\", "1", "1.", "e", "has", "map", "all", "count", "`", "r'",
        "//", "\n", " ", "0x", "u", "b'", "\\x", "%s", "format", ".x", "\xC3", "null"));
    std::string source;
    for (const std::string& part : parts) source += part;
    outcome(source, Value(1));
  }));
}

}  // namespace
