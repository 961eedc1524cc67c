// SPDX-License-Identifier: Apache-2.0
// Contacts that go from one shard to another, in what is told and counted.
#include "insight/crossing.hpp"

#include <string>
#include <vector>

#include "insight/census.hpp"
#include "itinera/funnel.hpp"
#include "itinera/story.hpp"
#include "support/catch.hpp"
#include "support/pieces.hpp"

namespace itinera::test {
namespace {

using insight::Census;
using Lines = std::vector<std::string>;

// What a story says of frames behind others, without instants.
Lines lines_behind(std::size_t bytes, base::ByteView journal) {
  Story story;
  Lines lines;
  const std::size_t size = journal.size();
  while (!journal.empty()) {
    const bool behind = size - journal.size() >= bytes;
    const auto chapter = story.next(journal);
    if (!chapter) {
      lines.push_back(std::string(name_of(chapter.error().code)));
      return lines;
    }
    for (const Happening& happening : chapter->happenings) {
      const std::string text = to_text(happening);
      if (behind) lines.push_back(text.substr(to_text(happening.at).size() + 2));
    }
  }
  return lines;
}

// All that a funnel and a census have counted, as text.
Lines counts_of(base::ByteView journal) {
  Funnel funnel;
  REQUIRE(funnel.read(journal));
  Census census;
  REQUIRE(census.read(journal));
  Lines counts{to_text(funnel.totals())};
  for (const FunnelCampaign& campaign : funnel.campaigns()) counts.push_back(to_text(campaign));
  for (const Census::Version& version : census.versions()) {
    counts.push_back(std::to_string(version.in_flight));
  }
  counts.push_back(std::to_string(census.contacts()));
  counts.push_back(std::to_string(census.anonymous()));
  CHECK(funnel.totals().contacts == census.contacts());
  CHECK(funnel.totals().anonymous == census.anonymous());
  return counts;
}

Pieces saved(const Census& census) {
  PieceWriter writer;
  engine::Saver v(writer);
  census.save(v);
  REQUIRE(v.finish());
  return writer.pieces;
}

Census loaded(const Census& census) {
  const Pieces pieces = saved(census);
  PieceReader reader(pieces);
  engine::Loader v(reader);
  Census again;
  again.load(v, census.shards());
  REQUIRE(v.finish());
  return again;
}

Funnel loaded(const Funnel& funnel) {
  const Pieces pieces = pieces_of(funnel);
  PieceReader reader(pieces);
  Result<Funnel> again = Funnel::load(reader);
  REQUIRE(again);
  return std::move(*again);
}

// Whether it is damage, for the story and, where it looks there at all, for the census.
template <class Input, class... Records>
bool is_damage(base::ByteView so_far, std::uint8_t shard, const Input& input,
               const Records&... records) {
  Journal journal;
  journal.add(so_far).on(shard).frame(noon, input, records...);
  Funnel funnel;
  const Result<void> told = funnel.read(journal.view());
  static_cast<void>(Census().read(journal.view()));
  return !told && told.error().code == ErrorCode::damaged_journal;
}

// Into what forgets somebody.
record::ForgetInput forgets(std::uint32_t contact) {
  record::ForgetInput input;
  input.contact = contact;
  return input;
}

}  // namespace

TEST_CASE("crossing: who has come is known with all that is theirs", "[insight][shards]") {
  Journal journal = before_crossing();
  const std::size_t before = journal.view().size();
  come(depart(journal));
  CHECK(lines_behind(before, journal.view()).empty());
  CHECK(lines_behind(before, behind_crossing(journal).view()) ==
        Lines{"receipt opened, step hello, by push, c v1, contact ola, key key-of-ola",
              "no_address, step hello, by push, c v1, contact ola, key key-of-ola",
              "no_address, step hello, by push, c v1, contact ola, key key-of-ola",
              "linked tablet (relinked), contact bob", "merged ola, contact bob",
              "finished (done), step end, c v1, contact bob, key key-of-ola"});
}

TEST_CASE("crossing: a strand is one of its journey there, too", "[insight][shards]") {
  Journal journal = before_crossing();
  come(depart(journal)).frame(noon, record::TimersInput{1}, skipped(2));
  base::ByteView rest = journal.view();
  Story story;
  Chapter chapter;
  while (!rest.empty()) {
    const Result<Chapter> next = story.next(rest);
    REQUIRE(next);
    chapter = *next;
  }
  REQUIRE(chapter.happenings.size() == 1);
  CHECK(chapter.happenings[0].journey == 1);
  CHECK(chapter.happenings[0].strand == 2);
}

TEST_CASE("crossing: what waits to be taken waits there", "[insight][funnel][shards]") {
  // One of her journey, and one of a journey that is over; bob has one that was first.
  Journal journal = before_crossing();
  journal.frame(noon, event_of(1, "go"), emitted(0, 0, 8, 1), entered(2, 1, "over"),
                emitted(2, 0, 9, 2), ended(2, record::Decision::finished, record::Reason::none));
  journal.on(0).frame(noon, event_of(0, "go"), emitted(0, 0, 5, 1));
  const std::size_t before = journal.view().size();
  const Lines counts = counts_of(journal.view());
  depart(journal).on(1).frame(noon, record::TakenInput{1});  // of nobody: hers have gone
  record::OutCame out;
  out.contact = 1;
  out.action = 2;
  out.id = {0, 8};
  out.at = noon;
  out.leg = 1;
  record::OutCame over = out;
  over.action = record::no_place;
  over.id = {0, 9};
  over.leg = 0;
  journal.on(0).frame(noon, record::ComeInput{1}, contact_came(1, 1, 1, "ola"),
                      contact_came(2, 0, 1, "anonymous:tablet"), journey_came(1, 0, 1, "k"),
                      action_came(1, 1, 7), action_came(2, 1, 8), out, over);
  CHECK(counts_of(journal.view()) == counts);
  const std::size_t come = journal.view().size();
  record::Withdrawn withdrawn;
  withdrawn.action = 2;
  withdrawn.journey = 1;
  withdrawn.id = {0, 8};
  withdrawn.decision = record::Decision::withdrawn_exit;
  journal.frame(noon, record::TimersInput{1}, withdrawn);
  journal.frame(noon, forgets(1), ended(1, record::Decision::exited, record::Reason::stopped),
                record::Forgotten{1, places({1, 2})});
  journal.on(1).frame(noon, forgets(1), record::Forgotten{1, places({1})},
                      record::Forgotten{0, places({0})});
  const Lines told{"withdrawn_exit, step hello, by push, c v1, contact ola, key k",
                   "exited (stopped), c v1, contact ola, key k", "forgotten, contact ola",
                   "withdrawn_exit (forgotten), step hello, by email, c v1, contact ola"};
  CHECK(lines_behind(before, journal.view()) == told);
  Funnel whole;
  REQUIRE(whole.read(journal.view()));
  CHECK(whole.campaigns()[0].steps[0].withdrawn == 2);
  Funnel funnel;
  REQUIRE(funnel.read(journal.view().first(come)));
  Funnel on = loaded(funnel);
  REQUIRE(on.read(journal.view().subspan(come)));
  CHECK((pieces_of(on) == pieces_of(whole)));
}

TEST_CASE("crossing: nobody is counted twice, nor any step", "[insight][funnel][census][shards]") {
  Journal journal = before_crossing();
  const Lines before = counts_of(journal.view());
  const Lines between = counts_of(depart(journal).view());
  const Lines behind = counts_of(come(journal).view());
  CHECK(between == before);
  CHECK(behind == before);
  behind_crossing(journal);
  Funnel funnel;
  REQUIRE(funnel.read(journal.view()));
  const FunnelCampaign& campaign = funnel.campaigns()[0];
  CHECK(campaign.entered == 2);
  CHECK(campaign.in_flight == 1);
  CHECK(campaign.finished == 1);
  // Twice there, and once elsewhere; the exit is new.
  CHECK(campaign.steps[0].reached == 2);
  CHECK(campaign.steps[1].reached == 1);
  CHECK(campaign.steps[0].receipts == Counts{{"opened", 1}});
  CHECK(funnel.totals().contacts == 1);
  CHECK(funnel.totals().anonymous == 0);
  CHECK(counts_of(journal.view()).size() == before.size());
  CHECK(funnel.totals().inputs.count("come") == 0);
}

TEST_CASE("crossing: an anonymous id is one there, until it is somebody's",
          "[insight][census][shards]") {
  Journal journal;
  journal.publish({two_ways()}).on(1).publish({two_ways()});
  journal.frame(noon, event_of(record::no_place, "seen"), record::ContactCreated{0, "anonymous:x"});
  journal.on(0).frame(noon, event_of(record::no_place, "e"), record::ContactCreated{0, "bob"});
  journal.on(1).frame(noon, record::DepartInput{0}, record::Departed{0, places({0})});
  // What it is called need not say so any more: that may have been erased.
  journal.on(0).frame(noon, record::ComeInput{1}, contact_came(1, 0, 1, "stands for it"));
  Census census;
  REQUIRE(census.read(journal.view()));
  CHECK(census.contacts() == 1);
  CHECK(census.anonymous() == 1);
  journal.frame(noon, record::AliasInput{}, record::Linked{0, 1, "x"});
  counts_of(journal.view());
  census = {};
  REQUIRE(census.read(journal.view()));
  CHECK(census.contacts() == 1);
  CHECK(census.anonymous() == 0);
}

TEST_CASE("crossing: a checkpoint may be made at any frame", "[insight][funnel][census][shards]") {
  Journal journal = before_crossing();
  behind_crossing(come(depart(journal)));
  Funnel whole;
  REQUIRE(whole.read(journal.view()));
  Census all;
  REQUIRE(all.read(journal.view()));
  std::size_t cut = 0;
  each_frame(journal.view(), [&](base::ByteView frame) {
    CAPTURE(cut);
    const base::ByteView first = journal.view().first(cut);
    cut += frame.size();
    Funnel funnel;
    REQUIRE(funnel.read(first));
    Funnel funnel_on = loaded(funnel);
    REQUIRE(funnel_on.read(journal.view().subspan(first.size())));
    CHECK((pieces_of(funnel_on) == pieces_of(whole)));
    Census census;
    REQUIRE(census.read(first));
    Census census_on = loaded(census);
    REQUIRE(census_on.read(journal.view().subspan(first.size())));
    CHECK((saved(census_on) == saved(all)));
  });
}

TEST_CASE("crossing: who comes back has the place of before, and goes by what is said then",
          "[insight][funnel][shards]") {
  Journal journal = before_crossing();
  come(depart(journal));
  const Lines before = counts_of(journal.view());
  journal.on(0).frame(noon, record::DepartInput{1}, record::Departed{1, places({1, 2})});
  // The tablet is of the last again; the journey's place there is free.
  journal.on(1).frame(noon, record::ComeInput{0}, contact_came(1, 1, 1, "ola"),
                      contact_came(0, 2, 1, "anonymous:tablet"), journey_came(1, 1, 1, "k"),
                      action_came(0, 1, 7), journey_came(0, 2, 1, "k", 1));
  CHECK(counts_of(journal.view()) == before);
  const std::size_t behind = journal.view().size();
  journal.frame(noon, event_of(0, "seen"), skipped(0), record::Remembered{1});
  CHECK(lines_behind(behind, journal.view()) ==
        Lines{"no_address, step hello, by push, c v1, contact ola, key k",
              "remembered, contact ola"});
}

TEST_CASE("crossing: who is forgotten where they were is told of and counted where they are",
          "[insight][funnel][forget][shards]") {
  Journal journal = before_crossing();
  come(depart(journal));
  const std::size_t before = journal.view().size();
  journal.on(0).frame(noon, forgets(1), ended(1, record::Decision::exited, record::Reason::stopped),
                      record::Forgotten{1, places({1, 2})});
  // There each id is somebody by now.
  journal.on(1).frame(noon, forgets(1), record::Forgotten{1, places({1})},
                      record::Forgotten{0, places({0})});
  CHECK(lines_behind(before, journal.view()) ==
        Lines{"exited (stopped), c v1, contact ola, key key-of-ola", "forgotten, contact ola"});
  Funnel funnel;
  REQUIRE(funnel.read(journal.view()));
  CHECK(funnel.totals().inputs.at("forget") == 1);
  CHECK(funnel.totals().contacts == 1);
  // Their places are free, and a checkpoint says so.
  Funnel on = loaded(funnel);
  Journal later;
  later.on(1).frame(noon, event_of(record::no_place, "e"), record::ContactCreated{0, "eva"});
  later.frame(noon, forgets(0), record::Forgotten{0, places({0})});
  REQUIRE(on.read(later.view()));
  REQUIRE(funnel.read(later.view()));
  for (const Funnel* const each : {&funnel, &on}) {
    CHECK(each->totals().contacts == 1);
    CHECK(each->totals().inputs.at("forget") == 2);
  }
}

TEST_CASE("crossing: what cannot be is damage", "[insight][census][shards][security]") {
  using record::ComeInput;
  using record::no_place;
  Journal gone = before_crossing();
  depart(gone);
  const auto ola = contact_came(1, 1, 1, "ola");
  REQUIRE_FALSE(is_damage(gone.view(), 0, ComeInput{1}, ola));
  for (const int from : {0, 2, 63, 64, 255})
    CHECK(is_damage(gone.view(), 0, ComeInput{static_cast<std::uint8_t>(from)}));
  CHECK(is_damage(gone.view(), 0, record::TimersInput{0}, ola));
  CHECK(is_damage(gone.view(), 0, ComeInput{1}, contact_came(2, 1, 2, "ola")));  // a gap
  CHECK(is_damage(gone.view(), 0, ComeInput{1}, contact_came(0, 1, 0, "ola")));  // bob's place
  Journal with_device;  // which is here, and bob's
  with_device.add(gone.view())
      .frame(noon, record::AliasInput{}, record::ContactCreated{1, "anonymous:x"},
             record::Linked{0, 1, "x"});
  CHECK(is_damage(with_device.view(), 0, ComeInput{1}, ola));
  CHECK(is_damage(gone.view(), 0, ComeInput{1}, contact_came(1, 2, 1, "ola")));  // from nowhere
  CHECK(is_damage(gone.view(), 0, ComeInput{1}, contact_came(1, 1, 1, "")));     // nobody
  CHECK(is_damage(gone.view(), 0, ComeInput{1}, contact_came(1, 1, 2, "ola")));  // of nobody
  CHECK(is_damage(gone.view(), 0, ComeInput{1}, contact_came(1, 1, no_place, "ola")));  // the same
  CHECK(is_damage(gone.view(), 0, ComeInput{1}, ola, ola));                             // twice
  CHECK(is_damage(before_crossing().view(), 0, ComeInput{1}, ola));                     // not gone
  CHECK(is_damage(gone.view(), 1, record::DepartInput{0}, record::Departed{1, places({1})}));
  CHECK(is_damage(gone.view(), 1, record::DepartInput{0}, record::Departed{2, places({2})}));

  const auto with_journey = [&](const record::JourneyCame& journey) {
    return is_damage(gone.view(), 0, ComeInput{1}, ola, journey);
  };
  const auto journey = journey_came(1, 0, 1, "k");
  REQUIRE_FALSE(with_journey(journey));
  CHECK(with_journey(journey_came(2, 0, 1, "k")));     // a gap
  CHECK(with_journey(journey_came(1, 2, 1, "k")));     // from nowhere
  CHECK(with_journey(journey_came(1, 0, 2, "k")));     // of nobody
  CHECK(with_journey(journey_came(1, 0, 1, "k", 1)));  // a strand of nothing
  CHECK(is_damage(gone.view(), 0, record::TimersInput{0}, journey));
  record::JourneyCame of_no_version = journey;
  of_no_version.version = 1;
  CHECK(with_journey(of_no_version));

  const auto with_action = [&](auto change) {
    record::ActionCame action = action_came(1, 1, 7);
    change(action);
    return is_damage(gone.view(), 0, ComeInput{1}, ola, journey, action);
  };
  REQUIRE_FALSE(with_action([](auto&) {}));
  CHECK(with_action([](auto& action) { action.action = 2; }));
  CHECK(with_action([](auto& action) { action.journey = 2; }));
  CHECK(with_action([](auto& action) { action.node = 2; }));
  CHECK(with_action([](auto& action) { action.leg = 2; }));
  CHECK(with_action([](auto& action) { action.version = 1; }));
  CHECK(is_damage(gone.view(), 0, record::TimersInput{0}, action_came(1, 0, 7)));

  const auto with_waiting = [&](auto change) {
    record::OutCame out;
    out.contact = 1;
    out.action = 1;
    change(out);
    return is_damage(gone.view(), 0, ComeInput{1}, ola, journey, action_came(1, 1, 7), out);
  };
  REQUIRE_FALSE(with_waiting([](auto&) {}));
  CHECK(with_waiting([](auto& out) { out.contact = 2; }));
  CHECK(with_waiting([](auto& out) { out.action = 0; }));  // bob's
  CHECK(with_waiting([](auto& out) { out.node = 2; }));
  CHECK(with_waiting([](auto& out) { out.leg = 2; }));
  CHECK(with_waiting([](auto& out) { out.version = 1; }));
  CHECK(is_damage(gone.view(), 0, record::TimersInput{0}, record::OutCame{}));
}

TEST_CASE("crossing: the census refuses what it cannot count", "[insight][census][shards]") {
  Journal gone = before_crossing();
  depart(gone);
  const auto reads = [&gone](const auto& input, const auto& record) {
    Journal journal;
    journal.add(gone.view()).frame(noon, input, record);
    return Census().read(journal.view()).has_value();
  };
  using record::ComeInput;
  CHECK(reads(ComeInput{1}, contact_came(1, 1, 1, "ola")));
  CHECK_FALSE(reads(ComeInput{0}, contact_came(1, 1, 1, "ola")));
  CHECK_FALSE(reads(ComeInput{2}, contact_came(1, 1, 1, "ola")));
  CHECK_FALSE(reads(record::TimersInput{0}, contact_came(1, 1, 1, "ola")));
  CHECK_FALSE(reads(ComeInput{1}, contact_came(2, 1, 2, "ola")));
  CHECK_FALSE(reads(ComeInput{1}, contact_came(0, 1, 0, "ola")));
  CHECK_FALSE(reads(ComeInput{1}, contact_came(1, 2, 1, "ola")));
  CHECK(reads(ComeInput{1}, journey_came(1, 0, 0, "k")));
  CHECK_FALSE(reads(ComeInput{1}, journey_came(2, 0, 0, "k")));
  CHECK_FALSE(reads(ComeInput{1}, journey_came(1, 2, 0, "k")));
  CHECK_FALSE(reads(record::TimersInput{0}, journey_came(1, 0, 0, "k")));
}

}  // namespace itinera::test
