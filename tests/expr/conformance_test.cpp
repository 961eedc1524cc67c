// SPDX-License-Identifier: Apache-2.0
// The official conformance cases of CEL: tests/expr/conformance/README.md.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <span>
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

// The bytes of base64, RFC 4648.
std::string bytes_of(std::string_view base64) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : base64.substr(0, base64.find('='))) {
    bits = bits << 6 | static_cast<std::uint32_t>(digits.find(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFF);
  }
  return out;
}

std::string_view copied(std::string_view text, Arena& arena) {
  auto* memory = static_cast<char*>(arena.allocate(text.size()));
  std::copy(text.begin(), text.end(), memory);
  return {memory, text.size()};
}

// A cell of the arena: no Value holds uint, bytes or a type.
Cell from_json(const json::value& from, Arena& arena) {
  const json::object& object = from.as_object();
  const auto& [kind, content] = *object.begin();
  const auto text = [&content = content, &arena] { return copied(content.as_string(), arena); };
  if (kind == "int")
    return Cell::of(std::int64_t{std::stoll(json::value_to<std::string>(content))});
  if (kind == "uint") return Cell::of_uinteger(std::stoull(json::value_to<std::string>(content)));
  if (kind == "double") return Cell::of(std::strtod(content.as_string().c_str(), nullptr));
  if (kind == "bool") return Cell::of(content.as_bool());
  if (kind == "string") return Cell::of(text());
  if (kind == "bytes") return Cell::of_bytes(copied(bytes_of(content.as_string()), arena));
  if (kind == "type") return Cell::of_type(text());
  if (kind == "null") return {};
  if (kind == "timestamp") return Cell::of(timestamp_of(content.as_string()).value());
  if (kind == "duration") return Cell::of(time_span_of(content.as_string()).value());
  const json::array& elements = content.as_array();
  if (kind == "list") {
    auto* list = static_cast<Cell*>(arena.allocate(elements.size() * sizeof(Cell)));
    for (std::size_t i = 0; i < elements.size(); ++i) {
      std::construct_at(list + i, from_json(elements[i], arena));
    }
    return Cell::of(std::span<const Cell>(list, elements.size()));
  }
  REQUIRE(kind == "map");
  auto* map = static_cast<CellEntry*>(arena.allocate(elements.size() * sizeof(CellEntry)));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const json::array& entry = elements[i].as_array();
    std::construct_at(map + i, CellEntry{from_json(entry[0], arena), from_json(entry[1], arena)});
  }
  return Cell::of(std::span<const CellEntry>(map, elements.size()));
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
  if (content.as_string() == "UINT64") return {Type::Kind::uinteger, {}};
  if (content.as_string() == "BYTES") return {Type::Kind::bytes, {}};
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
  void bind(std::string name, const Cell& value) { values_.emplace_back(std::move(name), value); }
  Cell slot(const Program& program, std::uint32_t index, Arena&) override {
    for (const auto& [name, value] : values_) {
      if (name == program.slots()[index].variable) return value;
    }
    return Cell::of(EvalError::no_such_key);
  }
  Cell history(const Program&, std::uint32_t, Arena&) override {
    return Cell::of(EvalError::unknown_data);
  }
  [[nodiscard]] const ZoneTable& zones() const override { return zones_of_the_suite(); }

 private:
  std::vector<std::pair<std::string, Cell>> values_;
};

// Equal as the suite means it: of one kind, a NaN equals itself, and -0.0 is not 0.0.
bool same(const Cell& a, const Cell& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == Cell::Kind::uinteger) return a.uinteger == b.uinteger;
  if (a.kind == Cell::Kind::list) {
    return std::equal(a.list, a.list + a.size, b.list, b.list + b.size, same);
  }
  if (a.kind == Cell::Kind::map) {
    return std::is_permutation(a.map, a.map + a.size, b.map, b.map + b.size,
                               [](const CellEntry& x, const CellEntry& y) {
                                 return same(x.key, y.key) && same(x.value, y.value);
                               });
  }
  if (a.kind != Cell::Kind::real) return to_value(a) == to_value(b);
  return (std::isnan(a.real) && std::isnan(b.real)) ||
         (a.real == b.real && std::signbit(a.real) == std::signbit(b.real));
}

// Empty if the case passes, else what went wrong.
std::string outcome(const json::object& test) {
  Declarations declarations;
  Bindings activation;
  Arena arena;
  if (test.contains("container")) declarations.container = text_at(test, "container");
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
      activation.bind(name, from_json(value, arena));
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
  const Cell result = compiled.program->evaluate(activation, arena);
  if (expected.contains("error")) {
    return result.is_error() ? "" : "expected an error, got " + to_json(to_value(result));
  }
  if (result.is_error()) return fmt::format("error {}", static_cast<int>(result.error_code));
  const Cell wanted = from_json(expected.at("value"), arena);
  return same(result, wanted) ? "" : "got " + to_json(to_value(result));
}

void check_all(const char* file_name, int count) {
  std::ifstream file(std::string(ITINERA_SOURCE_DIR "/tests/expr/conformance/") + file_name);
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
  fmt::print("CEL conformance: {} of {} cases of {} pass\n", passed, all, file_name);
  CHECK(passed == count);
  CHECK(all == count);
}

TEST_CASE("all official core cases of CEL pass", "[expr][conformance]") {
  check_all("cel_core.jsonl", 772);
}

TEST_CASE("all official cases of uint, bytes, types and containers pass", "[expr][conformance]") {
  check_all("cel_core_plus.jsonl", 334);
}

TEST_CASE("all official cases of CEL's text functions pass", "[expr][conformance]") {
  check_all("cel_strings.jsonl", 213);
}

}  // namespace
