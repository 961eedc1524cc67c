// SPDX-License-Identifier: Apache-2.0
#include "state/zone_rules.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "record/zone_records.hpp"

namespace itinera::engine {
namespace {

void add(ClockRules& rules, const ZoneTransition& next) {
  if (rules.empty() || rules.back().offset_s != next.offset_s) rules.push_back(next);
}

}  // namespace

ClockRules clock_rules(const ZoneTable& zones, ZoneIndex zone, Instant from) {
  ClockRules rules{{from, zones.offset_s(zone, from)}};
  for (const ZoneTransition& each : zones.transitions(zone)) {
    if (each.from > from && rules.size() < record::ZoneKnown::rules_max) add(rules, each);
  }
  return rules;
}

ClockRules clock_rules(const ClockRules& rules, Instant from) {
  ClockRules later{{from, offset_s(rules, from)}};
  for (const ZoneTransition& each : rules) {
    if (each.from > from) add(later, each);
  }
  return later;
}

std::int32_t offset_s(const ClockRules& rules, Instant t) {
  const auto after =
      std::upper_bound(rules.begin(), rules.end(), t,
                       [](Instant at, const ZoneTransition& rule) { return at < rule.from; });
  return after == rules.begin() ? after->offset_s : std::prev(after)->offset_s;
}

base::Bytes packed(const ClockRules& rules) {
  base::Bytes bytes;
  base::Writer out(bytes);
  for (const ZoneTransition& each : rules) {
    out.number(each.from.ms);
    out.number(each.offset_s);
  }
  return bytes;
}

std::optional<ClockRules> unpacked(base::ByteView rules) {
  constexpr std::int32_t day_s = 86'400;
  ClockRules read;
  const std::size_t count = rules.size() / record::ZoneKnown::rule_size;
  if (rules.size() % record::ZoneKnown::rule_size != 0) return std::nullopt;
  if (count == 0 || count > record::ZoneKnown::rules_max) return std::nullopt;
  for (base::Reader in(rules); !in.at_end();) {
    const Instant from{in.number<std::int64_t>()};
    const auto offset = in.number<std::int32_t>();
    const bool later = read.empty() || read.back().from < from;
    if (!later || offset <= -day_s || offset >= day_s) return std::nullopt;
    read.push_back({from, offset});
  }
  return read;
}

void ZoneRules::keep(const ZoneTable& zones, std::string_view name, ClockRules rules) {
  known.insert_or_assign(std::string(name), std::move(rules));
  const auto zone = zones.find(name);
  if (!zone) return;
  const auto index = static_cast<std::size_t>(*zone);
  if (index >= is_known_.size()) is_known_.resize(index + 1);
  is_known_[index] = true;
}

void ZoneRules::index(const ZoneTable& zones) {
  for (auto& [name, rules] : known) {
    ClockRules same = std::move(rules);
    keep(zones, name, std::move(same));
  }
}

}  // namespace itinera::engine
