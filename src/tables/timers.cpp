// SPDX-License-Identifier: Apache-2.0
#include "tables/timers.hpp"

#include <algorithm>
#include <bit>

namespace itinera::engine {
namespace {

constexpr std::size_t ahead = 12;  // journeys fetched before they fire

// The first set bit at or after `from`, or the number of bits.
template <std::size_t Words>
std::uint32_t next_bit(const std::array<std::uint64_t, Words>& bits, std::uint32_t from) {
  for (std::uint32_t word = from / 64; word < Words; ++word) {
    std::uint64_t rest = bits[word];
    if (word == from / 64) rest &= ~std::uint64_t{0} << (from % 64);
    if (rest != 0) return word * 64 + static_cast<std::uint32_t>(std::countr_zero(rest));
  }
  return Words * 64;
}

template <std::size_t Words>
void set_bit(std::array<std::uint64_t, Words>& bits, std::uint32_t at) {
  bits[at / 64] |= std::uint64_t{1} << (at % 64);
}
template <std::size_t Words>
void clear_bit(std::array<std::uint64_t, Words>& bits, std::uint32_t at) {
  bits[at / 64] &= ~(std::uint64_t{1} << (at % 64));
}

}  // namespace

void Timers::append(Bucket& bucket, Entry entry) {
  if (bucket.heap != no_heap) {
    std::vector<Entry>& heap = heaps_[bucket.heap];
    heap.push_back(entry);
    std::push_heap(heap.begin(), heap.end(), is_later);
    return;
  }
  if (bucket.last == no_chunk || chunks_[bucket.last].count == Chunk::capacity) {
    const std::uint32_t chunk = chunks_.add();
    chunks_[chunk].next = no_chunk;
    chunks_[chunk].count = 0;
    if (bucket.last == no_chunk) {
      bucket.first = chunk;
    } else {
      chunks_[bucket.last].next = chunk;
    }
    bucket.last = chunk;
  }
  Chunk& chunk = chunks_[bucket.last];
  chunk.entries[chunk.count++] = entry;
}

template <class Visit>
void Timers::visit(const Bucket& bucket, Visit visit) const {
  if (bucket.heap != no_heap) {
    for (const Entry& entry : heaps_[bucket.heap]) visit(entry);
  }
  for (std::uint32_t at = bucket.first; at != no_chunk; at = chunks_[at].next) {
    const Chunk& chunk = chunks_[at];
    for (std::uint32_t i = 0; i < chunk.count; ++i) visit(chunk.entries[i]);
  }
}

void Timers::arm(std::uint32_t journey, Instant due, Instant now) {
  if (waiting_ == 0) {  // nothing else waits: begin here, however far time has moved on
    epoch_ = epoch_of(now);
    bucket_ = bucket_of(low_of(now));
    current_.clear();
    taken_ = 0;
  }
  ++waiting_;
  idle_until_ = std::min(idle_until_, due);
  place(journey, due);
}

void Timers::place(std::uint32_t journey, Instant due) {
  const std::int64_t epoch = epoch_of(due);
  const Entry entry{journey, low_of(due)};
  if (epoch == epoch_ && bucket_of(entry.low) > bucket_) {
    append(fine_[bucket_of(entry.low)], entry);
    set_bit(fine_used_, bucket_of(entry.low));
  } else if (epoch == epoch_) {
    near_.push_back(entry);
    std::push_heap(near_.begin(), near_.end(), is_later);
  } else if (epoch - epoch_ < epochs) {
    const std::uint32_t at = slot_of(epoch);
    append(coarse_[at], entry);
    set_bit(coarse_used_, at);
  } else {
    far_.push_back({due, journey});
  }
}

void Timers::drain_into_current(Bucket& bucket) {
  current_.clear();
  taken_ = 0;
  visit(bucket, [&](const Entry& entry) { current_.push_back(entry); });
  give_back(bucket);
  const auto before = [](const Entry& a, const Entry& b) { return a.low < b.low; };
  if (!std::is_sorted(current_.begin(), current_.end(), before)) {
    std::sort(current_.begin(), current_.end(), before);
  }
}

bool Timers::enter_next_bucket(Instant limit) {
  const std::uint32_t next = next_bit(fine_used_, bucket_ + 1);
  if (next == buckets) return enter_next_epoch(limit);
  if (instant_of(epoch_, next << bucket_bits) > limit) return false;
  bucket_ = next;
  clear_bit(fine_used_, next);
  drain_into_current(fine_[next]);
  return true;
}

bool Timers::enter_next_epoch(Instant limit) {
  // The nearest epoch that holds anything: in the second ring, or far out.
  std::int64_t next = INT64_MAX;
  const std::uint32_t here = slot_of(epoch_);
  for (const std::uint32_t from : {here + 1, std::uint32_t{0}}) {
    const std::uint32_t at = next_bit(coarse_used_, from);
    if (at == epochs) continue;
    next = epoch_ + (at - here + epochs) % epochs;
    break;
  }
  for (const Far& far : far_) next = std::min(next, epoch_of(far.due));
  if (next == INT64_MAX || instant_of(next, 0) > limit) return false;
  enter_epoch(next);
  return true;
}

void Timers::enter_epoch(std::int64_t epoch) {
  epoch_ = epoch;
  bucket_ = 0;
  current_.clear();
  taken_ = 0;
  const std::uint32_t at = slot_of(epoch);
  drain_into_current(coarse_[at]);
  clear_bit(coarse_used_, at);
  const std::vector<Entry> entries(std::move(current_));
  current_.clear();
  for (const Entry& entry : entries) place(entry.journey, instant_of(epoch, entry.low));
  const auto reachable = [&](const Far& far) { return epoch_of(far.due) - epoch_ < epochs; };
  const auto rest = std::stable_partition(far_.begin(), far_.end(),
                                          [&](const Far& far) { return !reachable(far); });
  const std::vector<Far> nearer(rest, far_.end());
  far_.erase(rest, far_.end());
  for (const Far& far : nearer) place(far.journey, far.due);
}

void Timers::drop_dead_fronts(const Live& live) {
  while (taken_ < current_.size()) {
    if (taken_ + ahead < current_.size()) live.prefetch(current_[taken_ + ahead].journey);
    if (taken_ + ahead / 2 < current_.size()) {
      live.prefetch_deeply(current_[taken_ + ahead / 2].journey);
    }
    if (live.live(current_[taken_].journey, instant_of(epoch_, current_[taken_].low))) break;
    ++taken_;
    --waiting_;
  }
  while (!near_.empty() &&
         !live.live(near_.front().journey, instant_of(epoch_, near_.front().low))) {
    std::pop_heap(near_.begin(), near_.end(), is_later);
    near_.pop_back();
    --waiting_;
  }
}

std::optional<Instant> Timers::front() const {
  std::optional<Instant> first;
  if (taken_ < current_.size()) first = instant_of(epoch_, current_[taken_].low);
  if (!near_.empty()) {
    const Instant near = instant_of(epoch_, near_.front().low);
    if (!first || near < *first) first = near;
  }
  return first;
}

std::optional<Instant> Timers::next_until(Instant limit, const Live& live) {
  while (waiting_ != 0) {
    drop_dead_fronts(live);
    if (const std::optional<Instant> first = front()) {
      idle_until_ = *first;
      return *first <= limit ? first : std::nullopt;
    }
    if (!enter_next_bucket(limit)) {
      idle_until_ = next_bucket_begin();
      return std::nullopt;
    }
  }
  idle_until_ = {INT64_MAX};
  return std::nullopt;
}

// Where the next bucket with entries begins, or the next epoch. The current bucket is empty.
Instant Timers::next_bucket_begin() const {
  const std::uint32_t next = next_bit(fine_used_, bucket_ + 1);
  return next == buckets ? instant_of(epoch_ + 1, 0) : instant_of(epoch_, next << bucket_bits);
}

void Timers::take(Instant t, std::vector<std::uint32_t>& journeys) {
  const std::uint32_t low = low_of(t);
  journeys.clear();
  for (; taken_ < current_.size() && current_[taken_].low == low; ++taken_) {
    journeys.push_back(current_[taken_].journey);
  }
  while (!near_.empty() && near_.front().low == low) {
    journeys.push_back(near_.front().journey);
    std::pop_heap(near_.begin(), near_.end(), is_later);
    near_.pop_back();
  }
  waiting_ -= journeys.size();
}

void Timers::make_heap(Bucket& bucket) {
  if (bucket.heap != no_heap) return;
  std::uint32_t place = static_cast<std::uint32_t>(heaps_.size());
  if (free_heaps_.empty()) {
    heaps_.emplace_back();
  } else {
    place = free_heaps_.back();
    free_heaps_.pop_back();
  }
  std::vector<Entry>& heap = heaps_[place];
  visit(bucket, [&](const Entry& entry) { heap.push_back(entry); });
  std::make_heap(heap.begin(), heap.end(), is_later);
  give_back(bucket);
  bucket.heap = place;
}

// The bucket's memory; it is empty then.
void Timers::give_back(Bucket& bucket) {
  for (std::uint32_t at = bucket.first; at != no_chunk;) {
    const std::uint32_t next = chunks_[at].next;
    chunks_.release(at);
    at = next;
  }
  if (bucket.heap != no_heap) {
    heaps_[bucket.heap] = {};
    free_heaps_.push_back(bucket.heap);
  }
  bucket = {};
}

std::optional<Instant> Timers::earliest_in(Bucket& bucket, std::int64_t epoch, const Live& live) {
  make_heap(bucket);
  std::vector<Entry>& heap = heaps_[bucket.heap];
  while (!heap.empty()) {
    const Instant due = instant_of(epoch, heap.front().low);
    if (live.live(heap.front().journey, due)) return due;
    std::pop_heap(heap.begin(), heap.end(), is_later);
    heap.pop_back();
    --waiting_;
  }
  give_back(bucket);
  return std::nullopt;
}

std::optional<Instant> Timers::earliest(const Live& live) {
  drop_dead_fronts(live);
  if (const std::optional<Instant> first = front()) return first;
  for (std::uint32_t at = next_bit(fine_used_, bucket_ + 1); at != buckets;
       at = next_bit(fine_used_, at + 1)) {
    if (const auto due = earliest_in(fine_[at], epoch_, live)) return due;
    clear_bit(fine_used_, at);
  }
  for (std::int64_t epoch = epoch_ + 1; epoch < epoch_ + epochs; ++epoch) {
    const std::uint32_t at = slot_of(epoch);
    if ((coarse_used_[at / 64] >> (at % 64) & 1) == 0) continue;
    if (const auto due = earliest_in(coarse_[at], epoch, live)) return due;
    clear_bit(coarse_used_, at);
  }
  std::optional<Instant> first;
  for (const Far& far : far_) {
    if ((!first || far.due < *first) && live.live(far.journey, far.due)) first = far.due;
  }
  return first;
}

void Timers::drop_dead_of(Bucket& bucket, std::int64_t epoch, const Live& live) {
  std::vector<Entry> kept;
  visit(bucket, [&](const Entry& entry) {
    if (live.live(entry.journey, instant_of(epoch, entry.low))) kept.push_back(entry);
  });
  give_back(bucket);
  for (const Entry& entry : kept) append(bucket, entry);
  waiting_ += kept.size();
}

void Timers::drop_dead(const Live& live) {
  const auto dead = [&](const Entry& entry) {
    return !live.live(entry.journey, instant_of(epoch_, entry.low));
  };
  current_.erase(current_.begin(), current_.begin() + static_cast<std::ptrdiff_t>(taken_));
  taken_ = 0;
  std::erase_if(current_, dead);
  std::erase_if(near_, dead);
  std::make_heap(near_.begin(), near_.end(), is_later);
  std::erase_if(far_, [&](const Far& far) { return !live.live(far.journey, far.due); });
  waiting_ = current_.size() + near_.size() + far_.size();
  for (std::uint32_t at = next_bit(fine_used_, 0); at != buckets;
       at = next_bit(fine_used_, at + 1)) {
    drop_dead_of(fine_[at], epoch_, live);
    if (fine_[at].first == no_chunk) clear_bit(fine_used_, at);
  }
  for (std::int64_t epoch = epoch_ + 1; epoch < epoch_ + epochs; ++epoch) {
    const std::uint32_t at = slot_of(epoch);
    drop_dead_of(coarse_[at], epoch, live);
    if (coarse_[at].first == no_chunk) clear_bit(coarse_used_, at);
  }
}

}  // namespace itinera::engine
