// SPDX-License-Identifier: Apache-2.0
// The two archives that the codec of the model walks: one appends the fields it is given, the other
// fills them in. Both have the same functions, so that each type lists its fields once.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/packed_value.hpp"
#include "model/walk.hpp"

namespace itinera::model {

template <class T, class U>
concept Of = std::same_as<std::remove_const_t<T>, U>;

class Encoder {
 public:
  explicit Encoder(base::Bytes& out) : out_(out), writer_(out) {}

  [[nodiscard]] bool ok() const { return true; }
  [[nodiscard]] bool has(std::uint16_t) const { return true; }  // the newest version is written
  void fail() {}
  bool enter() { return true; }
  void leave() {}

  void field(bool value) { writer_.number(static_cast<std::uint8_t>(value ? 1 : 0)); }
  template <base::Number T>
  void field(T value) {
    writer_.number(value);
  }
  void field(const std::string& value) { writer_.text(value); }
  void field(const Value& value) { base::pack(value, out_); }

  template <class T>
  void choice(T value, T) {
    writer_.number(value);
  }

  template <class T, class Each>
  void list(const std::vector<T>& items, Each each) {
    writer_.number(static_cast<std::uint32_t>(items.size()));
    for (const T& item : items) each(item);
  }

  template <class T, class Each>
  void optional(const std::optional<T>& value, Each each) {
    field(value.has_value());
    if (value) each(*value);
  }

  template <class V, class Each>
  void alternative(const V& variant, Each each) {
    writer_.number(static_cast<std::uint8_t>(variant.index()));
    std::visit(each, variant);
  }

 private:
  base::Bytes& out_;
  base::Writer writer_;
};

// Stops at the first thing that is wrong: from then on ok() is false and every list ends.
class Decoder {
 public:
  explicit Decoder(base::ByteView in) : in_(in) {}

  [[nodiscard]] bool ok() const { return in_.ok(); }
  // Whether what is read has the fields that a version of the model brought.
  [[nodiscard]] bool has(std::uint16_t version) const { return version_ >= version; }
  void read_version() { version_ = in_.number<std::uint16_t>(); }
  [[nodiscard]] std::uint16_t version() const { return version_; }
  [[nodiscard]] bool at_end() const { return in_.at_end(); }
  void fail() { in_.fail(); }

  // One list of steps deeper; false where that is too deep.
  bool enter() {
    if (++depth_ > nesting_max) fail();
    return ok();
  }
  void leave() { --depth_; }

  void field(bool& value) {
    const auto byte = in_.number<std::uint8_t>();
    if (byte > 1) fail();
    value = byte == 1;
  }
  template <base::Number T>
  void field(T& value) {
    value = in_.number<T>();
  }
  void field(std::string& value) { value = in_.text(); }
  void field(Value& value) { value = base::unpack(in_); }

  // An enumerator, of which `last` is the last.
  template <class T>
  void choice(T& value, T last) {
    value = in_.number<T>();
    if (value > last) {
      fail();
      value = T{};
    }
  }

  // The stated count is not believed: the list grows as its members are found.
  template <class T, class Each>
  void list(std::vector<T>& items, Each each) {
    const auto count = in_.number<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && ok(); ++i) each(items.emplace_back());
  }

  template <class T, class Each>
  void optional(std::optional<T>& value, Each each) {
    bool present = false;
    field(present);
    if (present) each(value.emplace());
  }

  template <class V, class Each>
  void alternative(V& variant, Each each) {
    const auto index = in_.number<std::uint8_t>();
    if (index >= std::variant_size_v<V>) return fail();
    emplace(variant, index, std::make_index_sequence<std::variant_size_v<V>>{});
    std::visit(each, variant);
  }

 private:
  template <class V, std::size_t... I>
  static void emplace(V& variant, std::size_t index, std::index_sequence<I...>) {
    ((index == I ? static_cast<void>(variant.template emplace<I>()) : void()), ...);
  }

  base::Reader in_;
  std::uint16_t version_ = 0;
  std::uint32_t depth_ = 0;
};

}  // namespace itinera::model
