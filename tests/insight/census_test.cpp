// SPDX-License-Identifier: Apache-2.0
#include "insight/census.hpp"

#include "insight/journal.hpp"
#include "itinera/funnel.hpp"
#include "support/catch.hpp"

namespace itinera {
namespace {

using insight::Census;
using test::ended;
using test::entered;
using test::event_of;
using test::Journal;
using test::noon;

Census counted(base::ByteView journal) {
  Census census;
  REQUIRE(census.read(journal));
  return census;
}

Campaign version_of(std::uint32_t number, const char* name = "welcome") {
  Campaign campaign = test::welcome();
  campaign.name = name;
  campaign.version = number;
  return campaign;
}

}  // namespace

TEST_CASE("census: the workspace and what each version holds are known", "[insight][census]") {
  CHECK(counted({}).workspace().empty());
  Journal journal;
  journal.publish({version_of(1), version_of(2)});
  const Census census = counted(journal.view());
  CHECK(census.workspace() == "shop");
  REQUIRE(census.versions().size() == 2);
  Campaign moved = version_of(1);
  moved.at = {"elsewhere.yaml", 7, 1};
  CHECK(census.versions()[0].content == insight::content_of(moved));
  CHECK(census.versions()[0].content != census.versions()[1].content);
}

TEST_CASE("census: anonymous ids that were linked are nobody of their own, as in the funnel",
          "[insight][census]") {
  Journal journal;
  journal.publish({test::welcome()});
  const auto unknown = record::no_place;
  journal.frame(noon, event_of(unknown, "seen"), record::ContactCreated{0, "anonymous:x"});
  journal.frame(noon, event_of(unknown, "seen"), record::ContactCreated{1, "anonymous:y"});
  journal.frame(noon, event_of(unknown, "seen"), record::ContactCreated{2, "ola"});
  journal.frame(noon, event_of(unknown, "seen"), record::ContactCreated{3, "eva"});
  journal.frame(noon, record::AliasInput{}, record::Linked{2, 0, "x"});
  journal.frame(noon, record::AliasInput{}, record::Linked{3, 0, "x"});  // a shared device
  journal.frame(noon, record::AliasInput{}, record::Linked{3, unknown, "z"});
  const Census census = counted(journal.view());
  CHECK(census.contacts() == 2);
  CHECK(census.anonymous() == 1);
  Funnel funnel;
  REQUIRE(funnel.read(journal.view()));
  CHECK(funnel.totals().contacts == census.contacts());
  CHECK(funnel.totals().anonymous == census.anonymous());
}

TEST_CASE("census: which versions were published, and who is under way on them",
          "[insight][census][S23]") {
  Journal journal;
  journal.publish({version_of(1), version_of(1, "other")});
  journal.frame(noon, event_of(record::no_place, "e"), record::ContactCreated{0, "ola"},
                entered(0, 0), entered(1, 0));
  journal.publish({version_of(2)});
  record::Entered later = entered(2, 0);
  later.version = 2;
  journal.frame(noon, event_of(0, "e"), later,
                ended(0, record::Decision::finished, record::Reason::none));
  const Census census = counted(journal.view());
  REQUIRE(census.versions().size() == 3);
  CHECK(census.versions()[0].name == "welcome");
  CHECK_FALSE(census.versions()[0].current);
  CHECK(census.versions()[2].number == 2);
  CHECK(census.versions()[2].current);
  CHECK(census.versions()[0].in_flight == 1);
  CHECK(census.versions()[1].in_flight == 0);
  CHECK(census.versions()[2].in_flight == 1);
}

TEST_CASE("census: what refers to nothing is damage, a torn frame is left out",
          "[insight][census]") {
  const auto read = [](const auto& record) {
    Journal journal;
    journal.publish({test::welcome()});
    journal.frame(noon, event_of(record::no_place, "e"), record);
    return Census().read(journal.view());
  };
  CHECK_FALSE(read(record::ContactCreated{1, "gap"}));
  CHECK_FALSE(read(record::Linked{0, 5, "x"}));
  CHECK_FALSE(read(entered(3, 0)));
  CHECK_FALSE(read(ended(0, record::Decision::finished, record::Reason::none)));
  Journal journal;
  journal.publish({test::welcome()});
  const auto whole = journal.view();
  CHECK(counted(whole.first(whole.size() - 1)).versions().empty());
}

}  // namespace itinera
