// SPDX-License-Identifier: Apache-2.0
#include "itinera/story.hpp"

#include <string>
#include <vector>

#include "insight/journal.hpp"
#include "support/catch.hpp"

namespace itinera {
namespace {

using record::Decision;
using record::Reason;
using test::emitted;
using test::ended;
using test::entered;
using test::event_of;
using test::Journal;
using test::noon;

// Every happening as a line, without its instant.
std::vector<std::string> lines_of(base::ByteView journal) {
  Story story;
  std::vector<std::string> lines;
  while (!journal.empty()) {
    const auto chapter = story.next(journal);
    if (!chapter) {
      lines.push_back(std::string(name_of(chapter.error().code)));
      return lines;
    }
    for (const Happening& happening : chapter->happenings) {
      lines.push_back(to_text(happening).substr(to_text(happening.at).size() + 2));
    }
  }
  return lines;
}

Journal begun() {
  Journal journal;
  journal.publish({test::welcome()});
  journal.frame(noon, event_of(record::no_place, "signed_up"), record::ContactCreated{0, "ola"},
                entered(0, 0, "k1"));
  return journal;
}

record::AttributeSet attribute_set(std::uint32_t contact) {
  record::AttributeSet made;
  made.contact = contact;
  made.name = "a";
  return made;
}

// data v1: 0 send mail {a, b, c}; 1 set {journey.x, y, journey.z}; 2 set {journey.z, journey.w}.
// Goal `order`.
Journal missing_begun() {
  const auto values = [](std::initializer_list<const char*> names) {
    std::vector<Datum> data;
    for (const char* name : names) data.push_back({.name = name});
    return data;
  };
  Campaign campaign{.name = "data", .goals = {{.name = "order"}}};
  campaign.steps = {
      {.id = "mail", .kind = Send{.channel = "email", .data = values({"a", "b", "c"})}},
      {.id = "one", .kind = Set{.values = values({"journey.x", "y", "journey.z"})}},
      {.id = "two", .kind = Set{.values = values({"journey.z", "journey.w"})}}};
  Journal journal;
  journal.publish({campaign});
  journal.frame(noon, event_of(record::no_place, "go"), record::ContactCreated{0, "ola"},
                entered(0, 0));
  return journal;
}

// What the last frame says is missing, each up to its comma.
std::vector<std::string> missing_in(const Journal& journal) {
  base::ByteView rest = journal.view();
  Story story;
  std::vector<std::string> lines;
  while (!rest.empty()) {
    const auto chapter = story.next(rest);
    REQUIRE(chapter);
    lines.clear();
    for (const Happening& happening : chapter->happenings) {
      if (happening.what != "missing_datum") continue;
      const std::string line = to_text(happening).substr(to_text(happening.at).size() + 2);
      lines.push_back(line.substr(0, line.find(',')));
    }
  }
  return lines;
}

record::Counted missing_of(std::uint16_t node) { return {record::Counter::missing_datum, 0, node}; }

base::Bytes data_of(std::initializer_list<const char*> names) {
  base::Bytes bytes;
  for (const char* name : names) {
    base::Writer(bytes).text(name);
    base::pack(1, bytes);
  }
  return bytes;
}

record::Emitted emitted_with(std::uint16_t node, const base::Bytes& data) {
  record::Emitted made = emitted(0, node, node);
  made.data = data;
  return made;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("story: each record of a journey is told in its author's words", "[insight][story]") {
  Journal journal = begun();
  record::Waited waited{.journey = 0, .node = 1, .due = noon + day_ms};
  journal.frame(noon, record::TimersInput{1}, emitted(0, 0, 7), waited);
  journal.frame(noon, record::TakenInput{1});
  record::ReportInput report;
  report.action = {0, 7};
  journal.frame(noon, report, record::ReceiptNoted{0, 0, 0, 2}, record::Resolved{0, 1, 0});
  journal.frame(noon, record::TimersInput{1},
                record::Skipped{0, 2, Decision::no_address, Reason::none},
                record::Assigned{0, 3, 1, 9'000});
  const auto value = test::packed(12.5);
  journal.frame(noon, event_of(0, "ordered"), record::Converted{0, 0, value},
                ended(0, Decision::finished, Reason::written, 6), record::Counted{});

  CHECK(lines_of(journal.view()) ==
        Lines{"contact_created, contact ola", "entered, welcome v1, contact ola, key k1",
              "emitted, step hello, by email, welcome v1, contact ola, key k1",
              "waited until 2026-03-03T12:00:00Z, step await, welcome v1, contact ola, key k1",
              "receipt opened, step hello, by email, welcome v1, contact ola, key k1",
              "resolved opened (case), step await, welcome v1, contact ola, key k1",
              "no_address, step thanks, by push, welcome v1, contact ola, key k1",
              "assigned control, step arm, welcome v1, contact ola, key k1",
              "converted order 12.5, welcome v1, contact ola, key k1",
              "finished (done), step end, welcome v1, contact ola, key k1",
              "unknown_condition, contact ola"});
}

TEST_CASE("story: a wait by a zone that stands in says whose it is", "[insight][story][S12]") {
  const auto told = [](std::uint8_t zone_from) {
    Journal journal = begun();
    record::Waited waited{.journey = 0, .node = 1, .due = noon};
    waited.zone_from = zone_from;
    journal.frame(noon, record::TimersInput{1}, waited);
    const std::string line = lines_of(journal.view()).back();
    return line.substr(0, line.find(", step"));
  };
  const std::string until = "waited until 2026-03-02T12:00:00Z";
  CHECK(told(0) == until);
  CHECK(told(1) == until);
  CHECK(told(2) == until + ", in the zone of the campaign");
  CHECK(told(3) == until + ", in the zone of the workspace");
  CHECK(told(4) == until + ", in UTC");
  CHECK(told(200) == until);
}

TEST_CASE("story: a chapter says which input it was and whom it was about", "[insight][story]") {
  const Journal journal = begun();
  base::ByteView rest = journal.view();
  Story story;
  const auto publish = story.next(rest);
  REQUIRE(publish);
  CHECK(publish->input == "publish");
  REQUIRE(story.definitions() == 1);
  CHECK(story.definition(0).name == "welcome");

  record::EventInput stranger;
  stranger.contact_id = "bob";
  stranger.name = "seen";
  Journal more;
  more.frame(noon, stranger,
             record::Refused{record::no_place, 0, Decision::refused_reentry, Reason::never, ""});
  base::ByteView bytes = more.view();
  const auto chapter = story.next(bytes);
  REQUIRE(chapter);
  CHECK(chapter->input == "event");
  CHECK(chapter->event == "seen");
  CHECK(chapter->contact == "bob");
  REQUIRE(chapter->happenings.size() == 1);
  CHECK(chapter->happenings[0].contact == "bob");
  CHECK(chapter->happenings[0].what == "refused_reentry");
  CHECK(chapter->happenings[0].reason == "never");
  CHECK(bytes.empty());
}

TEST_CASE("story: who is taken over is named, known or not", "[insight][story]") {
  Journal journal = begun();
  record::TakeOverInput input;
  const bool known = GENERATE(true, false);
  input.contact = known ? 0 : record::no_place;
  input.contact_id = known ? "" : "bob";
  journal.frame(noon, input, record::Duplicate{},
                record::Refused{record::no_place, 0, Decision::refused_reentry, Reason::never, ""});
  const std::string who = known ? "ola" : "bob";
  Lines lines = lines_of(journal.view());
  lines.erase(lines.begin(), lines.begin() + 2);
  CHECK(lines ==
        Lines{"duplicate, contact " + who, "refused_reentry (never), welcome v1, contact " + who});
}

TEST_CASE("story: a version published again keeps its number, a new one comes after",
          "[insight][story][S23]") {
  Campaign old = test::welcome();
  Campaign renewed = test::welcome();
  renewed.version = 2;
  Campaign other = test::welcome();
  other.name = "another";
  Journal journal;
  journal.publish({old}).publish({other, old, renewed}).publish({renewed});
  base::ByteView rest = journal.view();
  Story story;
  while (!rest.empty()) REQUIRE(story.next(rest));
  REQUIRE(story.definitions() == 3);
  CHECK(story.definition(0).version == 1);
  CHECK(story.definition(1).name == "another");
  CHECK(story.definition(2).version == 2);
}

TEST_CASE("story: a withdrawn action is told by its step, a taken one cannot be withdrawn",
          "[insight][story]") {
  Journal journal = begun();
  journal.frame(noon, record::TimersInput{1}, emitted(0, 0, 7), emitted(0, 2, 8, 1));
  SECTION("still in the outbox") {
    journal.frame(noon + 5, event_of(0, "left"),
                  record::Withdrawn{0, {0, 8}, Decision::withdrawn_exit, 1});
    CHECK(lines_of(journal.view()).back() ==
          "withdrawn_exit, step thanks, by push, welcome v1, contact ola, key k1");
  }
  SECTION("taken") {
    journal.frame(noon, record::TakenInput{1});
    journal.frame(noon, event_of(0, "left"),
                  record::Withdrawn{0, {0, 8}, Decision::withdrawn_exit, 1});
    CHECK(lines_of(journal.view()).back().starts_with("withdrawn_exit, step thanks"));
    journal.frame(noon, event_of(0, "left"), record::Withdrawn{0, {0, 7}});
    CHECK(lines_of(journal.view()).back() == "damaged_journal");
  }
}

TEST_CASE("story: a place used again within a frame does not change what was told of it",
          "[insight][story]") {
  Journal journal = begun();
  journal.frame(noon, event_of(0, "again"), ended(0, Decision::exited, Reason::replaced),
                entered(0, 0, "k2"));
  const auto lines = lines_of(journal.view());
  REQUIRE(lines.size() == 4);
  CHECK(lines[2] == "exited (replaced), welcome v1, contact ola, key k1");
  CHECK(lines[3] == "entered, welcome v1, contact ola, key k2");
}

TEST_CASE(
    "story: what a device was stays with whom it leaves, and is nobody's who has its place next",
    "[insight][story][S30]") {
  Journal journal;
  journal.publish({test::welcome()});
  journal.frame(noon, event_of(record::no_place, "e"), record::ContactCreated{0, "ola"},
                record::ContactCreated{1, "bob"}, record::ContactCreated{2, "anonymous:dev"},
                record::ContactCreated{3, "anonymous:old"}, entered(0, 2), entered(1, 3));
  journal.frame(noon, record::AliasInput{}, record::Linked{2, 3, "old"});
  journal.frame(noon, record::AliasInput{}, record::Linked{0, 2, "dev"});
  journal.frame(noon, record::AliasInput{}, record::Linked{0, 2, "dev"});
  journal.frame(noon, record::AliasInput{}, record::Linked{1, 2, "dev"}, entered(2, 1));
  const base::Bytes places{std::byte{1}, std::byte{0}, std::byte{0}, std::byte{0},
                           std::byte{2}, std::byte{0}, std::byte{0}, std::byte{0}};
  journal.frame(noon, record::ForgetInput{}, ended(2, Decision::exited, Reason::forgotten),
                record::Forgotten{1, places});
  journal.frame(noon, event_of(record::no_place, "e"), record::ContactCreated{1, "eve"},
                record::ContactCreated{2, "jan"});
  journal.frame(noon, record::TimersInput{2}, record::Visited{0, 0}, record::Visited{1, 0});
  Lines lines = lines_of(journal.view());
  lines.erase(lines.begin(), lines.begin() + 6);
  CHECK(lines == Lines{"linked old (anonymous), contact anonymous:dev",
                       "linked dev (anonymous), contact ola", "linked dev, contact ola",
                       "linked dev (relinked), contact bob", "entered, welcome v1, contact bob",
                       "exited (forgotten), welcome v1, contact bob", "forgotten, contact bob",
                       "contact_created, contact eve", "contact_created, contact jan",
                       "visited, step hello, by email, welcome v1, contact ola",
                       "visited, step hello, by email, welcome v1, contact ola"});
  journal.frame(noon, record::TimersInput{1}, record::Visited{2, 0});
  CHECK(lines_of(journal.view()).back() == "damaged_journal");
}

TEST_CASE("story: what refers to nothing is damage, whatever it refers to", "[insight][story]") {
  const auto last = [](const auto& record) {
    Journal journal = begun();
    journal.frame(noon, event_of(0, "x"), record);
    return lines_of(journal.view()).back();
  };
  CHECK(last(record::ContactCreated{2, "gap"}) == "damaged_journal");
  CHECK(last(entered(7, 0)) == "damaged_journal");
  CHECK(last(entered(1, 9)) == "damaged_journal");
  CHECK(last(record::Refused{0, 4, Decision::missing_key, Reason::none, ""}) == "damaged_journal");
  CHECK(last(record::Resolved{0, 70, 0}) == "damaged_journal");
  CHECK(last(record::Resolved{1, 1, 0}) == "damaged_journal");
  CHECK(last(record::Resolved{0, 1, 4}) == "damaged_journal");
  CHECK(last(record::Assigned{0, 3, 2, 0}) == "damaged_journal");
  CHECK(last(record::ReceiptNoted{0, 0, 0, 200}) == "damaged_journal");
  CHECK(last(record::Converted{0, 3, {}}) == "damaged_journal");
  CHECK(last(record::Converted{0, 0, base::as_bytes("x")}) == "damaged_journal");
  CHECK(last(attribute_set(5)) == "damaged_journal");
  CHECK(last(record::Linked{0, 6, "x"}) == "damaged_journal");
  CHECK(last(attribute_set(0)) == "attribute_set a, contact ola");
}

TEST_CASE("story: of a datum that is missing it says which", "[insight][story]") {
  Journal journal = missing_begun();
  const record::VariableSet x{0, "x", {}};
  const record::VariableSet z{0, "z", {}};
  SECTION("of a send, what its emission lacks") {
    journal.frame(noon, record::TimersInput{1}, missing_of(0), missing_of(0),
                  emitted_with(0, data_of({"b"})));
    CHECK(missing_in(journal) == Lines{"missing_datum a", "missing_datum c"});
  }
  SECTION("of a set, what neither its emission nor a variable has") {
    journal.frame(noon, record::TimersInput{1}, x, missing_of(1), emitted_with(1, data_of({"y"})));
    CHECK(missing_in(journal) == Lines{"missing_datum journey.z"});
  }
  SECTION("of a set without an emission too, and of one step after the other") {
    journal.frame(noon, record::TimersInput{1}, x, missing_of(1), z, z, missing_of(2));
    CHECK(missing_in(journal) == Lines{"missing_datum y", "missing_datum journey.w"});
  }
  SECTION("of a goal, which") {
    journal.frame(noon, record::TimersInput{1}, missing_of(0xFFFF), record::Converted{0, 0, {}});
    CHECK(missing_in(journal) == Lines{"missing_datum order"});
  }
}

TEST_CASE("story: a datum that cannot be told is not named", "[insight][story]") {
  Journal journal = missing_begun();
  const record::VariableSet x{0, "x", {}};
  const record::VariableSet z{0, "z", {}};
  SECTION("what a receipt brought is no datum of its send") {
    journal.frame(noon, record::TimersInput{1}, missing_of(0));
  }
  SECTION("a step that was left early") {
    journal.frame(noon, record::TimersInput{1}, x, missing_of(1),
                  ended(0, Decision::exited, Reason::variables_limit));
  }
  SECTION("the step before set a variable of the same name") {
    journal.frame(noon, record::TimersInput{1}, z, missing_of(2), record::VariableSet{0, "w", {}});
  }
  SECTION("in another frame") {
    journal.frame(noon, record::TimersInput{1}, missing_of(0));
    journal.frame(noon, record::TimersInput{1}, missing_of(0), emitted_with(0, data_of({})));
  }
  CHECK(missing_in(journal) == Lines{"missing_datum"});
}

TEST_CASE("story: data that make no sense are damage", "[insight][story]") {
  Journal journal = missing_begun();
  journal.frame(noon, record::TimersInput{1}, missing_of(0),
                emitted_with(0, base::Bytes(3, std::byte{1})));
  CHECK(lines_of(journal.view()).back() == "damaged_journal");
}

TEST_CASE("story: a torn last frame is dropped, damage before whole ones is an error",
          "[insight][story]") {
  const Journal journal = begun();
  const base::ByteView whole = journal.view();
  CHECK(lines_of(whole.first(whole.size() - 1)).empty());
  base::Bytes bytes(whole.begin(), whole.end());
  bytes[30] ^= std::byte{1};
  CHECK(lines_of(bytes) == Lines{"damaged_journal"});
}

}  // namespace itinera
