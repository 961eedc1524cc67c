// SPDX-License-Identifier: Apache-2.0
#include "runtime/opening.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "runtime/shards.hpp"
#include "runtime/stock.hpp"

namespace itinera::runtime {
namespace {

// An owner who goes on may take away what is being read: so often it is tried once more.
constexpr int recoveries_max = 3;

bool always() { return true; }

Result<Recovered> recover_beside(const UseStore& use, const EngineOptions& options) {
  for (int tries = 1;; ++tries) {
    const Result<Stock> before = take_stock(use);
    if (!before) return before.error();
    Result<Recovered> recovered = recover(use, options, always);
    if (recovered || tries == recoveries_max) return recovered;
    const Result<Stock> now = take_stock(use);
    if (!now) return now.error();
    const bool is_as_it_was =
        now->engines == before->engines && now->extent.truncated == before->extent.truncated;
    if (is_as_it_was) return recovered;
  }
}

// Whether the groups that were read are those that the store has, whatever was erased meanwhile:
// nobody replaces a group while a snapshot stands that needs it.
bool still_stands(const Recovered& recovered, const Stock& stock) {
  if (recovered.from == 0) return stock.engines.empty();
  return std::ranges::any_of(stock.engines, [&recovered](const Snapshot& each) {
    return each.position == recovered.from;
  });
}

Result<void> claim(const UseStore& use) {
  return use([](Store& store) -> Result<void> {
    const Result<std::uint64_t> epoch = store.epoch();
    if (!epoch) return epoch.error();
    return store.claim(*epoch + 1);
  });
}

Result<void> check_shards(const Recovered& recovered, const RuntimeOptions& how) {
  const bool is_new = recovered.position == 0;
  if (is_new || how.shards == 0 || how.shards == recovered.shards.size()) return {};
  return Error{
      ErrorCode::invalid_argument,
      fmt::format("the store has {} shard{}, and cannot have {}: that is settled when it is "
                  "made",
                  recovered.shards.size(), recovered.shards.size() == 1 ? "" : "s", how.shards)};
}

}  // namespace

Result<Opened> open_store(std::unique_ptr<Store> store, const EngineOptions& options,
                          const RuntimeOptions& how) {
  if (how.shards > RuntimeOptions::shards_max) {
    return Error{ErrorCode::invalid_argument, fmt::format("{} shards: there are {} at most",
                                                          how.shards, RuntimeOptions::shards_max)};
  }
  auto committer = std::make_unique<Committer>(std::move(store));
  if (const std::optional<Error> failure = committer->failure()) return *failure;
  const UseStore use = [&committer](const auto& work) { return committer->use(work); };
  Result<Recovered> recovered = recover_beside(use, options);
  if (!recovered) return recovered.error();
  if (Result<void> fits = check_shards(*recovered, how); !fits) return fits.error();
  // What an earlier owner still wants to write is refused from here on, so what is read now is all.
  if (const Result<void> claimed = claim(use); !claimed) return claimed.error();
  const Result<Stock> stock = take_stock(use);
  if (!stock) return stock.error();
  if (!still_stands(*recovered, *stock) ||
      !catch_up(use, options, stock->extent.durable, always, *recovered)) {
    recovered = recover(use, options, always);
    if (!recovered) return recovered.error();
  }
  if (Result<void> fits = check_shards(*recovered, how); !fits) return fits.error();
  if (recovered->position == 0 && how.shards > 1) {
    Result<Shards> shards = Shards::create(options, how.shards);
    if (!shards) return shards.error();
    recovered->shards = std::move(*shards);
  }
  recovered->unerased = recovered->forgot || stock->erased < recovered->from;
  return Opened{std::move(committer), std::move(*recovered)};
}

}  // namespace itinera::runtime
