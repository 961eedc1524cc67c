// SPDX-License-Identifier: Apache-2.0
#include "cli/json.hpp"

#include <string>

#include "cli/read.hpp"
#include "support/catch.hpp"

namespace {

using itinera::cli::JsonObject;
using itinera::cli::JsonReader;
using itinera::cli::LineError;

// What was read, as JSON; or "column: message".
std::string read(std::string_view text) {
  JsonReader reader;
  JsonObject object;
  const Padded padded(text);
  if (const auto error = reader.read(padded.text(), object)) {
    return std::to_string(error->column) + ": " + error->message;
  }
  std::string out;
  for (const auto& member : object.members) {
    out += (out.empty() ? "" : ",") + member.name + "=" + to_json(member.value);
  }
  return out;
}

}  // namespace

TEST_CASE("json: every kind of value is read", "[cli][json]") {
  CHECK(read(R"({"a":1,"b":[1,2.5,"x",null,true],"c":{"d":{}}})") ==
        R"(a=1,b=[1,2.5,"x",null,true],c={"d":{}})");
  CHECK(read(R"({})").empty());
  CHECK(read(" { \"a\" : 1 } \t") == "a=1");
  CHECK(read(R"({"a":"é\u00e9\n\"\ud83d\ude00"})") == "a=\"éé\\n\\\"😀\"");
}

TEST_CASE("json: integers of 64 bits stay integers, other numbers are doubles", "[cli][json]") {
  CHECK(read(R"({"a":9223372036854775807,"b":-9223372036854775808})") ==
        "a=9223372036854775807,b=-9223372036854775808");
  CHECK(read(R"({"a":9223372036854775808})") == "a=9.223372036854776e+18");
  CHECK(read(R"({"a":18446744073709551616})") == "a=1.8446744073709552e+19");
  CHECK(read(R"({"a":-123456789012345678901234567890})") == "a=-1.2345678901234568e+29");
  CHECK(read(R"({"a":1e3,"b":0.1,"c":-0.0})") == "a=1000.0,b=0.1,c=-0.0");
}

TEST_CASE("json: what is wrong is said with its column", "[cli][json]") {
  CHECK(read(R"({"a":1,})") == "8: not JSON");
  CHECK(read(R"({"a":[1 2]})") == "9: not JSON");
  CHECK(read(R"({"a":tru})") == "6: not JSON");
  CHECK(read(R"({"a":NaN})") == "6: not JSON");
  CHECK(read(R"({a:1})") == "2: not JSON");
  CHECK(read(R"({"a":01})") == "6: not a number that JSON knows, or out of range");
  CHECK(read(R"({"a":1e999})") == "6: not a number that JSON knows, or out of range");
  CHECK(read(R"({"a":1} {"b":2})") == "9: something stands behind the object: one message a line");
  CHECK(read(R"([1])") == "1: a message is a JSON object");
  CHECK(read(R"("x")") == "1: a message is a JSON object");
  CHECK(read("{") == "1: the object is not closed, or something stands behind it");
  CHECK(read(R"( {"a":1  )") == "7: the object is not closed, or something stands behind it");
  CHECK(read(R"({"a":"x)") == "0: a text is not closed");
  CHECK(read("{\"a\":\"\xff\"}") == "0: the line is not UTF-8");
  CHECK(read("{\"a\":\"\t\"}") == "0: a control character in a text must be escaped");
  CHECK(read(R"({"a":"\ud800"})") == "14: an escape in a text is wrong");
}

TEST_CASE("json: a name may stand once in an object, at any depth", "[cli][json]") {
  CHECK(read(R"({"a":1,"a":2})") == "12: the name \"a\" stands twice in one object");
  CHECK(read(R"({"p":[{"a":1,"b":3,"a":2}]})") == "26: the name \"a\" stands twice in one object");
  CHECK(read(R"({"a":{"a":1},"b":{"a":1}})") == R"(a={"a":1},b={"a":1})");
}

TEST_CASE("json: nesting has a bound", "[cli][json]") {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  CHECK(read(nested(31)) == "a=" + std::string(31, '[') + std::string(31, ']'));
  CHECK(read(nested(32)) == "37: nested deeper than 32");
  CHECK_THAT(read(nested(100'000)), Catch::Contains("nested deeper than 32"));
  CHECK_FALSE(read("{\"a\":" + std::string(100'000, '[')).empty());
}
