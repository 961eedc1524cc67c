// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yaml/tables.hpp"
#include "yaml/values.hpp"

namespace itinera::yaml {

// One mapping of a file, read by its table. Opening it reports every key that the table does not
// know, does not have yet, misses or that holds something of another shape; what remains can be
// asked for by name. A getter must be the one that the table says (an invariant, not an error of
// the file); it returns nothing, or an empty value, where the key is absent or was reported.
//
// Borrows the node, the table and the report.
class Fields {
 public:
  enum class Strangers : std::uint8_t { refused, allowed };  // keys that the table does not know

  Fields(const Node& node, const Table& table, Report& report,
         Strangers strangers = Strangers::refused);

  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  // The value of a `list`, `mapping` or `any`; nullptr if it is absent.
  [[nodiscard]] const Node* node(std::string_view key) const;
  [[nodiscard]] Mark at() const { return node_.at; }
  [[nodiscard]] Mark key_at(std::string_view key) const;  // of the mapping if the key is absent
  [[nodiscard]] SourceLocation place() const { return report_.place(node_.at); }

  std::string text(std::string_view key) const;  // of a `text` or `text_or_empty`
  // The same where people expect CEL behind `=`, and there is none: that is a warning.
  std::string literal_text(std::string_view key) const;
  Expression condition(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<std::uint32_t> count(std::string_view key, std::uint32_t min,
                                     std::uint32_t max) const;
  // Each of min..max.
  std::vector<std::uint32_t> counts(std::string_view key, std::uint32_t min,
                                    std::uint32_t max) const;
  std::optional<double> number(std::string_view key) const;  // finite
  std::optional<std::int64_t> elapsed(std::string_view key) const;
  // In parts of ten thousand.
  std::optional<std::uint32_t> percent(std::string_view key) const;
  std::optional<Period> period(std::string_view key, bool negative) const;
  std::optional<std::int32_t> time_of_day(std::string_view key) const;
  std::optional<std::int32_t> end_of_window(std::string_view key) const;  // "24:00" too
  std::optional<Weekdays> weekdays(std::string_view key) const;
  std::optional<Window> window(std::string_view key) const;
  std::optional<Instant> instant(std::string_view key) const;
  std::optional<std::size_t> choice(std::string_view key) const;  // its index in Field::choices
  std::vector<Datum> data(std::string_view key) const;
  Properties literals(std::string_view key) const;
  std::vector<std::string> names(std::string_view key) const;  // of `names` or `some_names`

  // The first of `keys` that is there; others of them are reported: one is all that may stand.
  // Empty if none is there.
  std::string_view only_one_of(std::span<const std::string_view> keys) const;

  // Of a mapping that takes a trigger and has none that the table knows: what may be a receipt that
  // a channel declares. nullptr if there is none.
  [[nodiscard]] const Member* declared_receipt() const { return declared_receipt_; }

  // Where its values stand.
  [[nodiscard]] WordPlaces words() const;

  // Whether one of its keys was reported on opening: what is missing may be what was meant by it.
  [[nodiscard]] bool faulty() const { return faulty_; }
  // Whether what was refused held lists or mappings: steps may be missing with it.
  [[nodiscard]] bool lost_content() const { return lost_content_; }

 private:
  struct Found {
    const Field* field = nullptr;
    const Member* member = nullptr;
  };
  [[nodiscard]] const Found* find(std::string_view key) const;
  [[nodiscard]] const Node* value(std::string_view key, Expects expects) const;
  void take(const Member& member, const Field& field);
  void lose(const Member& member);
  [[nodiscard]] bool may_be_receipt(const Member& member) const;
  [[nodiscard]] std::string hint_for_unknown(std::string_view key);
  void report_unknown(const Member& member);
  void report_missing(const Field& field) const;
  [[nodiscard]] bool condition_was_cut() const;

  const Node& node_;
  const Table& table_;
  Report& report_;
  std::vector<Found> found_;
  const Member* declared_receipt_ = nullptr;
  bool faulty_ = false;
  bool lost_content_ = false;
};

// The one of `tables` whose `kind` is a key of `node`: of several the first written. nullptr if
// there is none, or one that is not built yet, which is reported; `noun` ("step") is for messages.
const Table* kind_of(const Node& node, std::span<const Table> tables, std::string_view noun,
                     Report& report);

// Reports a key of `node` that is almost one of `tables`' kinds, where there is one; true: there
// is. Keys of `others`, if given, are what they are.
bool report_misspelt_kind(const Node& node, std::span<const Table> tables, std::string_view noun,
                          const Table* others, Report& report);

// Reports that `node` has no key of `tables`' kinds.
void report_kindless(const Node& node, std::span<const Table> tables, std::string_view noun,
                     Report& report);

}  // namespace itinera::yaml
