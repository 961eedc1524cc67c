// SPDX-License-Identifier: Apache-2.0
// Beside the official cases (conformance_test.cpp): dotted names, containers, types as values.
#include "expr/fake.hpp"

namespace {

using namespace itinera;
using namespace itinera::expr;

TEST_CASE("names: a dotted variable is asked for as a whole", "[expr][names]") {
  Declarations declarations = usual();
  declarations.variables.push_back({"shop.order", {}, false, {}, {}});
  declarations.variables.push_back({"shop.cart", {}, true, {"id"}, {}});
  CHECK(compiled("shop.order == 1 && shop.order.total > 2", declarations).slots() ==
        std::vector<Slot>{{"shop.order", ""}});
  CHECK(compiled("shop.cart.id == 'a' && has(shop.cart.id)", declarations).slots() ==
        std::vector<Slot>{{"shop.cart", "id"}});
  CHECK(issue_of("shop.cart == 1", declarations).hint == "write `shop.cart.<field>`");
  CHECK(issue_of("shop.cart.di == 1", declarations).hint == "did you mean 'shop.cart.id'?");
  CHECK(issue_of("shop.nothing == 1", declarations).code == ErrorCode::condition_unknown);
  CHECK(compiled("[{'order': 3}].exists(shop, shop.order == 3)", declarations).slots().empty());
  declarations.container = "shop.web";
  CHECK(compiled("order == 1 && .x == 2", declarations).slots() ==
        std::vector<Slot>{{"shop.order", ""}, {"x", ""}});
}

TEST_CASE("names: types are values, unless a variable has the name", "[expr][names]") {
  CHECK(value_of("type(x) == int", Fake().value("x", 1)) == "true");
  CHECK(value_of("type(x) in [int, double]", Fake().value("x", "a")) == "false");
  CHECK(value_of("x.filter(i, type(i) == string)", Fake().value("x", Value(Value::List{1, "a"}))) ==
        "[\"a\"]");
  CHECK(to_text(compiled("type(1)").result_type()) == "type");
  CHECK(issue_of("int == 1").code == ErrorCode::condition_type);
  CHECK(issue_of("int < double").code == ErrorCode::condition_type);
  Declarations declarations = usual();
  declarations.variables.push_back({"list", {}, false, {}, {}});
  CHECK(compiled("list == 1", declarations).slots() == std::vector<Slot>{{"list", ""}});
  CHECK(compiled("[1].exists(map, map == 1)").slots().empty());
}

TEST_CASE("names: a function of a namespace yields to a macro's variable", "[expr][names]") {
  CHECK(value_of("strings.quote('a')") == "\"\\\"a\\\"\"");
  CHECK(issue_of("['a'].exists(strings, strings.quote('a') == '')").code ==
        ErrorCode::condition_unknown);
}

TEST_CASE("values: uint, bytes and types leave as what a host can read", "[expr][cell]") {
  CHECK(value_of("7u") == "7");
  CHECK(value_of("18446744073709551615u") == "1.8446744073709552e+19");
  CHECK(value_of("[b'', b'a', b'ab', b'abc', b'\\xff']") == R"(["","YQ==","YWI=","YWJj","/w=="])");
  CHECK(value_of("{1u: bytes('\u00e9')}") == R"({"1":"w6k="})");
  CHECK(value_of("type(now)", Fake().value("now", Timestamp{})) == "\"google.protobuf.Timestamp\"");
  // Beyond int two keys might become one double.
  CHECK(value_of("{9223372036854775808u: 1}") == "error no_such_overload");
  CHECK(value_of("{9223372036854775807u: 1}[9223372036854775807]") == "1");
}

TEST_CASE("numbers: int and uint compare exactly, with doubles as doubles", "[expr][names]") {
  CHECK(value_of("9223372036854775807 < 9223372036854775808u") == "true");
  CHECK(value_of("-1 == 18446744073709551615u") == "false");
  CHECK(value_of("18446744073709551615u == 18446744073709551616.0") == "true");
  CHECK(value_of("[1, 2][dyn(1u)]") == "2");
  CHECK(value_of("x[18446744073709551615u]", Fake().value("x", Value(Value::List{1}))) ==
        "error bad_index");
  CHECK(issue_of("1 + 1u").hint.find("double(x)") != std::string::npos);
  CHECK(value_of("uint(-0.5)") == "error overflow");
  CHECK(value_of("uint('+5') + uint(' 5')") == "error bad_conversion");
}

}  // namespace
