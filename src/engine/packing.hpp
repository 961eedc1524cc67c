// SPDX-License-Identifier: Apache-2.0
// How much an expression gives, before it is copied or written. A list is referred to however often
// it stands in others, so that a short expression names more bytes than there is memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "expr/cell.hpp"

namespace itinera::engine {

class PackedSize {
 public:
  explicit PackedSize(std::size_t bytes_max) : left_(bytes_max) {}

  // Whether the value has room once packed, and nests no deeper. Takes as many steps as there may
  // be bytes, whatever the value: each member takes one at least.
  bool has_room_for(const expr::Cell& value, std::uint32_t depth) {
    if (depth == 0) return false;
    const auto fits = [&](const expr::Cell& each) { return has_room_for(each, depth - 1); };
    switch (value.kind) {
      case expr::Cell::Kind::list: {
        const auto list = value.as_list();
        return takes(9) && std::all_of(list.begin(), list.end(), fits);
      }
      case expr::Cell::Kind::map: {
        const auto map = value.as_map();
        return takes(9) && std::all_of(map.begin(), map.end(), [&](const expr::CellEntry& entry) {
                 return fits(entry.key) && fits(entry.value);
               });
      }
      case expr::Cell::Kind::text:
      case expr::Cell::Kind::type: return takes(5 + std::size_t{value.size});
      case expr::Cell::Kind::bytes: return takes(5 + (std::size_t{value.size} + 2) / 3 * 4);
      case expr::Cell::Kind::timestamp:
      case expr::Cell::Kind::duration: return takes(13);
      case expr::Cell::Kind::integer:
      case expr::Cell::Kind::uinteger:
      case expr::Cell::Kind::real: return takes(9);
      case expr::Cell::Kind::boolean: return takes(2);
      case expr::Cell::Kind::null:
      case expr::Cell::Kind::error: break;
    }
    return takes(1);
  }

 private:
  bool takes(std::size_t bytes) {
    const bool fits = bytes <= left_;
    left_ = fits ? left_ - bytes : 0;
    return fits;
  }

  std::size_t left_;
};

// Of a date: nothing that has members is one, and those may be many.
inline bool may_be_date(const expr::Cell& value) {
  return !value.is_error() && value.kind != expr::Cell::Kind::list &&
         value.kind != expr::Cell::Kind::map;
}

}  // namespace itinera::engine
