// SPDX-License-Identifier: Apache-2.0
// What goes of a journal with whom it forgets, where they went from one shard to another.
#include <string>
#include <vector>

#include "insight/crossing.hpp"
#include "itinera/funnel.hpp"
#include "record/erased.hpp"

namespace itinera::test {
namespace {

// The frames of one shard, each as a group of its own.
Groups groups_in(base::ByteView journal, std::uint8_t shard) {
  Groups groups = groups_of(journal);
  std::erase_if(
      groups, [shard](const base::Bytes& group) { return record::head_of(group).shard != shard; });
  return groups;
}

// What a journal of two shards is without whom each has forgotten.
base::Bytes both_erased(base::ByteView journal) {
  const base::Bytes left[] = {erased(groups_in(journal, 0)), erased(groups_in(journal, 1))};
  base::ByteView rest[] = {left[0], left[1]};
  base::Bytes all;
  each_frame(journal, [&](base::ByteView frame) {
    base::ByteView& from = rest[record::head_of(frame).shard];
    const base::ByteView whole = from.first(record::head_of(from).size);
    all.insert(all.end(), whole.begin(), whole.end());
    from = from.subspan(whole.size());
  });
  CHECK((rest[0].empty() && rest[1].empty()));
  return all;
}

// As in the journal.
std::string text_of(Hash128 id) {
  base::Bytes bytes;
  base::Writer(bytes).number(id.high);
  base::Writer(bytes).number(id.low);
  return std::string(base::as_text(bytes));
}

// All records of a kind that the journal has, in its order.
template <class Record>
std::vector<Record> all_of(base::ByteView journal) {
  std::vector<Record> all;
  record::FrameReader reader(journal);
  for (record::Frame frame; reader.next(frame) == record::FrameReader::Outcome::frame;) {
    base::ByteView rest = frame.records;
    while (const auto raw = record::Frame::next(rest)) {
      if (raw->kind == Record::kind) all.push_back(record::decode<Record>(raw->fields).value());
    }
  }
  return all;
}

// Numbers that are told of who comes.
constexpr std::uint64_t rate_of = 0xA1A1'A1A1'A1A1'0001;
constexpr std::uint64_t handle_of = 0xA1A1'A1A1'A1A1'0002;
constexpr std::uint64_t run_of = 0xA1A1'A1A1'A1A1'0003;
constexpr std::uint64_t variant_of = 0xA1A1'A1A1'A1A1'0004;
constexpr std::uint64_t address_of = 0xA1A1'A1A1'A1A1'0005;
constexpr std::uint64_t open_of = 0xA1A1'A1A1'A1A1'0006;
constexpr std::uint64_t out_of = 0xA1A1'A1A1'A1A1'0008;
constexpr std::uint64_t sent_of = 0xA1A1'A1A1'A1A1'0007;

// Who comes, and by what number their things are known.
struct Crosser {
  std::string name;
  std::uint32_t from = 0;     // its place, and
  std::uint32_t contact = 0;  // here
  std::uint32_t journey_from = 0;
  std::uint32_t journey = 0;
  std::uint32_t action = 0;
  std::uint64_t number = 0;
};

// All that is told of who comes with a journey.
void come_with_all(record::FrameWriter& writer, const Crosser& who) {
  using Table = record::RowCame::Table;
  const std::string data = "data-of-" + who.name;
  const std::string key = "key-of-" + who.name;
  const std::string address = "address-of-" + who.name;
  record::ContactCame contact = contact_came(who.contact, who.from, who.contact, who.name);
  contact.attributes = contact.history = contact.counted = base::as_bytes(data);
  writer.record(contact);
  if (who.name == "ola") writer.record(contact_came(2, 0, who.contact, "anonymous:tablet"));
  const auto row = [&](Table table, std::uint64_t of) {
    writer.record(record::RowCame{who.contact, table, {of, who.number}, 1, 2});
  };
  row(Table::rate, rate_of);
  row(Table::handle, handle_of);
  row(Table::run, run_of);
  row(Table::variant, variant_of);
  writer.record(journey_came(who.journey, who.journey_from, who.contact, key));
  record::ActionCame action = action_came(who.action, who.journey, who.number);
  action.address = address_of;
  writer.record(action);
  writer.record(record::ContextCame{who.journey, base::as_bytes("progress"), base::as_bytes(data)});
  record::OutCame out;
  out.contact = who.contact;
  out.id = {out_of, who.number};
  out.key = key;
  out.address = address;
  out.data = base::as_bytes(data);
  writer.record(out);
  record::OpenCame open;
  open.contact = who.contact;
  open.id = {open_of, who.number};
  open.key = key;
  open.address = address;
  open.data = base::as_bytes(data);
  writer.record(open);
  record::SentCame sent;
  sent.contact = who.contact;
  sent.id = {sent_of, who.number};
  sent.address = address_of;
  writer.record(sent);
}

// Ola and eva go to the first shard, and reports come of each of their actions.
Journal crossed() {
  Journal journal = before_crossing();
  journal.frame(noon, event_of(record::no_place, "go"), record::ContactCreated{2, "eva"},
                entered(2, 2, "key-of-eva"), emitted(2, 0, 9, 1));
  journal.frame(noon, record::TakenInput{1});
  const Crosser ola{"ola", 1, 1, 0, 1, 1, 7};
  const Crosser eva{"eva", 2, 3, 2, 2, 2, 9};
  for (const Crosser* const who : {&ola, &eva}) {
    if (who == &ola) depart(journal);
    if (who == &eva) {
      journal.on(1).frame(noon, record::DepartInput{0}, record::Departed{2, places({2})});
    }
    base::ByteBuffer frame;
    record::FrameWriter writer(frame);
    writer.begin(noon, record::ComeInput{1});
    come_with_all(writer, *who);
    writer.end();
    journal.add(frame.view()).on(0);
    for (const std::uint64_t high : {std::uint64_t{0}, out_of, open_of, sent_of}) {
      const std::string data = "said-by-" + who->name;
      constexpr auto opened = static_cast<std::uint8_t>(Receipt::opened);
      record::ReportInput report;
      report.action = {high, who->number};
      report.data = base::as_bytes(data);
      if (high == 0) {
        journal.frame(noon, report, record::ReceiptNoted{who->journey, who->action, 0, opened});
      } else {
        journal.frame(noon, report,
                      record::LateReceipt{report.action, who->contact, 0, 0, opened, 1});
      }
      // The action alone says whose it is.
      journal.frame(noon, report, record::Duplicate{});
    }
  }
  return journal;
}

void forget(Journal& journal, std::uint8_t shard, std::uint32_t contact,
            std::initializer_list<std::uint32_t> all) {
  record::ForgetInput input;
  input.contact = contact;
  journal.on(shard).frame(noon, input, record::Forgotten{contact, places(all)});
}

}  // namespace

TEST_CASE("erasure: also of who came from another shard", "[record][forget][shards]") {
  Journal journal = crossed();
  // Not bob's: they say so by what it was called before it was a contact.
  record::AliasInput alias;
  alias.contact = 0;
  alias.previous = "tablet";
  record::Refused refused;
  refused.contact = 0;
  refused.decision = record::Decision::refused_link;
  refused.key = "tablet";
  journal.frame(noon, alias, refused);
  forget(journal, 0, 1, {1, 2});
  // There each id is somebody by now.
  forget(journal, 1, 1, {1});
  forget(journal, 1, 0, {0});
  const base::Bytes left = both_erased(journal.view());
  std::vector<std::string> needles{"ola", "tablet"};
  for (const std::uint64_t high : {handle_of, run_of, out_of, open_of, sent_of}) {
    needles.push_back(text_of({high, 7}));
  }
  for (const std::string& needle : needles) {
    CAPTURE(needle);
    CHECK(tells(journal.view(), needle));
    CHECK(!tells(left, needle));
  }
  for (const auto& action : all_of<record::ActionCame>(left)) {
    CHECK((action.id == Hash128{0, 9}) == (action.address != 0));
  }
  CHECK(all_of<record::SentCame>(left)[0].address == 0);
  // What says nothing of her stays, as do kinds, order and places.
  const auto rows = all_of<record::RowCame>(left);
  CHECK(rows[0].key == Hash128{rate_of, 7});
  CHECK(rows[3].key == Hash128{variant_of, 7});
  CHECK(base::as_text(all_of<record::ContextCame>(left)[0].progress) == "progress");
  CHECK(all_of<record::ContactCame>(left)[1].person == 1);
  CHECK(all_of<record::ContactCame>(left)[0].attributes.empty());
  Funnel before;
  Funnel behind;
  REQUIRE(before.read(journal.view()));
  REQUIRE(behind.read(left));
  CHECK(to_text(before.campaigns()[0]) == to_text(behind.campaigns()[0]));
  CHECK(to_text(before.totals()) == to_text(behind.totals()));
  // Who is erased is not erased again, and eva's frames are what they were.
  CHECK(both_erased(left) == left);
  each_frame(journal.view(), [&](base::ByteView frame) {
    if (tells(frame, "eva")) CHECK(tells(left, base::as_text(frame)));
  });
}

TEST_CASE("erasure: a device that came with one and is another's goes with the other",
          "[record][forget][shards][S30]") {
  Journal journal = crossed();
  record::AliasInput alias;
  alias.contact = 0;
  alias.previous = "tablet";
  journal.frame(noon, alias, record::Linked{0, 2, "tablet"});
  forget(journal, 0, 1, {1});
  forget(journal, 1, 1, {1});
  const base::Bytes without_ola = both_erased(journal.view());
  CHECK(!tells(without_ola, "ola"));
  CHECK(all_of<record::ContactCame>(without_ola)[1].id == "anonymous:tablet");
  CHECK(all_of<record::ContactCreated>(without_ola)[1].id == "anonymous:tablet");
  forget(journal, 0, 0, {0, 2});
  forget(journal, 1, 0, {0});
  const base::Bytes without_both = both_erased(journal.view());
  CHECK(!tells(without_both, "tablet"));
  CHECK(!tells(without_both, "bob"));
}

TEST_CASE("erasure: of who came, frames go also where those before are gone",
          "[record][forget][shards]") {
  Journal journal = crossed();
  forget(journal, 0, 1, {1, 2});
  forget(journal, 1, 1, {1});
  forget(journal, 1, 0, {0});
  constexpr std::size_t come_at = 3;
  for (const std::uint8_t shard : {std::uint8_t{0}, std::uint8_t{1}}) {
    const Groups groups = groups_in(journal.view(), shard);
    for (std::size_t gone = 0; gone < groups.size(); ++gone) {
      CAPTURE(int{shard}, gone);
      const base::Bytes left = erased(groups, gone);
      CHECK(!tells(left, "ola"));
      // Where the frame is gone by which she came, nobody knows whose the action was.
      if (shard == 1 || gone <= come_at) CHECK(!tells(left, text_of({open_of, 7})));
    }
  }
}

TEST_CASE("erasure: who went and came back is one", "[record][forget][shards]") {
  Journal journal = crossed();
  journal.on(0).frame(noon, record::DepartInput{1}, record::Departed{1, places({1, 2})});
  journal.on(1).frame(noon, record::ComeInput{0}, contact_came(1, 1, 1, "ola"),
                      contact_came(0, 2, 1, "anonymous:tablet"),
                      journey_came(0, 1, 1, "key-of-ola"), action_came(0, 0, 7));
  forget(journal, 0, 1, {1});
  forget(journal, 0, 2, {2});
  forget(journal, 1, 1, {1, 0});
  const base::Bytes left = both_erased(journal.view());
  for (const char* const needle : {"ola", "tablet"}) CHECK(!tells(left, needle));
  CHECK(tells(left, "key-of-eva"));
  // Whoever restores finds them where they were: by the same id.
  const auto created = all_of<record::ContactCreated>(left);
  const auto came = all_of<record::ContactCame>(left);
  REQUIRE(came.size() == 5);
  CHECK(created[2].contact == came[3].contact);
  CHECK(created[2].id == came[3].id);
  Funnel funnel;
  CHECK(funnel.read(left));
}

}  // namespace itinera::test
