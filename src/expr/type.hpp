// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace itinera::expr {

// A static type. `dyn` fits everything and is checked when evaluated.
struct Type {
  enum class Kind : std::uint8_t {
    dyn,
    null,
    boolean,
    integer,
    real,
    text,
    timestamp,
    duration,
    list,
    map,
    uinteger,
    bytes,
    type
  };
  Kind kind = Kind::dyn;
  std::vector<Type> parameters;  // of a list: the element; of a map: key and value

  friend bool operator==(const Type&, const Type&) = default;
};

// As CEL writes it: "int", "list(string)", "map(string, dyn)".
std::string to_text(const Type& type);

}  // namespace itinera::expr
