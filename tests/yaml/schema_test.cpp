// SPDX-License-Identifier: Apache-2.0
// `schema` and `retain`, and what conditions that are held against a schema get told.
#include "itinera/data_schema.hpp"

#include "support/catch.hpp"
#include "yaml/support.hpp"

using namespace itinera;
using namespace itinera::yaml_test;
using Codes = std::vector<std::string>;

namespace {

constexpr std::string_view listed =
    "schema:\n"                                                                             // 6
    "  attributes: {email: string, phone: string, tier: string, points: int, vip: bool,\n"  // 7
    "               birthday: optional(string), tags: list(string), any: dyn}\n"            // 8
    "  events:\n"                                                                           // 9
    "    order_placed: {total: double, cart_id: string}\n"                                  // 10
    "    joined: {}\n";                                                                     // 11

const std::string shop_listed = std::string(shop) + std::string(listed);

Codes in_workspace(std::string_view text) {
  return codes(load(campaign("  - wait: 1h\n"), std::string(shop) + std::string(text)).diagnostics);
}

// Of a campaign entered by `order_placed`.
Diagnostics found_in(std::string_view rest) {
  return load(fmt::format("campaign: c\nentry: [{{event: order_placed}}]\n{}", rest), shop_listed)
      .diagnostics;
}

Codes step_codes(std::string_view step) {
  return codes(found_in(fmt::format("steps: [{}, {{send: email}}]\n", step)));
}

Codes when_codes(std::string_view condition) {
  return step_codes(fmt::format("{{send: email, when: '{}'}}", condition));
}

}  // namespace

TEST_CASE("a schema is read, with the places of its names", "[yaml][schema]") {
  const LoadedWorkspace loaded = load(campaign("  - wait: 1h\n"), shop_listed);
  CHECK(text_of(loaded.diagnostics).empty());
  const Schema& schema = loaded.workspace.schema;
  REQUIRE(schema.attributes);
  REQUIRE(schema.attributes->size() == 8);
  const SchemaField& birthday = schema.attributes->at(5);
  CHECK(birthday.name == "birthday");
  CHECK(birthday.may_be_absent);
  CHECK(birthday.type == FieldType{FieldType::Kind::string, FieldType::Kind::dyn});
  CHECK(birthday.at == SourceLocation{"w.yaml", 8, 16});
  CHECK(to_text(schema.attributes->at(6).type) == "list(string)");
  REQUIRE(schema.events.size() == 2);
  CHECK(schema.events[0].name == "order_placed");
  CHECK(schema.events[0].properties.at(0).type.kind == FieldType::Kind::real);
  CHECK(schema.events[1].properties.empty());
}

TEST_CASE("a schema: types are spelt as CEL spells them", "[yaml][schema]") {
  for (const char* type : {"string", "int", "double", "bool", "timestamp", "duration", "list",
                           "map", "dyn", "list(int)", "list(dyn)", "optional(map)"}) {
    INFO(type);
    CHECK(in_workspace(fmt::format("schema: {{events: {{e: {{x: {}}}}}}}\n", type)).empty());
  }
  for (const char* type :
       {"text", "String", "list(list)", "list(", "optional(optional(int))", "enum"}) {
    INFO(type);
    CHECK(in_workspace(fmt::format("schema: {{events: {{e: {{x: {}}}}}}}\n", type)) ==
          Codes{"bad_value 6:26"});
  }
  const auto hint = [](const char* type) {
    return load(campaign("  - wait: 1h\n"),
                fmt::format("{}schema: {{attributes: {{email: string, phone: string, x: {}}}}}\n",
                            shop, type))
        .diagnostics.at(0)
        .hint;
  };
  CHECK(hint("boolean") == "write `bool`");
  CHECK(hint("strng") == "did you mean 'string'?");
}

TEST_CASE("a schema: shapes and names are tested", "[yaml][schema]") {
  CHECK(in_workspace("schema: {attributes: [a]}\n") == Codes{"wrong_type 6:22"});
  CHECK(in_workspace("schema: {events: {e: [a]}}\n") == Codes{"wrong_type 6:22"});
  CHECK(in_workspace("schema: {evnts: {}}\n") == Codes{"unknown_key 6:10"});
  CHECK(in_workspace("schema: {events: {e: {a: string, a: int}}}\n") ==
        Codes{"duplicate_key 6:34"});
  CHECK(in_workspace("schema: {attributes: {email: string, phone: string, zone: int}}\n") ==
        Codes{"bad_value 6:53"});
  CHECK(in_workspace("schema: {attributes: {email: string, phone: string, id: string}}\n").empty());
  // Addresses are conditions, too.
  CHECK(in_workspace("schema: {attributes: {mail: string, phone: string}}\n") ==
        Codes{"condition_unknown 4:28"});
}

TEST_CASE("a schema: attributes are those listed, and id and zone", "[yaml][schema]") {
  CHECK(when_codes("contact.tier == \"gold\" && contact.zone == contact.id").empty());
  CHECK(when_codes("contact.teir == \"gold\"") == Codes{"condition_unknown 3:38"});
  const Diagnostics found = found_in("steps: [{send: email, when: contact.teir == \"gold\"}]\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].hint == "did you mean 'contact.tier'?");
  CHECK(when_codes("has(contact.teir)") == Codes{"condition_unknown 3:42"});
  CHECK(when_codes("contact.points > 3 && contact.vip").empty());
  CHECK(when_codes("contact.points == \"3\"") == Codes{"condition_type 3:45"});
  CHECK(when_codes("contact.tier") == Codes{"condition_type 3:30"});
  CHECK(when_codes("contact.tags.exists(t, t == 1)") == Codes{"condition_type 3:55"});
  CHECK(when_codes("contact.any + 1 == 2").empty());
}

TEST_CASE("a schema: a listed event has the properties listed, others have any", "[yaml][schema]") {
  const auto entry = [](std::string_view way) {
    return codes(
        load(fmt::format("campaign: c\nentry: [{}]\nsteps: [{{send: email}}]\n", way), shop_listed)
            .diagnostics);
  };
  CHECK(entry("{event: order_placed, when: event.total > 5.0, key: event.cart_id}").empty());
  CHECK(entry("{event: order_placed, when: event.totl > 5.0}") == Codes{"condition_unknown 2:43"});
  CHECK(entry("{event: order_placed, when: event.cart_id > 5.0}") == Codes{"condition_type 2:51"});
  CHECK(entry("{event: other, when: event.totl > 5.0}").empty());
  CHECK(entry("{event: joined, when: event.x == 1}") == Codes{"condition_unknown 2:31"});
  // The entry event, whichever it was.
  CHECK(when_codes("entry.total > 5.0").empty());
  CHECK(when_codes("entry.totl > 5.0") == Codes{"condition_unknown 3:36"});
  const auto two = [](std::string_view ways) {
    return codes(load(fmt::format("campaign: c\nentry: [{}]\n"
                                  "steps: [{{send: email, when: entry.other == 1}}]\n",
                                  ways),
                      shop_listed)
                     .diagnostics);
  };
  CHECK(two("{event: order_placed}, {event: joined}") == Codes{"condition_unknown 3:35"});
  CHECK(two("{event: order_placed}, {event: unlisted}").empty());
  CHECK(two("{event: order_placed}, host").empty());
  // Goals, exits and waits receive events as well.
  CHECK(codes(found_in("goals: {g: {event: order_placed, when: event.x == 1, value: event.y}}\n"
                       "exits: [{event: order_placed, when: event.z == 1}]\n"
                       "steps: [{wait_for: {event: order_placed, when: event.w == 1}}]\n")) ==
        Codes{"condition_unknown 3:46", "condition_unknown 3:67", "condition_unknown 4:43",
              "condition_unknown 5:54"});
}

TEST_CASE("a schema: history looks at properties that are there", "[yaml][schema]") {
  CHECK(when_codes("sum(\"order_placed\", \"total\", \"90d\") > 5.0").empty());
  CHECK(when_codes("sum(\"order_placed\", \"totl\", \"90d\") > 5.0") ==
        Codes{"condition_unknown 3:30"});
  CHECK(when_codes("sum(\"order_placed\", \"cart_id\", \"90d\") > 5.0") ==
        Codes{"condition_type 3:30"});
  CHECK(when_codes("count(\"order_placed\", \"90d\", e.total > 5.0) > 1").empty());
  CHECK(when_codes("count(\"order_placed\", \"90d\", e.totl > 5.0) > 1") ==
        Codes{"condition_unknown 3:30"});
  CHECK(when_codes("count(\"unlisted\", \"90d\", e.totl > 5.0) > 1").empty());
}

TEST_CASE("a schema: what campaigns set and emit is in it", "[yaml][schema]") {
  CHECK(step_codes("{set: {tier: gold, journey.x: 1, points: =int(entry.total)}}").empty());
  CHECK(step_codes("{set: {teir: gold}}") == Codes{"unknown_name 3:16"});
  CHECK(step_codes("{set: {tier: 7}}") == Codes{"condition_type 3:16"});
  CHECK(step_codes("{set: {tier: =contact.points}}") == Codes{"condition_type 3:16"});
  CHECK(step_codes("{set: {tier: null, tags: [a, b], any: 7}}").empty());
  CHECK(step_codes("{set: {tags: [a, 7]}}") == Codes{"condition_type 3:16"});
  CHECK(step_codes("{wait: 1h}, {emit: order_placed, data: {total: 7, cart_id: =entry.cart_id}}")
            .empty());
  CHECK(step_codes("{wait: 1h}, {emit: order_placed, data: {totl: 7.0}}") ==
        Codes{"unknown_name 3:49"});
  CHECK(step_codes("{wait: 1h}, {emit: order_placed, data: {total: lots}}") ==
        Codes{"condition_type 3:49"});
  CHECK(step_codes("{emit: other, data: {x: lots}}").empty());
}

TEST_CASE("a schema: a date that may be absent wants a word on that", "[yaml][schema][S7]") {
  CHECK(step_codes("{wait: {until: contact.birthday}}") == Codes{"?suspicious 3:24"});
  CHECK(step_codes("{wait: {until: contact.birthday}, on_missing: exit}").empty());
  CHECK(step_codes("{wait: {until: contact.birthday}, on_missing: skip}").empty());
  CHECK(step_codes("{wait: {until: contact.birthday}, when: has(contact.birthday)}").empty());
  CHECK(step_codes("{wait: {until: contact.tier}}").empty());
}

TEST_CASE("a schema: what could not be read may be any name", "[yaml][schema]") {
  CHECK(codes(load(campaign("  - {send: email, when: contact.other == 1}\n"),
                   fmt::format("{}schema: {{attributes: [email]}}\n", shop))
                  .diagnostics) == Codes{"wrong_type 6:22"});
}

TEST_CASE("what is to be retained is read and tested", "[yaml][retain]") {
  const LoadedWorkspace loaded =
      load(campaign("  - wait: 1h\n"),
           std::string(shop) + "retain: {events: {order_placed: 365d}, attributes: [tier]}\n");
  CHECK(text_of(loaded.diagnostics).empty());
  REQUIRE(loaded.workspace.retain.events.size() == 1);
  CHECK(loaded.workspace.retain.events[0].name == "order_placed");
  CHECK(loaded.workspace.retain.events[0].window_ms == 365LL * 86'400'000);
  CHECK(loaded.workspace.retain.events[0].at == SourceLocation{"w.yaml", 6, 19});
  CHECK(loaded.workspace.retain.attributes == Codes{"tier"});
  CHECK(in_workspace("retain: {events: {a: 0s}}\n") == Codes{"bad_value 6:19"});
  CHECK(in_workspace("retain: {events: {a: P1Y}}\n") == Codes{"bad_value 6:22"});
  CHECK(in_workspace("retain: {events: {a: [1d]}}\n") == Codes{"wrong_type 6:22"});
  CHECK(in_workspace("retain: {events: [a]}\n") == Codes{"wrong_type 6:18"});
  CHECK(in_workspace("retain: {attributes: [a, a]}\n") == Codes{"duplicate_name 6:9"});
  CHECK(in_workspace(std::string(listed) + "retain: {attributes: [teir, zone]}\n") ==
        Codes{"unknown_name 12:9"});
}

TEST_CASE("a schema and what is retained come back from YAML", "[yaml][schema][format]") {
  Workspace workspace;
  workspace.name = "shop";
  workspace.schema.attributes = {{"tier", {FieldType::Kind::string}, true, {}},
                                 {"tags", {FieldType::Kind::list, FieldType::Kind::integer}}};
  workspace.schema.events = {{"a", {{"k", {FieldType::Kind::dyn}}}, {}}, {"b", {}, {}}};
  workspace.retain = {{{"a", 90'000, {}}}, {"tier"}};
  const Result<std::string> text = to_yaml(workspace);
  if (!text) FAIL(text.error().message);
  CHECK(*text ==
        "workspace: shop\n"
        "schema: {attributes: {tier: optional(string), tags: list(int)}, events: {a: {k: dyn}, b: "
        "{}}}\n"
        "retain: {events: {a: 1m30s}, attributes: [tier]}\n");
}
