// SPDX-License-Identifier: Apache-2.0
#include "runtime/leases.hpp"

#include "base/bytes.hpp"
#include "base/packed_value.hpp"
#include "base/stable_hash.hpp"

namespace itinera::runtime {

std::string content_id(const Report& report) {
  base::Bytes data;
  for (const Property& property : report.data) {
    base::Writer(data).text(property.name);
    base::pack(property.value, data);
  }
  base::StableHash content;
  content.hash(report.action.hash).integer(static_cast<std::int64_t>(report.receipt));
  content.text(report.declared).integer((report.hard ? 1 : 0) + (report.retry ? 2 : 0));
  content.bytes(data);
  content.integer(report.envelope.occurred ? report.envelope.occurred->ms : INT64_MIN);
  return to_text(content.finish());
}

void Leases::end(const ActionId& action) {
  const auto found = ends_.find(action);
  if (found == ends_.end()) return;
  by_end_.erase({found->second, action});
  ends_.erase(found);
}

void Leases::begin(const ActionId& action, Instant until) {
  offered_.erase(action);
  end(action);
  ends_.emplace(action, until);
  by_end_.emplace(until, action);
}

void Leases::settle(const ActionId& action) {
  offered_.erase(action);
  end(action);
}

std::vector<ActionId> Leases::end_by(Instant t) {
  std::vector<ActionId> ended;
  while (!by_end_.empty() && by_end_.begin()->first <= t) {
    const ActionId action = by_end_.begin()->second;
    ended.push_back(action);
    end(action);
  }
  return ended;
}

}  // namespace itinera::runtime
