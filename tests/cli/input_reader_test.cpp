// SPDX-License-Identifier: Apache-2.0
#include "cli/input_reader.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string>

#include "cli/read.hpp"
#include "support/catch.hpp"

namespace {

using namespace itinera;  // NOLINT(google-build-using-namespace): a test of many of its names
using cli::InputReader;
using cli::Line;
using cli::LineError;
using cli::Message;
using cli::ReceivedFrom;

// A message with the memory behind it.
struct Reading {
  explicit Reading(std::string_view text, ReceivedFrom from = ReceivedFrom::received_at)
      : padded(text), message(InputReader(from).read(padded.text(), line)) {}
  template <class T>
  const T& input() const {
    if (const auto* error = std::get_if<LineError>(&message)) FAIL(error->message);
    return std::get<T>(std::get<Input>(message));
  }
  [[nodiscard]] std::string error() const {
    const auto* found = std::get_if<LineError>(&message);
    return found == nullptr ? "" : std::to_string(found->column) + ": " + found->message;
  }
  [[nodiscard]] std::string hint() const { return std::get<LineError>(message).hint; }

  Padded padded;
  Line line;
  Message message;
};

constexpr Instant march_2{1'772'442'000'000};  // 2026-03-02T09:00:00Z

// The events of a conformance file, each as a line, by their ids.
std::vector<std::pair<std::string, std::string>> cloud_events(const std::string& name) {
  std::ifstream in(ITINERA_SOURCE_DIR "/tests/cli/cloudevents/" + name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const Padded padded(text);
  cli::JsonObject file;
  REQUIRE_FALSE(cli::JsonReader().read(padded.text(), file));
  std::vector<std::pair<std::string, std::string>> events;
  for (const Value& test : *file.find("tests")->value.get<Value::List>()) {
    const Value::Map& members = *test.get<Value::Map>();
    events.emplace_back(*members.at(0).value.get<std::string>(), to_json(members.at(1).value));
  }
  return events;
}

}  // namespace

TEST_CASE("input: a track is an event of its contact", "[cli][input]") {
  const Reading read(R"({"type":"track","event":"Order Completed","userId":"ola","messageId":"m1",
    "receivedAt":"2026-03-02T10:00:00+01:00","timestamp":"2026-03-02T08:59:00.5Z",
    "properties":{"total":12.5,"items":[1,2]},"context":{"ip":"::1"}})");
  const Event& event = read.input<Event>();
  CHECK(event.name == "Order Completed");
  CHECK(event.contact == "ola");
  CHECK(event.anonymous.empty());
  CHECK(event.envelope.received == march_2);
  CHECK(event.envelope.occurred == march_2 - 59'500);
  CHECK(event.envelope.message_id == "m1");
  REQUIRE(event.properties.size() == 2);
  CHECK(event.properties[0] == Property{"total", 12.5});
}

TEST_CASE("input: identify, alias, merge, forget, group, enter, start, stop, advance",
          "[cli][input]") {
  const std::string at = R"(,"receivedAt":"2026-03-02T09:00:00Z"})";
  const Reading identify(R"({"type":"identify","userId":17850,"anonymousId":"a","history":"unknown",
    "traits":{"plan":"paid","old":null})" +
                         at);
  CHECK(identify.input<Identify>().contact == "17850");
  CHECK(identify.input<Identify>().anonymous == "a");
  CHECK(identify.input<Identify>().history == HistoryKnown::unknown);
  CHECK(identify.input<Identify>().attributes[1].value.is_null());

  const Reading alias(R"({"type":"alias","previousId":"a","userId":"ola")" + at);
  CHECK(alias.input<Alias>().previous == "a");

  const Reading merge(R"({"type":"merge","from":"jan","into":"ola")" + at);
  CHECK(merge.input<Merge>().from == "jan");
  CHECK(merge.input<Merge>().into == "ola");

  const Reading forget(R"({"type":"forget","userId":"ola")" + at);
  CHECK(forget.input<Forget>().contact == "ola");

  const Reading group(R"({"type":"group","userId":"ola","groupId":"acme","traits":{"x":1})" + at);
  CHECK(group.input<Group>().contact == "ola");
  CHECK(group.input<Group>().account == "acme");
  const Reading leaves(R"({"type":"group","userId":"ola","groupId":"")" + at);
  CHECK(leaves.input<Group>().account.empty());

  for (const char* type : {"enter", "start"}) {
    const Reading enter(std::string(R"({"type":")") + type +
                        R"(","campaign":"c","userId":"u","key":"","properties":{"x":1})" + at);
    CHECK(enter.input<Enter>().campaign == "c");
    CHECK(enter.input<Enter>().key == "");
    CHECK(enter.input<Enter>().properties.size() == 1);
  }
  const Reading stop(R"({"type":"stop","campaign":"c","userId":"u")" + at);
  CHECK_FALSE(stop.input<Stop>().key.has_value());

  const Reading suppress(R"({"type":"suppress","channel":"email","address":"a","listed":false)" +
                         at);
  CHECK(suppress.input<Suppress>().channel == "email");
  CHECK(suppress.input<Suppress>().address == "a");
  CHECK_FALSE(suppress.input<Suppress>().listed);

  const Reading reassign(
      R"({"type":"reassign","actionId":"0123456789abcdef0123456789abcdef","to":"ben","by":"anna",)"
      R"("note":"on leave","within":"2h")" +
      at);
  CHECK(reassign.input<Reassign>().to == "ben");
  CHECK(reassign.input<Reassign>().by == "anna");
  CHECK(reassign.input<Reassign>().note == "on leave");
  CHECK(reassign.input<Reassign>().within_ms == 2 * hour_ms);
  const Reading take_over(R"({"type":"take_over","token":"AQ-_","userId":"ola")" + at);
  CHECK(take_over.input<TakeOver>().token == "AQ-_");
  CHECK(take_over.input<TakeOver>().contact == "ola");
  const Reading pause(R"({"type":"pause","campaign":"c","mode":"drop","entries":true)" + at);
  CHECK(pause.input<Pause>().campaign == "c");
  CHECK(pause.input<Pause>().mode == PauseMode::drop);
  CHECK(pause.input<Pause>().entries);
  CHECK(Reading(R"({"type":"pause","campaign":"c")" + at).input<Pause>().mode == PauseMode::queue);
  CHECK(Reading(R"({"type":"resume","campaign":"c")" + at).input<Resume>().campaign == "c");

  const Reading advance(R"({"type":"advance","to":"2026-03-02T09:00:00Z"})");
  CHECK(std::get<cli::Advance>(advance.message).to == march_2);
}

TEST_CASE("input: a report names its action and its receipt", "[cli][input]") {
  const Reading read(R"({"type":"report","actionId":"000102030405060708090a0b0c0d0e0f",
    "receipt":"bounced","hard":false,"receivedAt":"2026-03-02T09:00:00Z","data":{"code":550}})");
  const Report& report = read.input<Report>();
  CHECK(to_text(report.action.hash) == "000102030405060708090a0b0c0d0e0f");
  CHECK(report.receipt == Receipt::bounced);
  CHECK_FALSE(report.hard);
  CHECK(report.data.size() == 1);

  const Reading wrong(R"({"type":"report","actionId":"12","receipt":"opened"})");
  CHECK(wrong.error() == "29: `actionId` must have 32 hexadecimal digits, as the action has them");
  const Reading declared(
      R"({"type":"report","actionId":"000102030405060708090a0b0c0d0e0f","receipt":"connected",
    "receivedAt":"2026-03-02T09:00:00Z"})");
  CHECK(declared.input<Report>().receipt == Receipt::declared);
  CHECK(declared.input<Report>().declared == "connected");
}

TEST_CASE("input: what Segment knows and an engine does not is passed over", "[cli][input]") {
  for (const std::string type : {"page", "screen"}) {
    const Reading read(R"({"type":")" + type + R"(","userId":"u"})");
    CHECK(std::get<cli::Ignored>(read.message).kind == type);
  }
  const Reading unknown(R"({"type":"trak","userId":"u"})");
  CHECK(unknown.error() == "9: `trak` is no type of message");
  CHECK(unknown.hint() == "did you mean 'track'?");
}

TEST_CASE("input: reception is receivedAt, and timestamp only where it is asked for",
          "[cli][input][time]") {
  const std::string track =
      R"({"type":"track","event":"e","userId":"u","timestamp":"2026-03-02T09:00:00Z"})";
  const Reading without(track);
  CHECK(without.error() == "0: `receivedAt` is missing");
  CHECK(without.hint() == "add it, or run with --received-from timestamp");
  const Reading with(track, ReceivedFrom::timestamp);
  CHECK(with.input<Event>().envelope.received == march_2);
}

TEST_CASE("input: a wrong clock is corrected by sentAt", "[cli][input][time]") {
  const Reading read(R"({"type":"track","event":"e","userId":"u",
    "originalTimestamp":"2020-01-01T00:00:00Z","sentAt":"2020-01-01T00:00:07Z",
    "receivedAt":"2026-03-02T09:00:00Z"})");
  CHECK(read.input<Event>().envelope.occurred == march_2 - 7'000);
  const Reading absurd(R"({"type":"track","event":"e","userId":"u",
    "originalTimestamp":"0001-01-01T00:00:00Z","sentAt":"9999-01-01T00:00:07Z",
    "receivedAt":"2026-03-02T09:00:00Z"})");
  CHECK_THAT(absurd.error(), Catch::EndsWith("do not fit together"));
}

TEST_CASE("input: what is missing or of the wrong type is named", "[cli][input]") {
  CHECK(Reading(R"({"userId":"u"})").error() == "0: `type` must be there, and not empty");
  CHECK(Reading(R"({"type":["track"]})").error() == "9: `type` must be a text");
  CHECK(Reading(R"({"type":"track","userId":"u"})").error() ==
        "0: `event` must be there, and not empty");
  CHECK(Reading(R"({"type":"track","event":"e"})").error() ==
        "0: neither `userId` nor `anonymousId` says who it was");
  CHECK(Reading(R"({"type":"track","event":"e","userId":{}})").error() ==
        "38: `userId` must be a text");
  CHECK(Reading(R"({"type":"advance","to":12})").error() ==
        "24: `to` must be a text like \"2026-03-02T10:00:00Z\"");
  CHECK_THAT(Reading(R"({"type":"advance","to":"noon"})").error(), Catch::StartsWith("24: `to`: "));
  const std::string at = R"(,"receivedAt":"2026-03-02T09:00:00Z"})";
  CHECK(Reading(R"({"type":"track","event":"e","userId":"u","properties":[])" + at).error() ==
        "55: `properties` must be an object");
}

TEST_CASE("input: every valid CloudEvent is accepted", "[cli][input][cloudevents]") {
  const auto events = cloud_events("cloudevents_valid.json");
  REQUIRE(events.size() == 10);
  for (const auto& [id, text] : events) {
    CAPTURE(id);
    CHECK(Reading(text, ReceivedFrom::timestamp).error().empty());
    if (id == "validMinimalWithNullForOptional") continue;
    // With a subject and a time of reception it is an event.
    const bool has_subject = text.find("\"subject\"") != std::string::npos;
    const Reading read(R"({"receivedat":"2026-03-02T09:00:00Z",)" +
                       std::string(has_subject ? "" : R"("subject":"ola",)") + text.substr(1));
    CHECK(read.input<Event>().name == "io.cloudevents.test");
    CHECK(read.input<Event>().envelope.received == march_2);
  }
}

TEST_CASE("input: no invalid CloudEvent is accepted", "[cli][input][cloudevents]") {
  const auto events = cloud_events("cloudevents_invalid.json");
  REQUIRE(events.size() == 25);
  for (const auto& [id, text] : events) {
    CAPTURE(id);
    const std::string full = R"({"receivedat":"2026-03-02T09:00:00Z",)" + text.substr(1);
    CHECK_FALSE(Reading(full, ReceivedFrom::timestamp).error().empty());
  }
}

TEST_CASE("input: verified handles are texts by their kind", "[cli][input]") {
  const Reading read(R"({"type":"identify","userId":"ola","receivedAt":"2026-03-02T09:00:00Z",
      "verified":{"email":"ola@example.com","phone":"+48123"}})");
  const std::span<const Handle> verified = read.input<Identify>().verified;
  REQUIRE(verified.size() == 2);
  CHECK(verified[0].kind == "email");
  CHECK(verified[0].value == "ola@example.com");
  CHECK(verified[1].value == "+48123");
  const auto error = [](std::string_view handles) {
    constexpr std::string_view form =
        R"({{"type":"identify","userId":"ola","receivedAt":"2026-03-02T09:00:00Z","verified":{}}})";
    return Reading(fmt::format(form, handles)).error();
  };
  CHECK(error(R"({"email":7})").ends_with("`verified` of email must be a text"));
  CHECK(error("7").ends_with("`verified` must be an object of handles, by their kind"));
}

TEST_CASE("input: a CloudEvent's source and id identify it, its data are the properties",
          "[cli][input][cloudevents]") {
  const Reading read(R"({"specversion":"1.0","id":"7","source":"/shop","type":"bought",
    "subject":"ola","time":"2026-03-02T08:00:00Z","receivedat":"2026-03-02T09:00:00Z",
    "data":{"total":3}})");
  const Event& event = read.input<Event>();
  CHECK(event.name == "bought");
  CHECK(event.contact == "ola");
  CHECK(event.envelope.source == "/shop");
  CHECK(event.envelope.message_id == "7");
  CHECK(event.envelope.occurred == march_2 - hour_ms);
  CHECK(event.properties[0] == Property{"total", 3});

  const Reading text(R"({"specversion":"1.0","id":"8","source":"/shop","type":"said",
    "subject":"ola","receivedat":"2026-03-02T09:00:00Z","data":"hello"})");
  CHECK(text.input<Event>().properties[0] == Property{"data", "hello"});

  const Reading nobody(R"({"specversion":"1.0","id":"8","source":"/shop","type":"said"})");
  CHECK(std::get<cli::Ignored>(nobody.message).kind == "CloudEvent without subject");
}
