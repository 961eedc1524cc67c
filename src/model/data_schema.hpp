// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/type.hpp"
#include "itinera/campaign.hpp"

namespace itinera::model {

// Of the texts that field_type_from() takes: "string", "list(int)".
std::vector<std::string> field_type_names();

expr::Type type_of(const FieldType& type);

// Whether a value of this type may stand where the schema says `type`; null, which clears an
// attribute, and what is known only at run time always may.
bool fits(const expr::Type& given, const FieldType& type);
bool fits(const Value& given, const FieldType& type);

const EventSchema* find_event(const Schema& schema, std::string_view name);
const SchemaField* find_field(std::span<const SchemaField> fields, std::string_view name);
std::vector<std::string> names_of(std::span<const SchemaField> fields);

// What every contact has.
bool is_given(std::string_view attribute);
// The attribute that the engine itself writes: by which channel the contact reacted last.
inline constexpr std::string_view last_channel = "last_channel";

}  // namespace itinera::model
