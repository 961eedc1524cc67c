// SPDX-License-Identifier: Apache-2.0
// Lists of fields, and of what has a name and fields, compared.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "diff/field_texts.hpp"
#include "itinera/campaign_diff.hpp"

namespace itinera::model {

struct NamedFields {
  std::string name;
  Fields fields;
};

// Appends a change for each field that differs, in the order of `after`; the others, which are
// gone, last. What they have in common `of` says.
void compare_fields(const ModelChange& of, const Fields& before, const Fields& after,
                    std::vector<ModelChange>& changes);

// Appends what was added, removed and changed among things of one kind, which are the same by
// name; where several have one name, in their order.
void compare_items(ModelChange::What what, const std::string& campaign,
                   const std::vector<NamedFields>& before, const std::vector<NamedFields>& after,
                   std::vector<ModelChange>& changes);

// "when event.total > 5, key event.id"
std::string text_of_fields(const Fields& fields);

}  // namespace itinera::model
