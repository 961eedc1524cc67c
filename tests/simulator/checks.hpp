// SPDX-License-Identifier: Apache-2.0
// What must be so of an engine at any time: each returns what is not, or nothing.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "itinera/engine.hpp"
#include "itinera/runtime.hpp"
#include "runtime/shards.hpp"

namespace itinera::simulator {

// The steps of each version of each campaign that was ever published.
using Steps = std::map<std::pair<std::string, std::uint32_t>, std::set<std::string>>;

// Whoever looks at steps, at contacts and at counters sees the same journeys.
std::string views_agree(const Engine& engine, std::span<const std::string> contacts);

// Whoever stands somewhere stands at a step that there is, and time, an input or a person will move
// it: nobody is stuck of whom no report tells.
std::string nobody_is_stranded(const Engine& engine, std::span<const std::string> contacts,
                               const Steps& steps);

// What is due is done: a host that sleeps until the next deadline misses nothing.
std::string nothing_is_overdue(const Engine& engine);

// Both know the same, to the byte.
std::string same_state(const runtime::Shards& expected, const runtime::Shards& found);
std::string same_state(const runtime::Shards& expected, const Runtime& found);

// An engine that knows only the journal, brought to where `live` is, knows what that one knows.
// `live` has been told to advance last.
std::string follows(const runtime::Shards& follower, const Runtime& live);

}  // namespace itinera::simulator
