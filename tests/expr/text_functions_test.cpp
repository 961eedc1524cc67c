// SPDX-License-Identifier: Apache-2.0
// Beside the official cases (conformance_test.cpp): what they leave open, and bounds.
#include <string>

#include "expr/fake.hpp"

namespace {

using namespace itinera;
using namespace itinera::expr;

std::string of(std::string_view source, Value x = {}, Value y = {}, const Limits& limits = {}) {
  return value_of(source, Fake({{"x", std::move(x)}, {"y", std::move(y)}}), limits);
}

TEST_CASE("texts: parts and places at the edges", "[expr][text]") {
  CHECK(of("''.charAt(0)") == "\"\"");
  CHECK(of("'a'.charAt(-1)") == "error bad_index");
  CHECK(of("'a'.charAt(9223372036854775807)") == "error bad_index");
  CHECK(of("'abc'.indexOf('', 3)") == "3");
  CHECK(of("'abc'.indexOf('c', 3)") == "-1");
  CHECK(of("'abc'.indexOf('abcd')") == "-1");
  CHECK(of("'abcabc'.lastIndexOf('abc', 2)") == "0");
  CHECK(of("'abc'.lastIndexOf('c', 3)") == "2");
  CHECK(of("''.lastIndexOf('')") == "0");
  CHECK(of("'abc'.lastIndexOf('abcd')") == "-1");
  CHECK(of("'\u00e9t\u00e9'.substring(1, 3)") == "\"t\u00e9\"");
  CHECK(of("'abc'.substring(3, 2)") == "error bad_index");
}

TEST_CASE("texts: split, join and replace with nothing, and with limits", "[expr][text]") {
  CHECK(of("''.split(',')") == "[\"\"]");
  CHECK(of("''.split('')") == "[]");
  CHECK(of("'a\u00e9b'.split('')") == "[\"a\",\"\u00e9\",\"b\"]");
  CHECK(of("'abc'.split('', 2)") == "[\"a\",\"bc\"]");
  CHECK(of("'a,b,c'.split(',', 2)") == "[\"a\",\"b,c\"]");
  CHECK(of("',a,'.split(',')") == "[\"\",\"a\",\"\"]");
  CHECK(of("'ab'.replace('', '-')") == "\"-a-b-\"");
  CHECK(of("'ab'.replace('', '-', 2)") == "\"-a-b\"");
  CHECK(of("'aaaa'.replace('aa', 'b')") == "\"bb\"");
  CHECK(of("'aaa'.replace('a', '', 2)") == "\"a\"");
  CHECK(of("'aaa'.replace('a', 'b', 0)") == "\"aaa\"");
  CHECK(of("['a', '', 'b'].join(',')") == "\"a,,b\"");
  CHECK(of("x.join()", Value(Value::List{"a", 1})) == "error no_such_overload");
  CHECK(of("x.split(',').map(part, part.trim()).join('+')", " a, b ,c") == "\"a+b+c\"");
  CHECK(of("  '\u00a0 '.trim()") == "\"\"");
}

TEST_CASE("format: what does not fit is bad_format", "[expr][text]") {
  CHECK(of("'%s has %d, %.2f %%'.format([x, 3, 1.5])", "Ann") == "\"Ann has 3, 1.50 %\"");
  // One list in braces would be copied by one compiler and nested by the other.
  Value::List nested;
  nested.push_back(Value::List{1, "a"});
  CHECK(of("'%s'.format(x)", Value(nested)) == "\"[1, a]\"");
  CHECK(of("'%d'.format([x])", 1.5) == "error bad_format");
  CHECK(of("'%b|%o|%x'.format([-5, -8, -255])") == "\"-101|-10|-ff\"");
  for (const char* pattern : {"%", "%q", "%.f", "%.101f", "%.2d", "%.", "%.2%", "%s%s", "%5d"}) {
    CAPTURE(pattern);
    CHECK(of("x.format([1])", pattern) == "error bad_format");
  }
  CHECK(of("'%.100f'.format([1.0e308])").size() == 309 + 1 + 100 + 2);
}

TEST_CASE("format: a literal text is read when loading", "[expr][text][checker]") {
  struct Row {
    const char* source;
    const char* message;
  };
  for (const Row& row : {Row{"'%q'.format([1])", "no clause %q"},
                         {"'%.2d'.format([1])", "no clause %.2d"},
                         {"'50%'.format([])", "no clause %"},
                         {"'%s and %s'.format(['a'])", "2 clauses for 1 values"},
                         {"'%s'.format(['a', 'b'])", "1 clauses for 2 values"},
                         {"'%d'.format(['a'])", "%d of format() takes int or uint, not string"},
                         {"'%.1f'.format([now])", "takes a number, not timestamp"}}) {
    const Issue issue = issue_of(row.source);
    CAPTURE(row.source, issue.message);
    CHECK(issue.code == ErrorCode::condition_type);
    CHECK(issue.message.find(row.message) != std::string::npos);
  }
  CHECK(compiled("'%d %s'.format([x, contact.n])").result_type().kind == Type::Kind::text);
  CHECK(compiled("'%d %s'.format(x)").result_type().kind == Type::Kind::text);
}

TEST_CASE("texts: types are checked, names have a nearest one", "[expr][text][checker]") {
  CHECK(to_text(compiled("'a,b'.split(',')").result_type()) == "list(string)");
  CHECK(issue_of("'a,b'.split(',')[0] + 1").code == ErrorCode::condition_type);
  CHECK(issue_of("[1, 2].join(',')").message.find("list(int)") != std::string::npos);
  CHECK(issue_of("'a'.lower()").code == ErrorCode::condition_unknown);
  CHECK(issue_of("'a'.lowerASCI()").hint == "did you mean 'lowerAscii()'?");
  CHECK(issue_of("'a'.substr(1)").hint.empty());
  CHECK(issue_of("'a'.replace('b')").hint == "for example `<string>.replace(<string>, <string>)`");
  CHECK(issue_of("x.join(1)").hint == "for example `<list(string)>.join()`");
}

TEST_CASE("texts: what hostile arguments cost is bounded", "[expr][text][limits]") {
  const std::string many(1u << 19, 'a');
  const std::string half = std::string(1u << 18, 'a') + "b";
  CHECK(of("x.lastIndexOf(y)", many, half) == "error budget");
  CHECK(of("x.indexOf(y)", many, half) == "-1");
  CHECK(of("x.contains(y)", many, half) == "false");
  CHECK(of("x.replace('a', x)", many) == "error budget");
  CHECK(of("x.split('')", many) == "error budget");
  CHECK(of("[x, x, x].join(x)", many) == "error budget");
  CHECK(of("'%s%s%s%s'.format([x, x, x, x])", many) == "error budget");
  CHECK(of("size('%x'.format([x]))", many) == "error budget");
  // A list of lists of one list is short, and its text is not.
  const Value hundred = Value::List(100, Value(std::string(100, 'a')));
  CHECK(of("'%s'.format([x.map(a, x.map(b, x))])", hundred) == "error budget");
  CHECK(of("x.reverse().upperAscii()", std::string(600'000, 'a')) == "error budget");
}

TEST_CASE("texts: looking at long ones costs steps", "[expr][text][limits]") {
  const std::string text(20'000, 'a');
  const std::string many =
      "[0,0,0,0,0,0,0,0,0,0].all(a, [0,0,0,0,0,0,0,0,0,0].all(b, "
      "[0,0,0,0,0,0,0,0,0,0].all(c, ";
  for (const char* each : {"x == y", "x <= y", "y in [x]", "{y: 1}[x] == 1"}) {
    CAPTURE(each);
    CHECK(of(each, text, text) == "true");
    CHECK(of(many + each + ")))", text, text) == "error budget");
    CHECK(of(many + each + ")))", "a", "a") == "true");
  }
  CHECK(of(many + "x != y)))", text, text + "a") == "true");  // they are not looked at
}

TEST_CASE("texts: what a pattern may cost at worst is paid before it is searched",
          "[expr][text][limits]") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += i * i % 7 < 3 ? 'a' : 'b';
  const std::string hard = "[ab]*a[ab]{1000}c";
  CHECK(of("x.matches('" + hard + "')", text) == "error budget");
  CHECK(of("x.matches(y)", text, hard) == "error budget");
  CHECK(of("x.matches('" + hard + "')", "abab") == "false");
  CHECK(of("x.matches('(?i)REFUND')", text + text + "refund") == "true");
  // Those that RE2 refuses may have cost it all that it may take.
  CHECK(of("y.matches(x)", "\\pL{500}", "a") == "error bad_pattern");
  CHECK(of("[1,2,3,4,5,6,7,8,9,10,11,12].all(i, y.matches(x))", "\\pL{500}", "a") ==
        "error budget");
}

}  // namespace
