// SPDX-License-Identifier: Apache-2.0
// What must hold of every script that a store of several shards can take.
#pragma once

#include <string>

#include "property/choices.hpp"
#include "property/host.hpp"

namespace itinera::property {

// Leaves out of the world what is the affair of each runtime.
void make_shardable(World& world);

// Until some moment nothing of what contacts share is published, and then all of it: a store of
// several shards brings them together.
void share_later(World& world, Choices& choices);

// Puts in more people and visitors, who become one, or join an account.
void join_more(World& world, Choices& choices);

// A store of one engine and one of several shards, with several threads, batches where it chooses,
// and a restart in between: the same actions. One thread: the same bytes. What is wrong, in words,
// or nothing; `actions` grows by those that there were.
std::string shards_equal_one(const Script& script, Choices& choices, std::size_t& actions);

}  // namespace itinera::property
