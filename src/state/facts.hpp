// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "expr/program.hpp"
#include "plan/plan.hpp"
#include "state/state.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {

struct EventProperty {
  NameId id;  // no_name if no condition names it
  std::string_view name;
  expr::Cell value;
};

// What a condition may ask for, at one moment: a contact, a journey, an event; any may be missing.
// Reads the state where it stands and copies nothing.
class Facts final : public expr::Activation {
 public:
  explicit Facts(const State& state) : state_(state) {}

  void about(std::uint32_t contact, std::uint32_t journey) {
    contact_ = contact;
    journey_ = journey == no_place ? no_place : state_.whole(journey);
  }
  // The properties must outlive their use; an empty span for no event.
  void hears(std::span<const EventProperty> event) { event_ = event; }
  [[nodiscard]] std::span<const EventProperty> event() const { return event_; }

  // Evaluates; texts, lists and maps in the result live until the next evaluation.
  expr::Cell value_of(const Condition& condition);
  expr::Truth truth_of(const Condition& condition) { return expr::truth_of(value_of(condition)); }

  // The first instant after now at which time alone may change the value for whom this is about;
  // no_deadline if there is none.
  [[nodiscard]] Instant next_moment(const Condition& condition);

  expr::Cell slot(const expr::Program& program, std::uint32_t index, expr::Arena& arena) override;
  expr::Cell history(const expr::Program& program, std::uint32_t index,
                     expr::Arena& arena) override;
  [[nodiscard]] const ZoneTable& zones() const override { return *state_.zones; }

  // The zone of a wall time for this contact (S12): `stated` by the step, else the contact's, the
  // campaign's, the workspace's, UTC. `from` says which as record::Waited::zone_from; `invalid`
  // that the contact names a zone which nobody knows.
  struct ZoneChoice {
    ZoneIndex zone = ZoneIndex::utc;
    std::uint8_t from = 4;
    bool invalid = false;
  };
  [[nodiscard]] ZoneChoice zone_for(std::optional<ZoneIndex> stated,
                                    const CampaignPlan* campaign = nullptr) const;

  // An attribute of the contact; null if there is none.
  [[nodiscard]] Value attribute_value(NameId name) const;

 private:
  [[nodiscard]] expr::Cell attribute(NameId name, expr::Arena& arena) const;
  [[nodiscard]] bool consented(std::string_view asked) const;
  bool reachable(std::string_view channel, expr::Arena& arena);
  [[nodiscard]] std::string_view outcome(NodeIndex node) const;
  [[nodiscard]] std::string_view strongest(std::uint32_t receipts) const;
  [[nodiscard]] expr::Cell from_context(ContextTag tag, NameId name, expr::Arena& arena) const;
  [[nodiscard]] expr::Cell in_segment(NameId segment, expr::Arena& arena);
  void begin_evaluation(const Condition& condition);
  expr::Cell find(const Binding& binding, expr::Arena& arena);
  expr::Cell fold(const expr::HistoryCall& call, const HistoryBinding& binding,
                  std::uint32_t& passed);
  [[nodiscard]] const expr::Cell* remembered(std::uint32_t index, bool history) const;
  void remember(std::uint32_t index, bool history, const expr::Cell& cell);
  [[nodiscard]] Instant moment_of(const Condition& condition);
  [[nodiscard]] Instant next_crossing(const Condition& condition, std::size_t comparison,
                                      Instant until);
  [[nodiscard]] Instant next_leaving(const HistoryBinding& history, std::int64_t window_ms) const;
  [[nodiscard]] Instant next_reached(const Condition& condition) const;
  [[nodiscard]] Instant clock() const { return supposed_.value_or(state_.now); }
  // From when on nothing can be missing of what `need` keeps.
  [[nodiscard]] Instant known_from(const HistoryNeed& need) const;

  const State& state_;
  const Condition* condition_ = nullptr;
  std::uint32_t contact_ = no_place;
  std::uint32_t journey_ = no_place;
  std::span<const EventProperty> event_;
  std::optional<Instant> supposed_;  // another time than the engine's, to see what it would bring
  std::uint32_t depth_ = 0;          // of segments that ask for segments
  expr::Arena arena_;
  expr::Arena arena_of_past_;  // of one past event that a filter sees

  // One evaluation asks each segment once, however many others ask for it, and walks a history and
  // lays out a list once, however often a macro comes by.
  struct Segment {
    std::uint64_t evaluation = 0;  // in which it was asked
    std::uint64_t walk = 0;        // of next_moment(), in which it was looked at
    expr::Cell answer;
  };
  struct Remembered {
    const Condition* condition;
    std::uint32_t index;
    bool history;  // else a slot
    expr::Cell cell;
  };
  std::vector<Segment> segments_;  // by their place in Plans::segments
  std::vector<Remembered> remembered_;
  std::uint64_t evaluation_ = 0;
  std::uint64_t walk_ = 0;
  std::uint32_t steps_within_ = 0;  // left for what the evaluation sets off in turn
};

}  // namespace itinera::engine
