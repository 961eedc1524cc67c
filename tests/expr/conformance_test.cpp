// SPDX-License-Identifier: Apache-2.0
// The official conformance cases of CEL: tests/expr/conformance/README.md.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "expr/civil_text.hpp"
#include "expr/program.hpp"
#include "support/catch.hpp"

namespace {

namespace json = boost::json;
using namespace itinera;
using namespace itinera::expr;

std::string text_at(const json::object& object, const char* key) {
  return json::value_to<std::string>(object.at(key));
}

Value from_json(const json::value& from) {
  const json::object& object = from.as_object();
  const auto& [kind, content] = *object.begin();
  if (kind == "int") return std::int64_t{std::stoll(json::value_to<std::string>(content))};
  if (kind == "double") return std::strtod(content.as_string().c_str(), nullptr);
  if (kind == "bool") return content.as_bool();
  if (kind == "string") return json::value_to<std::string>(content);
  if (kind == "null") return {};
  if (kind == "timestamp") return timestamp_of(content.as_string()).value();
  if (kind == "duration") return time_span_of(content.as_string()).value();
  if (kind == "list") {
    Value::List list;
    for (const json::value& element : content.as_array()) list.push_back(from_json(element));
    return list;
  }
  REQUIRE(kind == "map");
  Value::Map map;
  for (const json::value& entry : content.as_array()) {
    map.push_back({from_json(entry.as_array()[0]), from_json(entry.as_array()[1])});
  }
  return map;
}

// As the declarations of the suite write a type.
Type type_of(const json::object& from) {
  const auto& [name, content] = *from.begin();
  if (name == "null") return {Type::Kind::null, {}};
  if (name == "messageType") {
    return {content.as_string() == "google.protobuf.Duration" ? Type::Kind::duration
                                                              : Type::Kind::timestamp,
            {}};
  }
  if (name == "listType") {
    return {Type::Kind::list, {type_of(content.as_object().at("elemType").as_object())}};
  }
  if (name == "mapType") {
    return {Type::Kind::map,
            {type_of(content.as_object().at("keyType").as_object()),
             type_of(content.as_object().at("valueType").as_object())}};
  }
  REQUIRE(name == "primitive");
  if (content.as_string() == "INT64") return {Type::Kind::integer, {}};
  if (content.as_string() == "DOUBLE") return {Type::Kind::real, {}};
  if (content.as_string() == "STRING") return {Type::Kind::text, {}};
  REQUIRE(content.as_string() == "BOOL");
  return {Type::Kind::boolean, {}};
}

// The zones that the cases name, with what held in February 2009.
const ZoneTable& zones_of_the_suite() {
  static const ZoneTable table("test", {{"Australia/Sydney", {{earliest_instant, 11 * 3'600}}},
                                        {"US/Central", {{earliest_instant, -6 * 3'600}}},
                                        {"America/St_Johns", {{earliest_instant, -12'600}}},
                                        {"Asia/Kathmandu", {{earliest_instant, 20'700}}}});
  return table;
}

class Bindings : public Activation {
 public:
  explicit Bindings(std::vector<std::pair<std::string, Value>> values)
      : values_(std::move(values)) {}
  Cell slot(const Program& program, std::uint32_t index, Arena& arena) override {
    for (const auto& [name, value] : values_) {
      if (name == program.slots()[index].variable) return view_of(value, arena);
    }
    return Cell::of(EvalError::no_such_key);
  }
  Cell history(const Program&, std::uint32_t, Arena&) override {
    return Cell::of(EvalError::unknown_data);
  }
  [[nodiscard]] const ZoneTable& zones() const override { return zones_of_the_suite(); }

 private:
  std::vector<std::pair<std::string, Value>> values_;
};

// Equal as the suite means it: a NaN equals itself, and -0.0 is not 0.0.
bool same(const Value& a, const Value& b) {
  const auto* x = a.get<double>();
  const auto* y = b.get<double>();
  if (x == nullptr || y == nullptr) return a == b;
  return (std::isnan(*x) && std::isnan(*y)) || (*x == *y && std::signbit(*x) == std::signbit(*y));
}

// Empty if the case passes, else what went wrong.
std::string outcome(const json::object& test) {
  Declarations declarations;
  std::vector<std::pair<std::string, Value>> values;
  declarations.check_types = !test.contains("disable_check");
  if (const json::value* environment = test.if_contains("type_env")) {
    for (const json::value& entry : environment->as_array()) {
      Variable variable;
      variable.name = text_at(entry.as_object(), "name");
      variable.type = type_of(entry.as_object().at("ident").as_object().at("type").as_object());
      declarations.variables.push_back(std::move(variable));
    }
  }
  if (const json::value* bindings = test.if_contains("bindings")) {
    for (const auto& [name, value] : bindings->as_object()) {
      values.emplace_back(name, from_json(value));
      if (!declarations.check_types)
        declarations.variables.push_back({std::string(name), {}, false, {}, {}});
    }
  }
  const Program::Compiled compiled = Program::compile(text_at(test, "expr"), declarations);
  const json::object& expected = test.at("expect").as_object();
  if (!compiled.program) {
    const Issue& issue = compiled.issues.at(0);
    return expected.contains("error") && issue.code == ErrorCode::condition_type ? ""
                                                                                 : issue.message;
  }
  Bindings activation(std::move(values));
  Arena arena;
  const Cell result = compiled.program->evaluate(activation, arena);
  if (expected.contains("error")) {
    return result.is_error() ? "" : "expected an error, got " + to_json(to_value(result));
  }
  if (result.is_error()) return fmt::format("error {}", static_cast<int>(result.error_code));
  const Value wanted = from_json(expected.at("value"));
  return same(to_value(result), wanted) ? "" : "got " + to_json(to_value(result));
}

TEST_CASE("all official core cases of CEL pass", "[expr][conformance]") {
  std::ifstream file(ITINERA_SOURCE_DIR "/tests/expr/conformance/cel_core.jsonl");
  REQUIRE(file.good());
  int passed = 0;
  int all = 0;
  for (std::string line; std::getline(file, line);) {
    const json::value test = json::parse(line);
    const json::object& object = test.as_object();
    const std::string wrong = outcome(object);
    ++all;
    if (wrong.empty()) ++passed;
    INFO(text_at(object, "file") << "/" << text_at(object, "section") << "/"
                                 << text_at(object, "name") << ": " << text_at(object, "expr"));
    CHECK(wrong == "");
  }
  fmt::print("CEL conformance: {} of {} core cases pass\n", passed, all);
  CHECK(passed == 772);
  CHECK(all == 772);
}

}  // namespace
