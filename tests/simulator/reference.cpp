// SPDX-License-Identifier: Apache-2.0
#include "simulator/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "base/check.hpp"
#include "engine/input_checks.hpp"
#include "model/model_codec.hpp"
#include "property/host.hpp"
#include "property/judged_offers.hpp"
#include "record/all_records.hpp"
#include "simulator/ledger.hpp"

namespace itinera::simulator {
namespace {

using property::Command;
using record::InputKind;

Engine engine_of_its_own() {
  Result<Engine> made = Engine::create(property::engine_options());
  ITINERA_CHECK(made.has_value());
  return std::move(*made);
}

template <class Input>
void find_occurred(const record::Frame& frame, std::optional<Instant>& occurred) {
  if (frame.kind == Input::kind) occurred = record::decode<Input>(frame.input)->occurred;
}

// When it happened, as the engine took it: where the host did not say so that was when it came,
// and what it said may have been too late to be true.
std::optional<Instant> occurred_of(const record::Frame& frame) {
  std::optional<Instant> occurred;
  find_occurred<record::EventInput>(frame, occurred);
  find_occurred<record::IdentifyInput>(frame, occurred);
  find_occurred<record::AliasInput>(frame, occurred);
  find_occurred<record::MergeInput>(frame, occurred);
  find_occurred<record::GroupInput>(frame, occurred);
  find_occurred<record::ReportInput>(frame, occurred);
  return occurred;
}

// What is taken anew: each is known by where it stands among what is handed over, and there what is
// offered again comes first.
base::Bytes recalls_of(const record::Frame& frame) {
  base::Bytes recalls;
  base::Writer out(recalls);
  base::ByteView rest = frame.records;
  while (const auto raw = record::Frame::next(rest)) {
    if (raw->kind != record::Recalled::kind) continue;
    const auto recalled = record::decode<record::Recalled>(raw->fields);
    out.number(recalled->id.high);
    out.number(recalled->id.low);
    out.number(static_cast<std::uint16_t>(recalled->decision));
    out.number(static_cast<std::uint16_t>(recalled->reason));
  }
  return recalls;
}

// Counters are left out: that a clock went wrong is not told twice. Of an event that was used, too,
// in which frame it came: frames are counted with those of handing over.
base::Bytes decisions_of(const record::Frame& frame) {
  base::Bytes decisions;
  base::ByteView rest = frame.records;
  for (base::ByteView from = rest; const auto raw = record::Frame::next(rest); from = rest) {
    if (raw->kind == record::Counted::kind) continue;
    if (raw->kind == record::EventUsed::kind) {
      base::Writer(decisions).number(record::decode<record::EventUsed>(raw->fields)->journey);
      continue;
    }
    const base::ByteView whole = from.first(from.size() - rest.size());
    decisions.insert(decisions.end(), whole.begin(), whole.end());
  }
  return decisions;
}

}  // namespace

Reference::Reference(std::span<const property::Publication> publications)
    : publications_(publications), engine_(engine_of_its_own()) {}

void Reference::may_be_fed(const Command& command) {
  if (command.message_id.empty()) return;
  const record::MessageKey key = std::visit(
      []<class Message>(const Message& message) {
        if constexpr (requires { engine::key_of_message(message); }) {
          return engine::key_of_message(message);
        } else {
          return record::MessageKey{};
        }
      },
      property::input_of(command));
  commands_.emplace(std::pair(key.id, key.content), &command);
}

void Reference::wrong(std::string_view what) {
  if (wrong_.empty()) wrong_ = fmt::format("at {}: {}", to_text(now_), what);
}

std::string Reference::run(base::ByteView journal) {
  record::FrameReader reader(journal);
  record::Frame frame;
  while (wrong_.empty() && reader.next(frame) == record::FrameReader::Outcome::frame) {
    now_ = frame.at;
    if (std::optional<Decided> told = decided(frame)) found_.push_back(std::move(*told));
    follow(frame);
    learn_names(frame);
    absorb(engine_.take_journal());
    compare();
  }
  if (!found_.empty()) wrong("this was decided, and would not have been");
  if (!expected_.empty()) wrong("more would have been decided");
  return wrong_;
}

void Reference::follow(const record::Frame& frame) {
  switch (frame.kind) {
    case InputKind::opened:
    case InputKind::gates:
    case InputKind::acknowledge: return;
    case InputKind::reoffer:
      // The first says that reports will come, and finds nothing to offer.
      if (!std::exchange(reports_, true)) feed(Reoffer{{}, {frame.at, {}, {}, {}}});
      return;
    case InputKind::timers: return engine_.advance_to(frame.at);
    case InputKind::publish: return publish(frame);
    case InputKind::taken: {
      const Output output = engine_.take_output();
      actions_ += output.actions.size();
      return absorb(output.journal);
    }
    default: break;
  }
  if (property::is_duplicate(frame)) return;
  if (const auto message = message_of(frame)) return feed_known(frame, *message);
  feed_told(frame);
}

void Reference::publish(const record::Frame& frame) {
  const base::ByteView model = record::decode<record::PublishInput>(frame.input)->model;
  while (published_ < publications_.size()) {
    const property::Publication& next = publications_[published_++];
    base::Bytes bytes;
    model::encode(next.workspace, next.campaigns, bytes);
    if (!std::ranges::equal(bytes, model)) continue;
    const Result<void> done =
        engine_.publish(next.workspace, next.campaigns, frame.at, next.migrations);
    if (!done) wrong("publication refused: " + done.error().message);
    return;
  }
  wrong("nobody has published this");
}

void Reference::feed_known(const record::Frame& frame, const record::MessageKey& message) {
  const auto [begin, end] = commands_.equal_range({message.id, message.content});
  const auto fed = std::find_if(begin, end, [&frame](const auto& each) {
    return frame.kind != InputKind::report ||
           record::decode<record::ReportInput>(frame.input)->action == each.second->action.hash;
  });
  if (fed == end) return wrong("nobody has fed this");
  Command command = *fed->second;
  command.received = frame.at;
  if (const auto occurred = occurred_of(frame)) command.occurred = occurred;
  feed(property::input_of(command));
}

void Reference::feed_told(const record::Frame& frame) {
  const Envelope at{frame.at, {}, {}, {}};
  if (const auto stop = frame.kind == InputKind::stop
                            ? record::decode<record::StopInput>(frame.input)
                            : std::nullopt) {
    const std::string name =
        stop->contact == record::no_place ? std::string(stop->contact_id) : names_[stop->contact];
    std::optional<std::string_view> key;
    if (stop->has_key != 0) key = stop->key;
    return feed(Stop{stop->campaign, name, key, at});
  }
  if (frame.kind == InputKind::pause) {
    const auto pause = record::decode<record::PauseInput>(frame.input);
    const auto mode = static_cast<PauseMode>(pause->mode);
    return feed(Pause{pause->campaign, mode, pause->entries != 0, at});
  }
  if (frame.kind == InputKind::resume) {
    return feed(Resume{record::decode<record::ResumeInput>(frame.input)->campaign, at});
  }
  wrong(fmt::format("an input of kind {} without an id", static_cast<int>(frame.kind)));
}

void Reference::feed(const Input& input) {
  const std::span<const Refusal> refused = engine_.feed({&input, 1});
  if (!refused.empty()) wrong("refused: " + refused.front().error.message);
}

void Reference::learn_names(const record::Frame& frame) {
  base::ByteView rest = frame.records;
  while (const auto raw = record::Frame::next(rest)) {
    if (raw->kind != record::ContactCreated::kind) continue;
    const auto created = record::decode<record::ContactCreated>(raw->fields);
    names_[created->contact] = created->id;
  }
}

std::optional<Reference::Decided> Reference::decided(const record::Frame& frame) {
  switch (frame.kind) {
    case InputKind::opened:
    case InputKind::reoffer:
    case InputKind::acknowledge: return std::nullopt;
    case InputKind::taken: {
      base::Bytes recalls = recalls_of(frame);
      if (recalls.empty()) return std::nullopt;
      return Decided{frame.kind, frame.at, std::move(recalls)};
    }
    default: break;
  }
  if (property::is_duplicate(frame)) return std::nullopt;
  return Decided{frame.kind, frame.at, decisions_of(frame)};
}

void Reference::absorb(base::ByteView written) {
  record::FrameReader reader(written);
  record::Frame frame;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    if (std::optional<Decided> one = decided(frame)) expected_.push_back(std::move(*one));
  }
}

void Reference::compare() {
  for (; !found_.empty() && !expected_.empty(); found_.pop_front(), expected_.pop_front()) {
    const Decided& found = found_.front();
    const Decided& expected = expected_.front();
    if (found.kind != expected.kind || found.at != expected.at) {
      return wrong(fmt::format("kind {} at {} was taken, where kind {} at {} would have been",
                               static_cast<int>(found.kind), to_text(found.at),
                               static_cast<int>(expected.kind), to_text(expected.at)));
    }
    base::ByteView a = found.records;
    base::ByteView b = expected.records;
    if (std::ranges::equal(a, b)) continue;
    if (found.kind == InputKind::taken) return wrong("others were recalled");
    auto was = record::Frame::next(a);
    auto would_be = record::Frame::next(b);
    while (was && would_be && was->kind == would_be->kind &&
           std::ranges::equal(was->fields, would_be->fields)) {
      was = record::Frame::next(a);
      would_be = record::Frame::next(b);
    }
    return wrong(
        fmt::format("a frame of kind {}: a record of kind {}, where one of kind {} would "
                    "have been decided",
                    static_cast<int>(found.kind), was ? static_cast<int>(was->kind) : 0,
                    would_be ? static_cast<int>(would_be->kind) : 0));
  }
}

}  // namespace itinera::simulator
