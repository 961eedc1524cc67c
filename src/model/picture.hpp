// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "itinera/campaign.hpp"

namespace itinera::model {

// The campaign as a picture for its author, in Graphviz's DOT language: entries on top, steps by
// kind, ways with what takes them, goals and exits in a box. Texts of the campaign appear in quoted
// labels only, escaped, wrapped and cut to a bounded length.
std::string to_dot(const Campaign& campaign);

// The same picture as a Mermaid flowchart, which wikis and code hosts draw where it stands in a
// page. (mermaid.js.org, Flowchart syntax.)
std::string to_mermaid(const Campaign& campaign);

}  // namespace itinera::model
