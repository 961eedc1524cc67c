// SPDX-License-Identifier: Apache-2.0
#include "runtime/stock.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace itinera::runtime {
namespace {

void add(Snapshot&& each, Stock& stock) {
  stock.oldest = std::min(stock.oldest, each.position);
  if (each.name == engine_snapshot || each.name == spare_snapshot) {
    stock.engines.push_back(std::move(each));
  } else if (each.name.starts_with(fold_prefix)) {
    stock.folds.push_back(std::move(each));
  } else if (each.name == erased_mark) {
    stock.erased = std::max(stock.erased, each.position);
  } else if (each.name == erasing_mark && each.chunks == 1) {
    stock.erasing = std::move(each);
  } else if (each.name.starts_with(cursor_prefix)) {
    Position& reader = stock.readers[each.name.substr(cursor_prefix.size())];
    reader = std::max(reader, each.position);
  }
}

}  // namespace

Result<Stock> take_stock(const UseStore& use) {
  Stock stock;
  const Result<void> looked = use([&stock](Store& store) -> Result<void> {
    const Result<Extent> extent = store.extent();
    if (!extent) return extent.error();
    Result<std::vector<Snapshot>> all = store.snapshots();
    if (!all) return all.error();
    stock.extent = *extent;
    stock.oldest = extent->durable;
    for (Snapshot& each : *all) add(std::move(each), stock);
    return {};
  });
  if (!looked) return looked.error();
  std::ranges::stable_sort(stock.engines, std::ranges::greater(), &Snapshot::position);
  return stock;
}

}  // namespace itinera::runtime
