// SPDX-License-Identifier: Apache-2.0
// CEL in YAML has traps: a condition that YAML has eaten is an error that shows the quoted form.
#include "yaml/quoting.hpp"
#include "support/catch.hpp"
#include "yaml/support.hpp"

using namespace itinera;
using namespace itinera::yaml_test;
using Codes = std::vector<std::string>;

namespace {

struct Trap {
  const char* written;
  const char* hint;
};

// `when` in a block mapping: its value begins at 7:11.
Diagnostics block(std::string_view condition) {
  return load(campaign(fmt::format("  - send: email\n    id: a\n    when: {}\n    note: n\n",
                                   condition)))
      .diagnostics;
}

// `when` in a flow mapping: its value begins at 5:25.
Diagnostics flow(std::string_view condition) {
  return load(campaign(fmt::format("  - {{send: email, when: {}, note: n}}\n", condition)))
      .diagnostics;
}

}  // namespace

TEST_CASE("a condition that a block mapping eats shows its quoted form", "[yaml][quoting]") {
  const Trap traps[] = {
      {"!contact.vip", "'!contact.vip'"},
      {"!has(contact.a)", "'!has(contact.a)'"},
      {"! contact.vip", "'! contact.vip'"},
      {"!(contact.a && contact.b)", "'!(contact.a && contact.b)'"},
      {"contact.a == \"x #1\"", "'contact.a == \"x #1\"'"},
      {"contact.a == 'x #1'", "\"contact.a == 'x #1'\""},
      {"contact.a + # 1", "'contact.a + # 1'"},
      {"contact.a ? true : false", "'contact.a ? true : false'"},
      {"contact.a == \"b: c\"", "'contact.a == \"b: c\"'"},
      {"\"a\" == contact.b", "'\"a\" == contact.b'"},
      {"'a' == contact.b", "\"'a' == contact.b\""},
      {"'a' == contact.b && contact.c == \"d\"", "'''a'' == contact.b && contact.c == \"d\"'"},
      {"[1, 2].exists(x, x == contact.a)", "'[1, 2].exists(x, x == contact.a)'"},
      {"[contact.a]", "'[contact.a]'"},
      {"{\"a\": 1}.a == contact.b", "'{\"a\": 1}.a == contact.b'"},
      {"{a: 1}", "'{a: 1}'"},
      {"*contact", "'*contact'"},
      {"&contact", "'&contact'"},
      {"%contact", "'%contact'"},
  };
  for (const Trap& trap : traps) {
    const Diagnostics found = block(trap.written);
    INFO(trap.written << "\n" << text_of(found));
    REQUIRE(codes(found) == Codes{"condition_quoting 7:11"});
    CHECK(found[0].hint == fmt::format("write `when: {}`", trap.hint));
    CHECK(codes(block(trap.hint)) != Codes{"condition_quoting 7:11"});
  }
}

TEST_CASE("a condition that a flow mapping eats shows its quoted form", "[yaml][quoting]") {
  const Trap traps[] = {
      {"!contact.vip", "'!contact.vip'"},
      {"count(\"x\", \"90d\") > 1", "'count(\"x\", \"90d\") > 1'"},
      {"contact.a in [1, 2]", "'contact.a in [1, 2]'"},
      {"contact.a ? true : false", "'contact.a ? true : false'"},
      {"\"a\" == contact.b", "'\"a\" == contact.b'"},
      {"contact.a == \"}\"", "'contact.a == \"}\"'"},
      {"contact.a.startsWith(contact.b, contact.c)",
       "'contact.a.startsWith(contact.b, contact.c)'"},
      {"[1, 2].exists(x, x == contact.a)", "'[1, 2].exists(x, x == contact.a)'"},
      {"contact.a == \"x #1\"", "'contact.a == \"x #1\"'"},
  };
  for (const Trap& trap : traps) {
    const Diagnostics found = flow(trap.written);
    INFO(trap.written << "\n" << text_of(found));
    REQUIRE(codes(found) == Codes{"condition_quoting 5:25"});
    CHECK(found[0].hint == fmt::format("write `when: {}`", trap.hint));
    CHECK(codes(flow(trap.hint)) != Codes{"condition_quoting 5:25"});
  }
}

TEST_CASE("expressions in data and set have the same traps", "[yaml][quoting]") {
  const auto data = [](std::string_view value) {
    return load(campaign(fmt::format("  - {{send: email, data: {{k: {}, l: 1}}}}\n", value)))
        .diagnostics;
  };
  for (const char* cel :
       {"=contact.a ? 1 : 2", "=[1, 2]", "={\"a\": 1}",
        "=contact.a.startsWith(contact.b, contact.c)", "=contact.a == \"x #1\""}) {
    const Diagnostics found = data(cel);
    INFO(cel << "\n" << text_of(found));
    REQUIRE(codes(found) == Codes{"condition_quoting 5:29"});
    CHECK(found[0].hint == fmt::format("write `k: '{}'`", cel));
  }
  CHECK(codes(data("=")) == Codes{"bad_value 5:29"});
  CHECK(codes(data("[=contact.a]")) == Codes{"bad_value 5:30"});
  CHECK(codes(data("{m: {n: =contact.a}}")) == Codes{"bad_value 5:37"});
}

TEST_CASE("a condition is never silently empty", "[yaml][quoting]") {
  CHECK(codes(block("")) == Codes{"bad_value 7:5"});
  CHECK(codes(block("''")) == Codes{"bad_value 7:11"});
  CHECK(codes(block("\"  \"")) == Codes{"bad_value 7:11"});
  CHECK(codes(block("# contact.a == 1")) == Codes{"condition_quoting 7:5"});
  CHECK(codes(flow("")) == Codes{"bad_value 5:19"});
  for (const char* key : {"when", "key"}) {
    CHECK(codes(load(fmt::format("campaign: c\nentry:\n  - event: a\n    {}:\n"
                                 "steps: [{{send: email}}]\n",
                                 key))
                    .diagnostics) == Codes{"bad_value 4:5"});
  }
}

TEST_CASE("a comment behind a condition that is complete is a comment", "[yaml][quoting]") {
  CHECK(codes(block("contact.a == \"x\"  # the dear ones")).empty());
  CHECK(codes(block("'contact.a == 1'  # the dear ones")).empty());
}

TEST_CASE("the place of a condition is its first character", "[yaml][quoting]") {
  const auto place = [](std::string_view written) {
    const LoadedWorkspace loaded =
        load(campaign(fmt::format("  - send: email\n    when: {}\n", written)));
    INFO(text_of(loaded.diagnostics));
    const SourceLocation at = loaded.campaigns.at(0).steps.at(0).when.at;
    return fmt::format("{}:{}", at.line, at.column);
  };
  CHECK(place("contact.a == 1") == "6:11");
  CHECK(place("\"contact.a == 1\"") == "6:12");
  CHECK(place("'  contact.a == 1'") == "6:14");
  CHECK(place("|\n      contact.a == 1\n") == "7:7");
  CHECK(place(">-\n\n      contact.a\n      == 1\n") == "8:7");
  CHECK(place("contact.a\n      == 1\n") == "6:11");
}

TEST_CASE("what CEL finds wrong is placed inside the line", "[yaml][quoting]") {
  CHECK(codes(block("contact.a == == 1")) == Codes{"condition_syntax 7:24"});
  CHECK(codes(block("'contact.a == == 1'")) == Codes{"condition_syntax 7:25"});
  CHECK(codes(load(campaign("  - send: email\n    data: {a: =1 + + 2}\n")).diagnostics) ==
        Codes{"condition_syntax 6:20"});
}

TEST_CASE("what CEL finds wrong over several lines is placed in its own line", "[yaml][quoting]") {
  const auto found = [](std::string_view when) {
    return codes(load(campaign(fmt::format("  - send: email\n    when: {}\n", when))).diagnostics);
  };
  CHECK(found("|\n      contact.a == 1 &&\n      contac.b == 2") == Codes{"condition_unknown 8:7"});
  CHECK(found("|\n      contact.a == 1 &&\n\n        contac.b == 2") ==
        Codes{"condition_unknown 9:9"});
  CHECK(found(">-\n      contact.a == 1 &&\n      contac.b == 2") ==
        Codes{"condition_unknown 8:7"});
  CHECK(found("contact.a == 1 &&\n      contac.b == 2") == Codes{"condition_unknown 7:7"});
  CHECK(found("\"contact.a == 1 &&\n       contac.b == 2\"") == Codes{"condition_unknown 7:8"});
  CHECK(found("'contact.a == ''x'' &&\n       contac.b == 2'") == Codes{"condition_unknown 7:8"});
  CHECK(found("'contact.a == ''x'' && contac.b == 2'") == Codes{"condition_unknown 6:34"});
  // Behind escapes nobody knows, and the beginning is shown.
  CHECK(found("\"contact.a == \\\"x\\\" &&\n       contac.b == 2\"") ==
        Codes{"condition_unknown 6:12"});
  CHECK(codes(load(campaign("  - send: email\n    data:\n      k: >\n        =contact.a +\n"
                            "        contac.b\n"))
                  .diagnostics) == Codes{"condition_unknown 9:9"});
  const std::string segments = "segments:\n  s: |\n    contact.a == 1 &&\n    contac.b == 2\n";
  CHECK(codes(load(campaign("  - send: email\n"), std::string(shop) + segments).diagnostics) ==
        Codes{"condition_unknown 9:5"});
}

TEST_CASE("a comment that takes a closing brace with it is named", "[yaml][quoting]") {
  const auto found = [](std::string_view step) {
    return load(campaign(fmt::format("  - {}\n  - send: sms\n", step))).diagnostics;
  };
  const Diagnostics brace = found("{send: email, when: contact.a == 1 # x}");
  REQUIRE(codes(brace) == std::vector<std::string>{"yaml_syntax 5:40"});
  CHECK(brace[0].message == "this comment takes the end of the mapping or list before it with it");
  CHECK(codes(found("send: [email, sms # ]")) == std::vector<std::string>{"yaml_syntax 5:23"});
  // Not where the comment is none, or takes nothing with it.
  CHECK(found("{send: email, note: \"a # }\"}").empty());
  CHECK(found("{send: email, # the first }\n     note: x}").empty());
}

TEST_CASE("a text is quoted so that YAML reads it back", "[yaml][quoting]") {
  CHECK(yaml::quoted("a == b") == "'a == b'");
  CHECK(yaml::quoted("a == \"b\"") == "'a == \"b\"'");
  CHECK(yaml::quoted("a == 'b'") == "\"a == 'b'\"");
  CHECK(yaml::quoted("a == 'b\\n'") == "'a == ''b\\n'''");
}
