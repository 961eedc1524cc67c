// SPDX-License-Identifier: Apache-2.0
// Nothing is known of a contact any more.
#include <algorithm>
#include <string>
#include <type_traits>

#include "base/stable_hash.hpp"
#include "engine/restore.hpp"
#include "snapshot/snapshot.hpp"
#include "support/host.hpp"
#include "support/pieces.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view people =
    "workspace: shop\n"
    "channels:\n"
    "  email: {address: contact.email, consent: opt_in, receipts: [connected]}\n"
    "  push: {address: contact.push, consent: opt_out}\n"
    "policy: {caps: [{max: 9, per: 7d}]}\n";

Forget a_forget(const Host& host, std::string_view contact) {
  return Forget{contact, {host.clock(), std::nullopt, {}, {}}};
}

// All timers are looked at as if they were to come.
struct Everything final : engine::Timers::Live {
  [[nodiscard]] bool live(std::uint32_t, Instant) const override { return false; }
  void prefetch(std::uint32_t) const override {}
  void prefetch_deeply(std::uint32_t) const override {}
};

// The memory of what an engine knows: all that lies in it, or has lain where nothing lies now.
class Dump {
 public:
  explicit Dump(const engine::State& state) {
    const auto part = [this](const auto& each) { put(each); };
    state.blobs.for_each_part([this](base::ByteView bytes) { append(bytes); });
    state.contacts.for_each(part);
    state.contact_index.for_each_part(part);
    state.journeys.for_each(part);
    state.actions.for_each(part);
    state.action_index.for_each_part(part);
    state.ready.for_each_part(part);
    state.sent.for_each_part(part);
    state.open.for_each_part(part);
    state.rates.for_each_part(part);
    state.variants.for_each_part(part);
    state.handles.for_each_part(part);
    state.last_runs.for_each_part(part);
    for (const engine::Outbox* box : {&state.outbox, &state.handed}) {
      for (const engine::OutboxEntry& each : box->entries) put(each);
      append(box->bytes.whole());
    }
    for (const auto& [place, each] : state.accounts.places) {
      put(each.waiter);
      append(base::as_bytes(each.operation));
    }
    state.short_runs.for_each([this](const engine::ShortRun& each) { put(each); });
    state.forgotten_runs.for_each([this](const engine::ForgottenRun& each) { put(each); });
    for (const engine::Line& line : state.arrivals.lines) {
      for (const std::uint32_t each : line.contacts) put(each);
    }
    for (const engine::Dedupe::Seen& each : state.dedupe.window) put(each);
    append(state.room.whole());
  }

  [[nodiscard]] bool has(std::string_view text) const { return has(base::as_bytes(text)); }
  template <class Number>
  [[nodiscard]] bool has_number(Number number) const {
    base::Bytes bytes;
    base::Writer(bytes).number(number);
    return has(base::ByteView(bytes));
  }

 private:
  template <class T>
  void put(const T& object) {
    static_assert(std::is_trivially_copyable_v<T>);
    append(std::as_bytes(std::span(&object, 1)));
  }
  void append(base::ByteView bytes) { all_.insert(all_.end(), bytes.begin(), bytes.end()); }
  [[nodiscard]] bool has(base::ByteView wanted) const {
    return std::search(all_.begin(), all_.end(), wanted.begin(), wanted.end()) != all_.end();
  }
  base::Bytes all_;
};

Dump dump_of(Host& host) {
  engine::State state(host.options().limits, host.options().zones);
  const auto read = engine::replay(state, 0, host.journal(), Everything{}, nullptr);
  REQUIRE(read);
  return Dump(state);
}

}  // namespace

TEST_CASE("forget: not a byte stays in the state, of what there was of each before",
          "[engine][forget]") {
  Host host(R"(
campaign: c
entry: [{event: join, key: event.cart}]
goals: {bought: {event: order, within: 90d}}
steps:
  - {set: {journey.v: =entry.word}}
  - {send: email, id: mail, data: {name: =contact.name}}
  - id: ab
    split:
      - {variant: a, weight: 1}
      - {variant: b, weight: 1}
  - wait_for: {opened: mail}
    within: 5d
    then:
      - send: push
        id: note
        data: {seen: '=count("view", "30d", e.page == "pagetext")'}
---
campaign: over
reentry: never
entry: [{event: join, key: event.cart}]
steps: [{send: push, id: short}]
)",
            people);
  const std::string id = "customer-whose-id-is-longer-than-a-cache-line-has-room-for";
  const std::string device = "anonymous:device-of-the-customer";
  const Properties who{{"email", "kasia@example.com"}, {"push", "tokentoken"}, {"name", "Kasia"}};
  const Properties before{{"name", "Katarzyna-who-was-called-otherwise-before"}};
  const Properties join{{"cart", "cartnumber9"}, {"word", "secretword"}};
  const Properties page{{"page", "pagetext"}};
  const std::vector<Consent> yes{{"email", "", true, "formname"}};
  Identify identify = host.an_identify(who, id);
  identify.consents = yes;
  host.take_in(Reoffer{{}, {host.clock(), std::nullopt, {}, {}}});  // what is taken is kept
  host.identify(before, id).after(1).take_in(identify);
  host.anonymous_event("view", "device-of-the-customer", page);
  host.alias("device-of-the-customer", id);
  host.event("view", page, id).event("join", join, id).event("join", {{"cart", "ola"}});
  host.take();
  host.after(1).report(Receipt::delivered, "mail").report(Receipt::opened, "mail");

  const std::uint64_t id_hash = base::stable_hash(id).high;
  const std::uint64_t address = engine::address_hash("email", "kasia@example.com");
  const std::uint64_t run = engine::run_key(1, true, "cartnumber9");
  const Hash128 action = host.action("mail").id.hash;
  const std::array<Handle, 1> verified{Handle{"email", "kasia@example.com"}};
  identify.envelope.received = host.clock();
  identify.verified = verified;
  host.take_in(identify);
  const Hash128 handle = engine::handle_hash("email", "kasia@example.com");
  const std::string_view texts[] = {"customer-whose", "device-of-the-customer",
                                    "kasia@example",  "tokentoken",
                                    "Kasia",          "cartnumber9",
                                    "secretword",     "pagetext",
                                    "formname"};
  {
    const Dump dump = dump_of(host);
    for (const std::string_view text : texts) {
      CAPTURE(text);
      CHECK(dump.has(text));
    }
    CHECK(dump.has_number(id_hash));
    CHECK(dump.has_number(base::stable_hash(device).high));
    CHECK(dump.has_number(static_cast<std::uint32_t>(id_hash >> 24)));
    CHECK(dump.has_number(address));
    CHECK(dump.has_number(run));
    CHECK(dump.has_number(action.high));
    CHECK(dump.has_number(handle.high));
    CHECK(dump.has_number(handle.low));
  }
  const std::string one_of_them = GENERATE_COPY(id, device);
  host.after(1).take_in(a_forget(host, one_of_them)).after(1).identify({});
  const Dump dump = dump_of(host);
  for (const std::string_view text : texts) {
    CAPTURE(text);
    CHECK_FALSE(dump.has(text));
  }
  CHECK_FALSE(dump.has("Katarzyna"));
  CHECK_FALSE(dump.has_number(id_hash));
  CHECK_FALSE(dump.has_number(base::stable_hash(device).high));
  CHECK_FALSE(dump.has_number(static_cast<std::uint32_t>(id_hash >> 24)));
  CHECK_FALSE(dump.has_number(address));
  CHECK_FALSE(dump.has_number(run));
  CHECK_FALSE(dump.has_number(action.high));
  CHECK_FALSE(dump.has_number(handle.high));
  CHECK_FALSE(dump.has_number(handle.low));
  CHECK(dump.has("ola"));  // whom nobody asked to forget
  CHECK(host.statistics().contacts == 1);
}

TEST_CASE("forget: not a byte of a key stays in a state that was loaded", "[engine][forget]") {
  Host host(
      "campaign: c\nentry: [{event: join, key: event.cart}]\nsteps:\n"
      "  - parallel: [{steps: [{wait: 1d}]}, {steps: [{wait: 2d}]}]\n");
  host.event("join", {{"cart", "cartnumber9"}});
  const Pieces pieces = pieces_of(host.engine());
  Result<Engine> engine = load_pieces(pieces, host.options());
  REQUIRE(engine);
  const Input forget = a_forget(host, "ola");
  engine->feed({&forget, 1});
  engine::State state(host.options().limits, host.options().zones);
  PieceReader reader(pieces);
  REQUIRE(engine::load(state, reader));
  CHECK(Dump(state).has("cartnumber9"));
  REQUIRE(engine::replay(state, 0, engine->take_journal(), Everything{}, nullptr));
  CHECK_FALSE(Dump(state).has("cartnumber9"));
}

TEST_CASE("forget: journeys end, and what nobody has taken does not go out", "[engine][forget]") {
  Host host(
      "campaign: c\nentry: [{event: join}]\nsteps: [{send: push, id: s}, {set: {tier: gold}, id: "
      "t}, "
      "{wait: 1d}, {send: push, id: late}]\n---\n"
      "campaign: done\nentry: [{event: join}]\nsteps: [{send: push, id: all}]\n",
      people);
  host.identify({{"push", "t"}})
      .identify({{"push", "t"}}, "jan")
      .event("join")
      .event("join", {}, "jan");
  host.take_in(a_forget(host, "ola")).crash();
  CHECK(host.told({"exited"}) == Lines{"exited (forgotten)"});
  CHECK(host.take() == Lines{"s@jan", "t@jan", "all@jan"});
  CHECK(host.statistics().actions_withdrawn == 3);
  CHECK(host.after(day_ms).advance().take() == Lines{"late@jan"});
  CHECK(host.statistics().journeys_in_flight == 0);
}

TEST_CASE("forget: who comes again is somebody new, at the same instant too", "[engine][forget]") {
  Host host("campaign: c\nreentry: never\nentry: [{event: join}]\nsteps: [{send: push, id: s}]\n",
            people);
  const bool at_once = GENERATE(true, false);
  host.identify({{"push", "t"}}).event("join").take();
  const ActionId first = host.action("s").id;
  host.take_in(a_forget(host, "ola"));
  if (!at_once) host.after(1);
  host.crash().identify({{"push", "t"}}).event("join");
  CHECK(host.take() == Lines{"s"});
  CHECK(host.action("s").id != first);
  CHECK(host.statistics().contacts == 1);
  // What is reported of the forgotten one's is nobody's.
  host.take_in(host.a_report(Receipt::opened, first));
  CHECK(host.statistics().reports_unmatched == 1);
}

TEST_CASE("forget: an address that was closed stays closed", "[engine][forget][S19]") {
  Host host("campaign: c\nreentry: always\nentry: [{event: join}]\nsteps: [{send: push, id: s}]\n",
            people);
  host.identify({{"push", "t"}}).event("join").take();
  host.report(Receipt::complained, "s").take_in(a_forget(host, "ola")).after(1);
  host.identify({{"push", "t"}}).event("join");
  CHECK(host.told({"suppressed"}) == Lines{"suppressed (complained) s"});
}

TEST_CASE(
    "forget: somebody else in line for an account, and in a ramp, has their turn all the same",
    "[engine][forget]") {
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{send: push, sender: anna, id: s}]\n",
            "workspace: shop\nchannels: {push: {address: contact.push}}\n"
            "senders: {anna: {channel: push, rate: 1/h}}\n");
  for (const std::string_view who : {"ola", "jan", "eva"}) {
    host.identify({{"push", "t"}}, who).event("join", {}, who);
  }
  host.advance().take();
  std::vector<std::string> left{"ola", "jan", "eva"};
  std::erase(left, host.action("s").contact);
  host.after(1).take_in(a_forget(host, left.front())).crash();
  CHECK(run_to(host, "2026-03-02T20:00:00Z") ==
        Lines{"2026-03-02T10:00:00Z s" + (left.back() == "ola" ? "" : "@" + left.back())});
}

TEST_CASE("forget: nobody that is known is nothing", "[engine][forget]") {
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{send: push, id: s}]\n", people);
  host.take_in(a_forget(host, "ola")).crash();
  CHECK(host.statistics().contacts == 0);
  CHECK(host.told({"forgotten"}).empty());
  CHECK(host.feed(a_forget(host, "")) == ErrorCode::invalid_argument);
}

}  // namespace itinera::test
