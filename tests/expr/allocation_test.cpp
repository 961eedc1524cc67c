// SPDX-License-Identifier: Apache-2.0
#include "expr/fake.hpp"
#include "support/counting_new.hpp"

namespace {

using namespace itinera;
using namespace itinera::expr;

TEST_CASE("evaluate: the common path allocates nothing", "[expr][allocation]") {
  const Program program = compiled(
      "event.total >= 50.0 && contact.tier in ['gold', 'silver'] && has(contact.name) &&"
      " contact.name.startsWith('A') && count('bought', '90d') >= 2 && !(event.total > 1000.0) &&"
      " contact.name != 'B' && now - timestamp('2026-01-01T00:00:00Z') > days(1) &&"
      " [1, 2, 3].exists(i, i == 2)");
  Fake activation({{"event.total", 60.0},
                   {"contact.tier", "silver"},
                   {"contact.name", "A name that is longer than any small string"},
                   {"bought", 2},
                   {"now", Timestamp{1'772'445'600, 0}}});
  Arena arena;
  const std::int64_t before = test::allocations;
  for (int i = 0; i < 100; ++i) {
    const Truth truth = truth_of(program.evaluate(activation, arena));
    arena.reset();
    if (truth != Truth::yes) FAIL("wrong outcome");
  }
  CHECK(test::allocations - before == 0);
}

TEST_CASE("evaluate: an arena once grown is reused", "[expr][allocation]") {
  const Program program = compiled("[event.a, event.a].map(i, i + 1)");
  Fake activation({{"event.a", 1}});
  Arena arena;
  (void)program.evaluate(activation, arena);
  const std::int64_t before = test::allocations;
  for (int i = 0; i < 100; ++i) {
    arena.reset();
    (void)program.evaluate(activation, arena);
  }
  CHECK(test::allocations - before == 0);
}

TEST_CASE("evaluate: the functions on texts allocate nothing but in the arena",
          "[expr][allocation]") {
  const Program program = compiled(
      "contact.mail.trim().lowerAscii().endsWith('@example.org') &&"
      " contact.mail.substring(1, 4).upperAscii() == 'ANN' && contact.mail.indexOf('@') > 0 &&"
      " contact.mail.split('@')[1].charAt(0) == 'e' && contact.mail.replace('.', '') != '' &&"
      " '%s: %.2f'.format([contact.mail, 2.5]).startsWith(' ')");
  Fake activation = Fake().value("contact.mail", " Ann@example.org ");
  Arena arena;
  CHECK(truth_of(program.evaluate(activation, arena)) == Truth::yes);
  const std::int64_t before = test::allocations;
  for (int i = 0; i < 100; ++i) {
    arena.reset();
    (void)program.evaluate(activation, arena);
  }
  CHECK(test::allocations - before == 0);
}

}  // namespace
