// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "expr/program.hpp"
#include "fake.hpp"
#include "support/catch.hpp"

namespace itinera::expr {
namespace {

// What is warned of, or nothing.
std::string warned(std::string_view source) {
  CAPTURE(source);
  const Program::Compiled made = Program::compile(source, usual());
  REQUIRE(made.program);
  REQUIRE(made.issues.size() <= 1);
  if (made.issues.empty()) return "";
  CHECK(made.issues[0].severity == Severity::warning);
  CHECK(made.issues[0].code == ErrorCode::suspicious);
  return made.issues[0].message;
}

}  // namespace

TEST_CASE("contradictions: what constants exclude is warned of", "[expr][contradiction]") {
  for (const char* source :
       {"contact.x == 'gold' && contact.x == 'silver'", "contact.x == 1 && contact.x != 1",
        "contact.x == 1 && contact.x != 1.0", "contact.x > 65 && contact.x < 18",
        "contact.x > 5 && contact.x <= 5", "18 > contact.x && 65 < contact.x",
        "contact.x == 7 && contact.x < 7", "contact.x >= 1.5 && contact.y == 1 && contact.x < 1",
        "contact.x && !contact.x", "contact.x == true && !contact.x",
        "contact.y > 1 || (contact.x == 1 && contact.x == 2)",
        "!(contact.x == 1 && (contact.y == 3 && contact.x == 2))"}) {
    CHECK(warned(source) == "what is asked of contact.x never holds together");
  }
}

TEST_CASE("contradictions: what can hold together is not", "[expr][contradiction]") {
  for (const char* source :
       {"contact.x == 'gold' || contact.x == 'silver'", "contact.x == 1 && contact.y == 2",
        "contact.x > 5 && contact.x < 6", "contact.x >= 5 && contact.x <= 5",
        "contact.x == 1 && contact.x == 1.0", "contact.x != 1 && contact.x != 2",
        "contact.x == 'b' && contact.x > 'a'", "contact.x == contact.y && contact.x == 2",
        "contact.x == 9007199254740993 && contact.x != 9007199254740992",
        "contact.x > 1 && contact.x > 2", "contact.x && contact.y"}) {
    CHECK(warned(source) == "");
  }
}

TEST_CASE("contradictions: any number of conditions takes bounded work",
          "[expr][contradiction][hostile]") {
  std::string source = "contact.x != 0";
  for (int i = 1; i < 400; ++i) source += " && contact.x != " + std::to_string(i);
  CHECK(warned(source) == "");
}

}  // namespace itinera::expr
