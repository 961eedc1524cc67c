// SPDX-License-Identifier: Apache-2.0
// Checkpoints of folds: what they keep, what they do not, and what they are refused for. That a
// fold goes on from one is said of any journal in tests/property.
#include <algorithm>
#include <string>
#include <string_view>

#include "itinera/funnel.hpp"
#include "model/model_codec.hpp"
#include "record/erasure.hpp"
#include "snapshot/archive.hpp"
#include "support/host.hpp"
#include "support/pieces.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view journeys = R"(campaign: journeys
entry: [{event: go, key: event.order}]
reentry: always
goals: {won: {event: paid, value: event.total}}
steps: [{send: id, id: hello}, {wait: 1d, id: w}, {send: id, id: later}]
)";

Result<Funnel> load(const Pieces& pieces) {
  PieceReader reader(pieces);
  return Funnel::load(reader);
}

// What is written by a Saver, where `write` says all.
template <class Write>
Pieces written(Write write) {
  PieceWriter writer;
  engine::Saver v(writer);
  write(v);
  REQUIRE(v.finish());
  return writer.pieces;
}

struct Forged {
  std::uint32_t person = 0;  // of the contact
  std::uint32_t place = 0;   // of the person
  std::uint32_t became = 0;
  std::uint16_t definition = 0;  // of the journey
  std::uint32_t whole = Happening::no_journey;
  std::uint32_t runs_of = 0;
  std::uint32_t action = 0;
};

base::Bytes one_campaign() {
  Campaign campaign;
  campaign.name = "c";
  Step step;
  step.id = "s";
  step.kind = Send{.channel = "email", .template_name = "t", .data = {}};
  campaign.steps.push_back(std::move(step));
  base::Bytes bytes;
  model::encode({}, {&campaign, 1}, bytes);
  return bytes;
}

// A checkpoint with one contact, two people, one journey and its run, and one action that waits.
Pieces forged(const Forged& as) {
  return written([&](engine::Saver& v) {
    v(std::uint8_t{1});
    for (int names = 0; names < 3; ++names) v.count(0);  // receipts, segments, senders
    v.count(1);
    v.bytes(one_campaign());
    v.count(1);
    v(as.person, false);
    v.count(2);
    v(as.place, as.became);
    v(std::uint32_t{0}, std::uint32_t{0});
    v.count(1);
    v(std::uint32_t{0}, as.definition, false, std::uint8_t{0}, Happening::no_node, as.whole);
    v(std::uint16_t{0}, std::uint16_t{0});
    v.count(1);  // emissions
    v(as.definition, std::uint16_t{0}, std::uint8_t{0});
    v.count(1);
    v(Hash128{1, 2}, as.action, std::uint32_t{0}, as.person, std::uint32_t{0}, Instant{},
      as.definition, std::uint16_t{0}, std::uint8_t{0});
    v(std::uint64_t{1}, std::uint64_t{0});  // contacts, anonymous
    v.count(1);
    v(std::uint8_t{0});
    v.count(0);  // inputs
    v.count(0);  // events
    v(std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0});
    v.count(0);                                                         // sends
    for (int numbers = 0; numbers < 6; ++numbers) v(std::uint64_t{1});  // of the campaign
    for (int counts = 0; counts < 3; ++counts) v.count(0);
    for (int numbers = 0; numbers < 3; ++numbers) v(std::uint64_t{1});  // of its step
    for (int counts = 0; counts < 3; ++counts) v.count(0);
    v.count(1);
    v(as.runs_of, true, std::uint8_t{1});
  });
}

}  // namespace

TEST_CASE("checkpoint: has no text of anybody", "[insight][funnel][forget]") {
  Host host(journeys);
  host.event("go", {{"order", Value(std::string("order-secret"))}}, "ola-secret");
  host.anonymous_event("go", "device-secret").alias("device-secret", "bob-secret");
  host.event("paid", {{"total", Value(std::string("total-secret"))}}, "ola-secret");
  Funnel funnel;
  REQUIRE(funnel.read(host.journal()));
  const Pieces pieces = pieces_of(funnel);
  const auto has = [](std::span<const std::byte> bytes, std::string_view text) {
    return base::as_text(bytes).find(text) != std::string_view::npos;
  };
  for (const std::string_view text :
       {"ola-secret", "order-secret", "device-secret", "bob-secret"}) {
    CAPTURE(text);
    CHECK(has(host.journal(), text));
    for (const auto& piece : pieces) CHECK_FALSE(has(piece, text));
  }
  CHECK(has(pieces.front(), "hello"));
}

TEST_CASE("funnel: whoever was erased between two reads changes no count",
          "[insight][funnel][forget]") {
  Host host(journeys);
  host.event("go", {{"order", Value(std::string("o"))}}, "ola");
  const base::ByteView first = host.journal();
  const base::Bytes before(first.begin(), first.end());
  host.take_in(Forget{"ola", host.an_alias("").envelope});
  const base::ByteView behind = host.journal().subspan(before.size());
  record::Erasure erasure(true);
  REQUIRE(erasure.find(1, before));
  REQUIRE(erasure.find(2, behind));
  erasure.stand_in_by({3, 5});
  REQUIRE(erasure.gather(1, before));
  REQUIRE(erasure.gather(2, behind));
  base::ByteBuffer erased;
  REQUIRE(erasure.erase(1, before, erased));
  REQUIRE(erasure.erase(2, behind, erased));
  REQUIRE(erased.size() > 0);
  Funnel funnel;
  REQUIRE(funnel.read(before));
  CHECK(funnel.campaigns()[0].steps[0].actions == 1);
  REQUIRE(funnel.read(erased.view()));
  CHECK(funnel.campaigns()[0].steps[0].actions == 0);
  CHECK(funnel.campaigns()[0].steps[0].withdrawn == 1);
}

TEST_CASE("checkpoint: what was made up is refused", "[insight][funnel][security]") {
  // A person beyond the last, a place beyond the last, and so on; a ring of people ends nowhere.
  CHECK(load(forged({})));
  const std::pair<std::string_view, Forged> wrong[] = {
      {"contact", {.person = 2}},        {"person", {.place = 1}}, {"became", {.became = 2}},
      {"definition", {.definition = 1}}, {"whole", {.whole = 1}},  {"run", {.runs_of = 1}},
      {"action", {.action = 1}},
  };
  for (const auto& [what, as] : wrong) {
    CAPTURE(what);
    const Result<Funnel> loaded = load(forged(as));
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().code == ErrorCode::damaged_journal);
  }
}

TEST_CASE("checkpoint: a ring of people is refused", "[insight][funnel][security]") {
  // The second has become the first; so the first may not become the second.
  CHECK_FALSE(load(forged({.became = 1})));
}

TEST_CASE("checkpoint: what is cut off, changed or of a newer format is refused",
          "[insight][funnel]") {
  Host host(journeys);
  host.event("go", {{"order", Value(std::string("o"))}}, "ola");
  Funnel funnel;
  REQUIRE(funnel.read(host.journal()));
  Pieces pieces = pieces_of(funnel);
  REQUIRE(pieces.size() == 1);
  for (std::size_t at = 0; at < pieces[0].size(); ++at) {
    Pieces changed = pieces;
    changed[0][at] ^= std::byte{1};
    CHECK_FALSE(load(changed));
    changed = pieces;
    changed[0].resize(at);
    CHECK_FALSE(load(changed));
  }
  const Result<Funnel> newer = load(written([](engine::Saver& v) { v(std::uint8_t{3}); }));
  REQUIRE_FALSE(newer);
  CHECK(newer.error().code == ErrorCode::unsupported_version);
}

}  // namespace itinera::test
