// SPDX-License-Identifier: Apache-2.0
// Contacts of different shards that turn out to be one, or join an account: one goes to the other,
// and everything is as if all had always been in one engine.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "itinera/runtime.hpp"
#include "record/crc32c.hpp"
#include "record/frame.hpp"
#include "runtime/crossing_host.hpp"
#include "runtime/shards.hpp"
#include "support/catch.hpp"
#include "support/pieces.hpp"

namespace {

using namespace itinera;  // NOLINT(google-build-using-namespace): a test of many of its names

using test::a_lamp;
using test::at;
using test::many;
using test::start;
using Host = test::CrossingHost;

constexpr std::size_t people = 60;

// Visitors who look, and are known later, on one device or two; some who become one, or colleagues.
class Visits {
 public:
  Visits() {
    for (std::size_t i = 0; i < people; ++i) {
      const std::string& person = text("user-{}", i);
      const std::string& device = text("phone-{}", i);
      const Instant when = start + static_cast<std::int64_t>(i / 4) * 7 * minute_ms;
      look(person, {}, i, when);
      if (i % 2 == 0) look({}, device, i + 1, when + minute_ms);
      Identify identify;
      identify.contact = person;
      identify.anonymous = i % 3 == 0 ? std::string_view{} : std::string_view(device);
      identify.attributes =
          mails_.emplace_back(Properties{{"email", fmt::format("user-{}@example.com", i)}});
      identify.envelope = at(when + 2 * minute_ms);
      inputs_.emplace_back(identify);
      if (i % 4 == 2)
        inputs_.emplace_back(Alias{text("phone-{}", i), person, at(when + 25 * minute_ms)});
      look({}, device, i + 2, when + 26 * minute_ms);
      if (i % 5 == 4)
        inputs_.emplace_back(Merge{text("user-{}", i - 3), person, at(when + hour_ms)});
      if (i % 6 == 1) inputs_.emplace_back(Group{text("a{}", i % 3), person, at(when + hour_ms)});
      if (i % 7 == 3) {
        Event bought;
        bought.name = "bought";
        bought.anonymous = device;
        bought.envelope = at(when + 2 * hour_ms);
        inputs_.emplace_back(bought);
      }
    }
    std::ranges::stable_sort(inputs_, {}, [](const Input& each) {
      return std::visit([](const auto& input) { return input.envelope.received; }, each);
    });
  }
  [[nodiscard]] std::span<const Input> inputs() const { return inputs_; }
  [[nodiscard]] static Instant end() { return start + 5 * day_ms; }

 private:
  const std::string& text(const char* pattern, std::size_t number) {
    return texts_.emplace_back(fmt::format(fmt::runtime(pattern), number));
  }
  void look(std::string_view person, std::string_view device, std::size_t item, Instant when) {
    Event viewed;
    viewed.name = "viewed";
    viewed.contact = person;
    viewed.anonymous = device;
    viewed.properties = mails_.emplace_back(Properties{{"item", fmt::format("item {}", item % 5)}});
    viewed.envelope = at(when);
    inputs_.emplace_back(viewed);
  }

  std::deque<std::string> texts_;
  std::deque<Properties> mails_;
  std::vector<Input> inputs_;
};

}  // namespace

TEST_CASE("crossing: who turns out to be one is one, in whatever shards they were",
          "[runtime][shards][S30]") {
  const Visits visits;
  Host whole(1);
  REQUIRE(whole.feed(visits.inputs()).empty());
  whole.come_to(Visits::end());
  REQUIRE(whole.sink.told.size() > 2 * people);
  REQUIRE(whole.crossings() == 0);

  Host alone(many, 1);
  Host eight(many, 8);
  for (Host* const each : {&alone, &eight}) {
    REQUIRE(each->feed(visits.inputs()).empty());
    each->come_to(Visits::end());
  }
  CHECK(alone.crossings() > people / 2);
  CHECK(alone.sorted() == whole.sorted());
  CHECK(alone.bytes() == eight.bytes());
  CHECK(alone.sink.told == eight.sink.told);
  CHECK(alone.funnel() == whole.funnel());

  Host single(many, 2);
  for (const Input& input : visits.inputs()) single.take(input);
  single.come_to(Visits::end());
  CHECK(single.sorted() == whole.sorted());
  const Statistics expected = whole.runtime.statistics();
  const Statistics found = single.runtime.statistics();
  CHECK(found.contacts == expected.contacts);
  CHECK(found.journeys_in_flight == expected.journeys_in_flight);
  CHECK(found.journeys_entered == expected.journeys_entered);
  CHECK(found.journeys_ended == expected.journeys_ended);
  CHECK(found.actions_emitted == expected.actions_emitted);
}

TEST_CASE("crossing: a restart finds everybody where they are", "[runtime][shards][S30]") {
  const bool with_snapshot = GENERATE(false, true);
  CAPTURE(with_snapshot);
  const Visits visits;
  const std::span<const Input> inputs = visits.inputs();
  std::vector<std::vector<std::string>> told;
  for (const std::uint32_t shards : {1U, many}) {
    const auto disk = memory_disk();
    std::vector<std::string>& all = told.emplace_back();
    const std::size_t part = inputs.size() / 9;
    for (std::size_t from = 0; from < inputs.size(); from += part) {
      Host host(shards, 2, disk);
      REQUIRE(host.feed(inputs.subspan(from, std::min(part, inputs.size() - from))).empty());
      host.come_to(host.runtime.now());
      if (with_snapshot) REQUIRE(host.runtime.snapshot());
      all.insert(all.end(), host.sink.told.begin(), host.sink.told.end());
    }
    Host last(shards, 2, disk);
    last.come_to(Visits::end());
    all.insert(all.end(), last.sink.told.begin(), last.sink.told.end());
    std::sort(all.begin(), all.end());
  }
  CHECK(told[0] == told[1]);
}

TEST_CASE("crossing: what is reported finds the action where its journey is now",
          "[runtime][shards][S30]") {
  std::vector<std::vector<std::string>> told;
  for (const std::uint32_t shards : {1U, many}) {
    Host host(shards);
    host.take(Event{"viewed", {}, "phone", at(start), a_lamp});
    Identify identify;
    identify.contact = "ada";
    const Properties mail{{"email", "ada@example.com"}};
    identify.attributes = mail;
    identify.envelope = at(start);
    host.take(identify);
    identify.contact = {};
    identify.anonymous = "phone";
    host.take(identify);
    host.come_to(start + 15 * minute_ms);
    REQUIRE(host.sink.ids.size() == 1);
    host.take(Alias{"phone", "ada", at(start + 16 * minute_ms)});
    Report report;
    report.action = host.sink.ids.front().second;
    report.receipt = Receipt::clicked;
    report.known = true;
    report.envelope = at(start + 2 * hour_ms);
    host.take(report);
    host.come_to(start + 2 * day_ms);
    told.push_back(host.sink.told);
    CHECK(host.crossings() == (shards == 1 ? 0 : 1));
    CHECK(host.runtime.shard_of("anonymous:phone") == host.runtime.shard_of("ada"));
  }
  CHECK(told[0] == told[1]);
  CHECK(told[0].size() == 3);
}

TEST_CASE("crossing: a message that came before somebody moved comes once",
          "[runtime][shards][S4][S30]") {
  for (const std::uint32_t shards : {1U, many}) {
    Host host(shards);
    host.take(Event{"viewed", {}, "phone", at(start, "m1")});
    host.take(Event{"viewed", "ada", {}, at(start, "m2")});
    host.take(Alias{"phone", "ada", at(start + minute_ms, "m3")});
    const std::uint64_t before = host.runtime.statistics().events;
    const Input again[] = {Event{"viewed", {}, "phone", at(start + 2 * minute_ms, "m4")},
                           Event{"viewed", {}, "phone", at(start, "m1")},
                           Alias{"phone", "ada", at(start + minute_ms, "m3")}};
    REQUIRE(host.feed(again).empty());
    CAPTURE(shards);
    CHECK(host.runtime.statistics().duplicates == 2);
    CHECK(host.runtime.statistics().events == before + 2);
    const Input other = Event{"bought", {}, "phone", at(start + 3 * minute_ms, "m1")};
    const std::vector<Refusal> refused = host.feed({&other, 1});
    REQUIRE(refused.size() == 1);
    CHECK(refused.front().error.code == ErrorCode::conflict);
  }
}

TEST_CASE("crossing: who is forgotten is forgotten wherever they have been",
          "[runtime][shards][S30][S31]") {
  const Visits visits;
  Host host(many, 2);
  REQUIRE(host.feed(visits.inputs()).empty());
  host.come_to(start + 3 * hour_ms);
  const auto has = [](const base::Bytes& all, std::string_view text) {
    const auto begin = base::as_bytes(text);
    return std::search(all.begin(), all.end(), begin.begin(), begin.end()) != all.end();
  };
  // Devices of theirs, too.
  REQUIRE(host.runtime.shard_of("user-22") == host.runtime.shard_of("anonymous:phone-22"));
  for (const std::string_view each : {"user-22@example.com", "phone-22", "user-22"}) {
    REQUIRE(has(host.bytes(), each));
  }
  const std::uint64_t before = host.runtime.statistics().contacts;
  host.take(Forget{"user-22", at(host.runtime.now(), "f1")});
  CHECK(host.runtime.statistics().contacts < before);
  REQUIRE(host.runtime.erase());
  for (const std::string_view each : {"user-22@example.com", "phone-22", "user-22"}) {
    CAPTURE(each);
    CHECK_FALSE(has(host.bytes(), each));
  }
  CHECK(has(host.bytes(), "user-23@example.com"));
  // What is left opens, and goes on; and should they come again they are new.
  Host again(0, 1, host.disk);
  again.take(Event{"viewed", {}, "phone-22", at(again.runtime.now()), a_lamp});
  again.come_to(Visits::end());
  CHECK_FALSE(again.sink.told.empty());
}

TEST_CASE("crossing: the contacts of an account are in one shard", "[runtime][shards]") {
  std::vector<std::vector<std::string>> told;
  for (const std::uint32_t shards : {1U, many}) {
    Host host(shards);
    std::deque<std::string> names;
    std::deque<Properties> mails;
    for (int i = 0; i < 12; ++i) {
      const std::string& name = names.emplace_back(fmt::format("c{}", i));
      Identify identify;
      identify.contact = name;
      identify.attributes =
          mails.emplace_back(Properties{{"email", fmt::format("{}@example.com", name)}});
      identify.envelope = at(start);
      host.take(identify);
      host.take(Group{"acme", name, at(start)});
      CHECK(host.runtime.shard_of(name) == host.runtime.shard_of("c0"));
    }
    for (const std::string& name : names) host.take(Event{"viewed", name, {}, at(start), a_lamp});
    host.come_to(start + 12 * hour_ms);
    told.push_back(host.sorted());
    // Of all of them no more than the cap of the account lets.
    CHECK(host.sink.told.size() == 4);
  }
  CHECK(told[0] == told[1]);
}

TEST_CASE("shards: of the first report all hear, and keep what later ones may be about",
          "[runtime][shards]") {
  std::vector<std::vector<std::string>> told;
  for (const std::uint32_t shards : {1U, many}) {
    Host host(shards);
    Identify identify;
    identify.contact = "ada";
    const Properties mail{{"email", "ada@example.com"}};
    identify.attributes = mail;
    identify.envelope = at(start);
    host.take(identify);
    host.take(Event{"viewed", "ada", {}, at(start), a_lamp});
    Report unknown;  // of an action that nobody knows: in the first shard
    unknown.action.hash.low = 7;
    unknown.envelope = at(start + minute_ms);
    host.take(unknown);
    host.come_to(start + 15 * minute_ms);
    REQUIRE(host.sink.ids.size() == 1);
    host.take(Event{"bought", "ada", {}, at(start + 20 * minute_ms)});
    Report complaint;
    complaint.action = host.sink.ids.front().second;
    complaint.receipt = Receipt::complained;
    complaint.envelope = at(start + 30 * minute_ms);
    host.take(complaint);
    host.take(Event{"viewed", "ada", {}, at(start + hour_ms), a_lamp});
    host.come_to(Visits::end());
    CAPTURE(shards);
    CHECK(host.sink.ids.size() == 1);
    told.push_back(host.sink.told);
  }
  CHECK(told[0] == told[1]);
}

TEST_CASE("crossing: bits flipped under a right checksum are damage or a state that can go on",
          "[runtime][shards][security]") {
  base::Bytes journal;
  {
    Host host(2, 1, memory_disk(), Delivery::known);
    Identify identify;
    identify.contact = "ada";
    identify.anonymous = "phone";
    const Properties mail{{"email", "ada@example.com"}, {"zone", "Europe/Warsaw"}};
    const Consent consent[] = {{"email", {}, true, "form"}};
    identify.attributes = mail;
    identify.consents = consent;
    identify.envelope = at(start);
    host.take(identify);
    host.take(Event{"viewed", "ada", {}, at(start), a_lamp});
    host.come_to(start + 15 * minute_ms);
    REQUIRE(host.sink.ids.size() == 1);
    Report sent;
    sent.action = host.sink.ids.front().second;
    sent.envelope = at(start + 16 * minute_ms);
    host.take(sent);
    host.take(Event{"viewed", "ada", {}, at(start + 16 * minute_ms), a_lamp});
    // One of these lies in the other shard.
    for (const std::string_view other : {"bob", "cid", "dan", "eve"}) {
      host.take(Merge{"ada", other, at(start + 17 * minute_ms)});
      if (host.crossings() != 0) break;
    }
    REQUIRE(host.crossings() == 1);
    host.come_to(start + 50 * minute_ms);
    journal = host.bytes();
  }
  const auto goes_on = [&journal] {
    auto shards = runtime::Shards::restore(journal, test::shard_options());
    if (!shards) return false;
    test::pieces_of(*shards);
    for (Engine& engine : shards->engines()) {
      const Instant later = engine.now() + hour_ms;
      const Input inputs[] = {Event{"viewed", {}, "phone", at(later), a_lamp},
                              Event{"bought", "ada", {}, at(later + hour_ms)},
                              Forget{"ada", at(later + 2 * hour_ms)}};
      engine.feed(inputs);
      engine.advance_to(later + 3 * day_ms);
      engine.take_output();
    }
    return true;
  };
  REQUIRE(goes_on());
  std::size_t refused = 0;
  std::size_t went_on = 0;
  for (std::size_t begin = 0; begin < journal.size();) {
    const base::ByteView frame = base::ByteView(journal).subspan(begin);
    const record::FrameHead head = record::head_of(frame);
    const bool crosses =
        head.kind == record::InputKind::depart || head.kind == record::InputKind::come;
    for (std::size_t i = 24; crosses && i < head.size; ++i) {
      std::byte& changed = journal[begin + i];
      const std::byte good = changed;
      changed ^= std::byte{1} << i % 8;
      const base::ByteView whole = frame.first(head.size);
      base::store_le(journal.data() + begin + 4,
                     record::crc32c(whole.subspan(8), record::crc32c(whole.first(4))));
      CAPTURE(begin, i);
      ++(goes_on() ? went_on : refused);
      changed = good;
      base::store_le(journal.data() + begin + 4,
                     record::crc32c(whole.subspan(8), record::crc32c(whole.first(4))));
    }
    begin += head.size;
  }
  CHECK(refused > 100);
  CHECK(went_on > 100);
}
