// SPDX-License-Identifier: Apache-2.0
// A snapshot stands for the journal before it. That it does so whatever the engine has been through
// is shown over random worlds (tests/property); here is what else is asked of one.
#include <algorithm>
#include <string>

#include "base/stable_hash.hpp"
#include "engine/a_life.hpp"
#include "record/crc32c.hpp"
#include "snapshot/snapshot.hpp"
#include "support/pieces.hpp"

namespace itinera::test {
namespace {

using Piece = std::vector<std::byte>;

constexpr std::size_t version_at = 4;
constexpr std::size_t last_at = 5;
constexpr std::size_t header = 12;

// With the checksum that it needs.
Piece sealed(Piece piece) {
  base::store_le(piece.data(), record::crc32c(base::ByteView(piece).subspan(version_at)));
  return piece;
}

bool holds(const Pieces& pieces, std::string_view text) {
  const base::ByteView wanted = base::as_bytes(text);
  return std::any_of(pieces.begin(), pieces.end(), [&](const Piece& piece) {
    return std::search(piece.begin(), piece.end(), wanted.begin(), wanted.end()) != piece.end();
  });
}

std::string refusal(const Pieces& pieces, const EngineOptions& options) {
  const Result<Engine> engine = load_pieces(pieces, options);
  return engine ? "" : engine.error().message;
}

}  // namespace

TEST_CASE("snapshot: loaded after every step, the engine writes what the other one writes",
          "[engine][snapshot]") {
  Host host(rich);
  Result<Engine> twin = load_pieces(pieces_of(host.engine()), host.options());
  REQUIRE(twin);
  std::size_t known = host.journal().size();
  live(host, [&] {
    const base::ByteView written = host.journal();
    if (written.size() == known) return;  // not taken yet
    REQUIRE(twin->follow(written.subspan(known)));
    known = written.size();
    twin = load_pieces(pieces_of(*twin), host.options());
    REQUIRE(twin);
  });
  twin->advance_to(host.clock());
  const Properties properties{{"k", "9"}, {"total", 9.5}};
  const Input more[] = {host.an_event("join", properties)};
  Engine& other = host.engine();
  other.feed(more);
  twin->feed(more);
  other.advance_to(host.clock() + 9 * day_ms);
  twin->advance_to(host.clock() + 9 * day_ms);
  const Output one = other.take_output();
  const Output two = twin->take_output();
  CHECK(std::equal(one.journal.begin(), one.journal.end(), two.journal.begin(), two.journal.end()));
  CHECK(!one.journal.empty());
  CHECK(one.next_deadline == two.next_deadline);
}

TEST_CASE("snapshot: bits flipped under a right checksum are an error or a state that can go on",
          "[engine][snapshot]") {
  Host host(rich);
  live(host, [] {});
  host.event("join", {{"k", "5"}, {"total", 9.5}}).advance();
  const Pieces good = pieces_of(host.engine());
  REQUIRE(good.size() == 1);
  std::size_t refused = 0;
  std::size_t went_on = 0;
  for (std::size_t at = header; at < good[0].size(); at += 3) {
    Pieces bad = good;
    bad[0][at] ^= std::byte{1} << at % 8;
    bad[0] = sealed(bad[0]);
    Result<Engine> engine = load_pieces(bad, host.options());
    if (!engine) {
      ++refused;
      continue;
    }
    ++went_on;
    const Input inputs[] = {host.an_event("paid", {})};
    engine->feed(inputs);
    engine->advance_to(host.clock() + 40 * day_ms);
    engine->take_output();
  }
  CHECK(refused > 100);
  CHECK(went_on > 100);
}

TEST_CASE("snapshot: who is linked to somebody stands among that one's ids, once",
          "[engine][snapshot][S30]") {
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{wait: 1h}]\n");
  host.anonymous_event("join", "a1").alias("a1").anonymous_event("join", "a2");
  const Pieces pieces = pieces_of(host.engine());
  const auto with = [&](auto change) {
    engine::State state(host.options().limits, host.options().zones);
    PieceReader reader(pieces);
    REQUIRE(engine::load(state, reader));
    REQUIRE(state.ids.size() == 1);
    const auto [contact, ids] = *state.ids.begin();
    REQUIRE(ids.size() == 1);
    change(state.ids, contact, ids.front());
    PieceWriter writer;
    REQUIRE(engine::save(state, writer));
    return refusal(writer.pieces, host.options());
  };
  CHECK(with([](auto&, auto, auto) {}).empty());
  CHECK(!with([](auto& ids, auto, auto) { ids.clear(); }).empty());
  CHECK(!with([](auto& ids, auto contact, auto id) { ids[contact].push_back(id); }).empty());
  CHECK(!with([](auto& ids, auto contact, auto) { ids[contact] = {contact}; }).empty());
}

TEST_CASE("snapshot: says what is wrong with its pieces", "[engine][snapshot]") {
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{wait: 1h}]\n");
  host.publish(
      "campaign: d\nentry: [{event: join, when: contact.note == 'y'}]\nsteps: [{wait: 1h}]\n");
  for (int i = 0; i < 5; ++i) {
    host.identify({{"note", std::string(900'000, 'x')}}, "c" + std::to_string(i));
  }
  host.take();
  const Pieces good = pieces_of(host.engine());
  REQUIRE(good.size() == 3);
  const auto refused = [&](const Pieces& pieces) { return refusal(pieces, host.options()); };
  CHECK(refused(good) == "");

  CHECK(refused({}) == "damaged snapshot, piece 0: too short");
  CHECK(refused({good[0]}) == "damaged snapshot, piece 1: too short");
  CHECK(refused({good[0], good[2], good[1]}) ==
        "damaged snapshot, piece 1: another stands in its place");
  Pieces bad = good;
  bad[1][bad[1].size() / 2] ^= std::byte{1};
  CHECK(refused(bad) == "damaged snapshot, piece 1: its checksum is wrong");
  bad = good;
  bad[1][last_at] = std::byte{1};
  bad[1] = sealed(bad[1]);
  CHECK(refused(bad) == "damaged snapshot, piece 2: it ends too early");
  bad = good;
  bad[2].resize(bad[2].size() - 1);
  bad[2] = sealed(bad[2]);
  CHECK(refused(bad) == "damaged snapshot, piece 2: what it says cannot be");
  bad[2].resize(bad[2].size() + 2);
  bad[2] = sealed(bad[2]);
  CHECK(refused(bad) == "damaged snapshot, piece 2: something is left over");

  bad = good;
  bad[0][version_at] = std::byte{2};
  bad[0] = sealed(bad[0]);
  CHECK(refused(bad) == "snapshot written by a newer format, 2");
  const Result<Engine> newer = load_pieces(bad, host.options());
  REQUIRE(!newer);
  CHECK(newer.error().code == ErrorCode::unsupported_version);
  CHECK(!load_pieces(good, {}));  // no zones
}

TEST_CASE("snapshot: a byte string of many mebibytes goes over several pieces",
          "[engine][snapshot]") {
  Host host(
      "campaign: c\nentry: [{event: join, when: 'sum(\"far\", \"n\") > 0.0'}]\n"
      "steps: [{wait: 1h}]\n");
  const std::string long_name(450'000, 'n');
  for (int i = 0; i < 5; ++i) host.event("far", {{"n", 1.0}, {long_name, long_name}});
  host.take();
  const Pieces pieces = pieces_of(host.engine());
  const Result<Engine> loaded = load_pieces(pieces, host.options());
  REQUIRE(loaded);
  CHECK(pieces_of(*loaded) == pieces);
}

TEST_CASE("snapshot: an error of the writer ends it, and is told", "[engine][snapshot]") {
  struct Full final : SnapshotWriter {
    Result<void> put(std::span<const std::byte>) override {
      return Error{ErrorCode::io_failed, "the disk is full"};
    }
  };
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{wait: 1h}]\n");
  Full full;
  const Result<void> saved = host.engine().save(full);
  REQUIRE(!saved);
  CHECK(saved.error().message == "the disk is full");
}

TEST_CASE("snapshot: of who was forgotten there is not a byte", "[engine][snapshot][forget]") {
  Host host(rich);
  const std::string id = "somebody-with-a-long-name@example.org";
  host.identify({{"due", "a-due-that-is-hers"}}, id);
  host.event("join", {{"k", "a-key-that-is-hers"}, {"total", 9.5}}, id);
  host.take();
  const Pieces before = pieces_of(host.engine());
  const std::uint64_t hash = base::stable_hash(id).high;
  CHECK(holds(before, id));
  CHECK(holds(before, "a-due-that-is-hers"));
  CHECK(holds(before, "a-key-that-is-hers"));
  const Input inputs[] = {Forget{id, {host.clock(), std::nullopt, {}, {}}}};
  host.engine().feed(inputs);
  host.after(1).advance().take();
  const Pieces after = pieces_of(host.engine());
  CHECK(!holds(after, id));
  CHECK(!holds(after, "a-due-that-is-hers"));
  CHECK(!holds(after, "a-key-that-is-hers"));
  CHECK(!holds(after, base::as_text(std::as_bytes(std::span(&hash, 1)))));
}

}  // namespace itinera::test
