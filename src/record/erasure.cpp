// SPDX-License-Identifier: Apache-2.0
#include "record/erasure.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/packed_value.hpp"
#include "base/stable_hash.hpp"
#include "record/all_records.hpp"

namespace itinera::record {
namespace {

using AllInputs = Kinds<OpenedInput, EventInput, IdentifyInput, AliasInput, MergeInput, GroupInput,
                        ForgetInput, ReportInput, EnterInput, StopInput, MoveInput, ReassignInput,
                        TakeOverInput, SuppressInput, PauseInput, ResumeInput, PublishInput,
                        ZoneDataInput, TakenInput, ReofferInput, AcknowledgeInput, HeardInput,
                        DepartInput, ComeInput, TimersInput, GatesInput>;

// As take_record(), of what the frame was written for.
template <class... Each, class Take>
bool take_input(Kinds<Each...>, const Frame& frame, Take&& take) {
  bool sound = false;
  const auto try_kind = [&]<class Input>() {
    if (frame.kind != Input::kind) return false;
    const std::optional<Input> read = decode<Input>(frame.input);
    sound = read.has_value();
    if (sound) take(*read);
    return true;
  };
  return (try_kind.template operator()<Each>() || ...) && sound;
}

// Calls `each` with every record; false: one is damaged.
template <class Each>
bool take_records(const Frame& frame, Each&& each) {
  base::ByteView rest = frame.records;
  while (const std::optional<RawRecord> raw = Frame::next(rest)) {
    const bool sound = take_record(*raw, [&each](const auto& record) {
      each(record);
      return true;
    });
    if (!sound) return false;
  }
  return rest.empty();
}

// Such a record is about the very action that the frame's input names.
template <class R>
constexpr bool answers = std::is_same_v<R, ReceiptNoted> || std::is_same_v<R, LateReceipt> ||
                         std::is_same_v<R, Reassigned>;

// The low half of whatever stands for an id, whoever made it, so that it is never replaced again:
// "erased" and two bytes.
constexpr std::uint64_t mark = 0x6572'6173'6564'0A17;

// Before the id of a visitor whose name nobody knows, where it is a contact's.
constexpr std::string_view visitor_prefix = "anonymous:";

template <class Each>
void each_place(base::ByteView places, Each&& each) {
  for (std::size_t at = 0; at + 4 <= places.size(); at += 4) {
    each(base::load_le<std::uint32_t>(places.data() + at));
  }
}

Hash128 id_at(base::ByteView ids, std::size_t at) {
  return {base::load_le<std::uint64_t>(ids.data() + at),
          base::load_le<std::uint64_t>(ids.data() + at + sizeof(std::uint64_t))};
}

}  // namespace

template <class Each>
bool Erasure::read(std::uint64_t position, base::ByteView frames, Each each) {
  FrameReader reader(frames);
  Frame frame;
  for (now_ = {position, 0};; ++now_.frame) {
    const FrameReader::Outcome outcome = reader.next(frame);
    if (outcome == FrameReader::Outcome::end) return true;
    if (outcome != FrameReader::Outcome::frame || !each(frame)) return false;
  }
}

bool Erasure::find(std::uint64_t position, base::ByteView frames) {
  return read(position, frames, [this](const Frame& frame) {
    if (frame.kind != InputKind::forget) return true;
    return take_records(frame, [this]<class R>(const R& r) {
      if constexpr (std::is_same_v<R, Forgotten>) {
        ends_[r.contact] = now_;
        each_place(r.places, [this](std::uint32_t place) { ends_[place] = now_; });
        last_ = now_.position;
      }
    });
  });
}

bool Erasure::gather(std::uint64_t position, base::ByteView frames) {
  return read(position, frames, [this](const Frame& frame) {
    return take_records(frame, [this]<class R>(const R& r) {
      if constexpr (std::is_same_v<R, Forgotten>) {
        each_place(r.places,
                   [this](std::uint32_t place) { turns_[place].push_back({now_, no_place}); });
      } else if constexpr (std::is_same_v<R, Linked> || std::is_same_v<R, Merged>) {
        turns_[r.from].push_back({now_, r.contact});
      } else if constexpr (std::is_same_v<R, ContactCame>) {
        if (r.person != r.contact) turns_[r.contact].push_back({now_, r.person});
      }
      if constexpr (std::is_same_v<R, ContactCreated>) {
        add_name(std::string(r.id), r.contact);
      } else if constexpr (std::is_same_v<R, Linked>) {
        add_name(std::string(r.anonymous), r.from);
        add_name(std::string(visitor_prefix).append(r.anonymous), r.from);
      } else if constexpr (std::is_same_v<R, ContactCame>) {
        add_name(std::string(r.id), r.contact);
        // Where it was linked, frames call it by less.
        const bool linked = r.person != r.contact && r.id.starts_with(visitor_prefix);
        if (linked) add_name(std::string(r.id.substr(visitor_prefix.size())), r.contact);
      }
    });
  });
}

void Erasure::add_name(std::string name, std::uint32_t place) {
  const auto end = ends_.find(place);
  if (end == ends_.end() || end->second < now_) return;
  names_[std::move(name)].push_back({now_, place});
}

bool Erasure::erase(std::uint64_t position, base::ByteView frames, base::ByteBuffer& out) {
  out.clear();
  std::size_t kept = 0;  // bytes in front that are not in `out` yet
  std::size_t seen = 0;
  const bool sound = read(position, frames, [&](const Frame& frame) {
    bool any = false;
    if (!judge(frame, any)) return false;
    if (any) {
      out.append(frames.subspan(kept, seen - kept));
      if (!rewrite(frame, out)) return false;
      kept = seen + frame.size;
    }
    seen += frame.size;
    return true;
  });
  if (sound && kept > 0) out.append(frames.subspan(kept));
  if (std::ranges::equal(out.view(), frames)) out.clear();
  return sound;
}

std::size_t Erasure::first_at(const std::vector<Turn>& turns, At at) {
  return static_cast<std::size_t>(std::ranges::lower_bound(turns, at, {}, &Turn::at) -
                                  turns.begin());
}

Erasure::Person Erasure::person_at(std::uint32_t place, At at) const {
  constexpr int most_hops = 1'000;  // a journal that was made up may go in circles
  for (int hops = 0; hops < most_hops; ++hops) {
    const auto turns = turns_.find(place);
    if (turns == turns_.end()) break;
    const std::vector<Turn>& all = turns->second;
    std::size_t number = first_at(all, at);
    // In this very frame what was linked has come, and who is forgotten goes behind it.
    while (number < all.size() && all[number].at == at && all[number].to != no_place) ++number;
    const std::uint32_t in_force = number == 0 ? no_place : all[number - 1].to;
    const Turn next = number == all.size() ? Turn{} : all[number];
    if (in_force != no_place) {
      place = in_force;
    } else if (next.to != no_place) {
      place = next.to;  // which may be somebody else's until then
      at = next.at;
    } else {
      break;
    }
  }
  return {place, at};
}

bool Erasure::is_forgotten(std::uint32_t place, At at) const {
  const Person person = person_at(place, at);
  const auto found = ends_.find(person.place);
  return found != ends_.end() && person.at <= found->second;
}

// Until when a place is the id's that has it at `at`; empty: for longer than is of interest here.
std::optional<Erasure::At> Erasure::end_of(std::uint32_t place, At at) const {
  const auto turns = turns_.find(place);
  if (turns == turns_.end()) return {};
  const std::vector<Turn>& all = turns->second;
  std::size_t number = first_at(all, at);
  while (number < all.size() && all[number].to != no_place) ++number;
  if (number == all.size()) return {};
  return all[number].at;
}

const std::vector<Erasure::Named>* Erasure::told_of(std::string_view name) const {
  if (name.empty() || names_.empty()) return nullptr;
  auto found = names_.find(name);
  if (found == names_.end()) found = names_.find(stand_in(name));
  return found == names_.end() ? nullptr : &found->second;
}

// A device that was somebody else's goes with whom it belongs to in the end, and stays with others.
bool Erasure::is_gone(std::string_view name) const {
  const std::vector<Named>* const named = told_of(name);
  if (named == nullptr) return false;
  const auto next = std::ranges::upper_bound(*named, now_, {}, &Named::at);
  if (next != named->begin()) {
    const Named& newest = *std::prev(next);
    const std::optional<At> end = end_of(newest.place, newest.at);
    if (!end) return false;
    if (*end >= now_) return true;
  }
  return next != named->end() && end_of(next->place, next->at);
}

// Of a name that nobody has yet: whoever gets it next. It stands where it was told, or what stands
// for it, where this was begun before.
bool Erasure::is_name(std::string_view name) const {
  const std::vector<Named>* const named = told_of(name);
  if (named == nullptr) return false;
  const auto next = std::ranges::lower_bound(*named, now_, {}, &Named::at);
  return next != named->end() && is_forgotten(next->place, next->at);
}

// What was emitted has its id still, or one that stands for it.
bool Erasure::is_action(Hash128 action) const {
  if (actions_.contains(action)) return true;
  replace(action);
  return actions_.contains(action);
}

bool Erasure::runs_for(std::uint32_t journey) const {
  const auto found = journeys_.find(journey);
  if (found != journeys_.end()) return found->second;
  return !whole_ && journey != no_place && now_.position <= last_;
}

// A record or an input, by who it is about.
template <class T>
bool Erasure::concerns(const T& told) const {
  if constexpr (requires { told.into; }) {
    return is_forgotten(told.into) || is_forgotten(told.from) || is_name(told.into_id) ||
           is_name(told.from_id);
  } else if constexpr (requires { told.contact_id; }) {
    return is_forgotten(told.contact) || is_name(told.contact_id);
  } else if constexpr (std::is_same_v<T, ReportInput> || std::is_same_v<T, ReassignInput>) {
    return is_action(told.action);
  } else if constexpr (std::is_same_v<T, ReofferInput>) {
    return !actions_.empty() && !told.actions.empty();  // each is looked at
  } else if constexpr (std::is_same_v<T, ContactCreated>) {
    return end_of(told.contact, now_).has_value();
  } else if constexpr (std::is_same_v<T, ContactCame>) {
    return is_forgotten(told.contact) || end_of(told.contact, now_);
  } else if constexpr (std::is_same_v<T, Linked>) {
    return is_forgotten(told.contact) || end_of(told.from, now_);
  } else if constexpr (std::is_same_v<T, Refused>) {
    // A link that was refused names the other one.
    if (told.decision == Decision::refused_link && is_gone(told.key)) return true;
    return told.contact == no_place ? input_concerned_ : is_forgotten(told.contact);
  } else if constexpr (requires { told.contact; }) {
    return is_forgotten(told.contact);
  } else if constexpr (requires { told.journey; }) {
    return runs_for(told.journey);
  } else {
    return false;
  }
}

template <class T>
void Erasure::follow(const T& record) {
  if constexpr (std::is_same_v<T, Entered> || std::is_same_v<T, JourneyCame>) {
    // In a whole journal all entries are seen, and who is not known is nobody to be erased.
    const bool forgotten = is_forgotten(record.contact);
    if (forgotten || !whole_) {
      journeys_[record.journey] = forgotten;
    } else {
      journeys_.erase(record.journey);
    }
  } else if constexpr (requires { record.head; }) {
    const auto head = journeys_.find(record.head);
    if (head != journeys_.end()) {
      journeys_[record.journey] = head->second;
    } else {
      journeys_.erase(record.journey);
    }
  } else if constexpr (std::is_same_v<T, Emitted> || std::is_same_v<T, ActionCame>) {
    if (runs_for(record.journey)) actions_.insert(record.id);
  } else if constexpr (std::is_same_v<T, OutCame> || std::is_same_v<T, OpenCame> ||
                       std::is_same_v<T, SentCame>) {
    if (is_forgotten(record.contact)) actions_.insert(record.id);
  }
}

// Notes which parts of the frame are about somebody forgotten. Places are used again, perhaps
// within the frame, so each record is judged as of where it stands.
bool Erasure::judge(const Frame& frame, bool& any) {
  concerned_.clear();
  input_concerned_ = false;
  nobody_told_ = false;
  const bool sound = take_input(AllInputs{}, frame, [&](auto input) {
    input_concerned_ = concerns(input);
    any = input_concerned_ || drop_names(input);
  });
  return sound && take_records(frame, [&]<class R>(const R& record) {
           follow(record);
           if constexpr (std::is_same_v<R, Counted>) {
             if (record.counter == Counter::unmatched_receipt) any = nobody_told_ = true;
           } else if constexpr (std::is_same_v<R, Duplicate>) {
             // Of an action whose emission is in no group any more, perhaps.
             if (!whole_) any = nobody_told_ = true;
           }
           concerned_.push_back(concerns(record));
           if (!concerned_.back()) return;
           any = true;
           // Of an action that was emitted before the first group, this tells whose it is.
           if constexpr (answers<R>) input_concerned_ = true;
         });
}

bool Erasure::rewrite(const Frame& frame, base::ByteBuffer& out) {
  texts_.clear();
  FrameWriter writer(out, frame.shard);
  const bool sound = take_input(AllInputs{}, frame, [&](auto input) {
    drop_names(input);
    if (input_concerned_) blank(input);
    if constexpr (std::is_same_v<decltype(input), ReportInput>) {
      if (nobody_told_) input.data = {};
    }
    writer.begin(frame.at, input, frame.flags);
  });
  std::size_t number = 0;
  const bool all_sound = sound && take_records(frame, [&](auto record) {
                           if (concerned_[number++]) blank(record);
                           writer.record(record);
                         });
  writer.end();
  return all_sound;
}

void Erasure::replace(Hash128& id) const {
  if (id.low == mark) return;
  id = {base::StableHash().hash(salt_).hash(id).finish().high, mark};
}

std::string Erasure::stand_in(std::string_view text) const {
  if (const auto id = hash_from_text(text); id && id->low == mark) return std::string(text);
  return to_text({base::StableHash().hash(salt_).text(text).finish().high, mark});
}

void Erasure::replace(std::string_view& text) {
  if (!text.empty()) text = texts_.emplace_back(stand_in(text));
}

void Erasure::replace_ids(base::ByteView& ids) {
  ids_.assign(ids.begin(), ids.end());
  for (std::size_t at = 0; at + ReofferInput::id_size <= ids_.size(); at += ReofferInput::id_size) {
    Hash128 id = id_at(ids_, at);
    if (!is_action(id)) continue;
    replace(id);
    base::store_le(ids_.data() + at, id.high);
    base::store_le(ids_.data() + at + sizeof id.high, id.low);
  }
  ids = ids_;
}

template <class T>
bool Erasure::drop_names(T& input) {
  bool any = false;
  const auto drop = [&](std::string_view& name) {
    if (!is_gone(name)) return;
    replace(name);
    any = true;
  };
  if constexpr (requires { input.contact_id; }) drop(input.contact_id);
  if constexpr (requires { input.anonymous; }) drop(input.anonymous);
  if constexpr (requires { input.previous; }) drop(input.previous);
  return any;
}

template <class T>
void Erasure::blank(T& told) {
  static constexpr std::byte empty_map[] = {
      static_cast<std::byte>(Value::Kind::map), {}, {}, {}, {}, {}, {}, {}, {}};
  if constexpr (requires { told.into_id; }) {
    replace(told.into_id);
    replace(told.from_id);
  }
  if constexpr (requires { told.contact_id; }) replace(told.contact_id);
  if constexpr (std::is_same_v<T, RowCame>) {
    // The others are hashes of what a workspace says.
    const bool of_them = told.table == RowCame::Table::handle || told.table == RowCame::Table::run;
    if (of_them) replace(told.key);
  } else if constexpr (requires { told.key; }) {
    replace(told.key);
  }
  if constexpr (requires { told.account; }) replace(told.account);
  if constexpr (requires { told.properties; }) told.properties = {};
  if constexpr (requires { told.message_id; }) told.message_id = {};
  if constexpr (std::is_same_v<T, IdentifyInput>) {
    replace(told.anonymous);
    told.attributes = {};
  } else if constexpr (std::is_same_v<T, AliasInput>) {
    replace(told.previous);
  } else if constexpr (std::is_same_v<T, ReportInput>) {
    replace(told.action);
    told.data = {};
  } else if constexpr (std::is_same_v<T, ReassignInput> || std::is_same_v<T, LateReceipt>) {
    replace(told.action);
  } else if constexpr (std::is_same_v<T, ReofferInput>) {
    replace_ids(told.actions);
  } else if constexpr (std::is_same_v<T, ContactCreated>) {
    replace(told.id);
  } else if constexpr (std::is_same_v<T, ContactCame>) {
    // A device that is somebody else's in the end keeps its id.
    if (end_of(told.contact, now_)) replace(told.id);
    told.attributes = told.history = told.counted = {};
  } else if constexpr (std::is_same_v<T, ActionCame> || std::is_same_v<T, SentCame>) {
    replace(told.id);
    told.address = 0;
  } else if constexpr (std::is_same_v<T, ContextCame>) {
    told.content = {};
  } else if constexpr (std::is_same_v<T, Linked>) {
    replace(told.anonymous);
  } else if constexpr (std::is_same_v<T, Verified>) {
    replace(told.value);
  } else if constexpr (std::is_same_v<T, AttributeSet> || std::is_same_v<T, VariableSet>) {
    told.value = base::packed_null;
  } else if constexpr (std::is_same_v<T, ConsentSet>) {
    told.source = {};
  } else if constexpr (std::is_same_v<T, Emitted> || std::is_same_v<T, OutCame> ||
                       std::is_same_v<T, OpenCame>) {
    replace(told.id);
    told.address = {};
    told.data = {};
  } else if constexpr (std::is_same_v<T, Withdrawn> || std::is_same_v<T, Recalled> ||
                       std::is_same_v<T, UnknownOutcome>) {
    replace(told.id);
  } else if constexpr (std::is_same_v<T, Converted>) {
    told.value = {};
  } else if constexpr (std::is_same_v<T, ReceiptKept>) {
    told.data = empty_map;
  } else if constexpr (std::is_same_v<T, Reassigned>) {
    told.to = told.by = told.note = {};
  } else if constexpr (std::is_same_v<T, TakenOver>) {
    told.before = {};
  }
}

}  // namespace itinera::record
