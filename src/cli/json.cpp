// SPDX-License-Identifier: Apache-2.0
#include "cli/json.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace itinera::cli {
namespace {

namespace ondemand = simdjson::ondemand;

std::string_view words_for(simdjson::error_code code) {
  switch (code) {
    case simdjson::UTF8_ERROR: return "the line is not UTF-8";
    case simdjson::UNCLOSED_STRING: return "a text is not closed";
    case simdjson::UNESCAPED_CHARS: return "a control character in a text must be escaped";
    case simdjson::STRING_ERROR: return "an escape in a text is wrong";
    case simdjson::NUMBER_ERROR: return "not a number that JSON knows, or out of range";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT: return "an object or a list is not closed";
    case simdjson::EMPTY: return "the line is empty";
    default: return "not JSON";
  }
}

// Walks a document once. After the first error nothing more is read.
class Walk {
 public:
  Walk(std::string_view text, ondemand::document& document) : text_(text), document_(document) {}

  std::optional<LineError> object(JsonObject& into);

 private:
  bool value(ondemand::value source, Value& into, int depth);
  bool list(ondemand::value source, Value& into, int depth);
  bool map(ondemand::value source, Value& into, int depth);
  bool number(ondemand::value source, Value& into);

  template <class T>
  bool got(simdjson::simdjson_result<T> result, T& into) {
    const simdjson::error_code code = std::move(result).get(into);
    return code == simdjson::SUCCESS || fail(code);
  }
  bool fail(simdjson::error_code code) { return fail(std::string(words_for(code))); }
  bool fail(std::string message) {
    if (!error_) error_ = LineError{column(), std::move(message), {}};
    return false;
  }
  // Where the reader stands.
  [[nodiscard]] std::size_t column() const {
    const char* at = nullptr;
    if (document_.current_location().get(at) != simdjson::SUCCESS) return 0;
    const auto offset = at - text_.data();
    if (offset < 0 || static_cast<std::size_t>(offset) > text_.size()) return 0;
    return static_cast<std::size_t>(offset) + 1;
  }

  std::string_view text_;
  ondemand::document& document_;
  std::optional<LineError> error_;
};

// A name that stands twice among `names`, or nothing.
std::string_view repeated(std::vector<std::string_view> names) {
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  return twice == names.end() ? std::string_view() : *twice;
}

std::string twice_text(std::string_view name) {
  return fmt::format("the name \"{}\" stands twice in one object", name);
}

// At the value that a name has for the second time.
std::optional<LineError> named_twice(const JsonObject& object) {
  std::vector<std::string_view> names;
  names.reserve(object.members.size());
  for (const JsonMember& member : object.members) names.emplace_back(member.name);
  const std::string_view name = repeated(std::move(names));
  if (name.data() == nullptr) return std::nullopt;
  std::size_t column = 0;
  for (const JsonMember& member : object.members) {
    if (member.name != name) continue;
    if (column > 0) return LineError{member.column, twice_text(name), {}};
    column = member.column;
  }
  return std::nullopt;
}

std::optional<LineError> Walk::object(JsonObject& into) {
  into.members.clear();
  ondemand::object source;
  if (document_.get_object().get(source) != simdjson::SUCCESS) {
    const bool opened =
        text_.substr(std::min(text_.find_first_not_of(" \t"), text_.size())).starts_with('{');
    // Such a text ends with something else than its brace.
    if (opened) {
      return LineError{text_.find_last_not_of(" \t") + 1,
                       "the object is not closed, or something stands behind it",
                       {}};
    }
    return LineError{1, "a message is a JSON object", "write {\"type\": \"track\", ...}"};
  }
  for (auto result : source) {
    ondemand::field field;
    std::string_view name;
    if (!got(std::move(result), field) || !got(field.unescaped_key(), name)) return error_;
    JsonMember& member = into.members.emplace_back();
    member.name = name;
    member.column = column();
    if (!value(field.value(), member.value, 1)) return error_;
  }
  if (auto twice = named_twice(into)) return twice;
  const char* rest = nullptr;
  if (document_.current_location().get(rest) == simdjson::SUCCESS) {
    fail("something stands behind the object: one message a line");
  }
  return error_;
}

bool Walk::value(ondemand::value source, Value& into, int depth) {
  ondemand::json_type type{};
  if (!got(source.type(), type)) return false;
  switch (type) {
    case ondemand::json_type::null: {
      bool null = false;
      if (!got(source.is_null(), null)) return false;
      return null || fail("not JSON");
    }
    case ondemand::json_type::boolean: {
      bool truth = false;
      if (!got(source.get_bool(), truth)) return false;
      into = truth;
      return true;
    }
    case ondemand::json_type::string: {
      std::string_view text;
      if (!got(source.get_string(), text)) return false;
      into = text;
      return true;
    }
    case ondemand::json_type::number: return number(source, into);
    case ondemand::json_type::array: return list(source, into, depth + 1);
    case ondemand::json_type::object: return map(source, into, depth + 1);
  }
  return fail("not JSON");
}

bool Walk::list(ondemand::value source, Value& into, int depth) {
  if (depth > JsonReader::depth_max) {
    return fail(fmt::format("nested deeper than {}", JsonReader::depth_max));
  }
  ondemand::array array;
  if (!got(source.get_array(), array)) return false;
  Value::List items;
  for (auto result : array) {
    ondemand::value item;
    if (!got(result, item)) return false;
    if (!value(item, items.emplace_back(), depth)) return false;
  }
  into = std::move(items);
  return true;
}

bool Walk::map(ondemand::value source, Value& into, int depth) {
  if (depth > JsonReader::depth_max) {
    return fail(fmt::format("nested deeper than {}", JsonReader::depth_max));
  }
  ondemand::object object;
  if (!got(source.get_object(), object)) return false;
  Value::Map entries;
  for (auto result : object) {
    ondemand::field field;
    std::string_view name;
    if (!got(std::move(result), field) || !got(field.unescaped_key(), name)) return false;
    MapEntry& entry = entries.emplace_back();
    entry.key = name;
    if (!value(field.value(), entry.value, depth)) return false;
  }
  std::vector<std::string_view> names;
  for (const MapEntry& entry : entries) names.emplace_back(*entry.key.get<std::string>());
  if (const std::string_view name = repeated(std::move(names)); name.data() != nullptr) {
    return fail(twice_text(name));
  }
  into = std::move(entries);
  return true;
}

bool Walk::number(ondemand::value source, Value& into) {
  std::string_view token = source.raw_json_token();
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  ondemand::number parsed;
  if (source.get_number().get(parsed) == simdjson::SUCCESS) {
    if (parsed.is_int64()) {
      into = parsed.get_int64();
    } else {
      into = parsed.is_uint64() ? static_cast<double>(parsed.get_uint64()) : parsed.get_double();
    }
    return true;
  }
  // An integer of more than 64 bits is a double like any other; simdjson refuses it, and whoever
  // iterates passes over what was not consumed.
  const std::string_view digits = token.starts_with('-') ? token.substr(1) : token;
  const bool integer = !digits.empty() && digits.front() != '0' &&
                       digits.find_first_not_of("0123456789") == std::string_view::npos;
  double real = 0.0;
  const auto [end, status] = std::from_chars(token.data(), token.data() + token.size(), real);
  if (!integer || status != std::errc() || end != token.data() + token.size()) {
    return fail(simdjson::NUMBER_ERROR);
  }
  into = real;
  return true;
}

}  // namespace

struct JsonReader::Parser {
  ondemand::parser parser;
};

JsonReader::JsonReader() : parser_(std::make_unique<Parser>()) {}
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;
JsonReader::~JsonReader() = default;

JsonMember* JsonObject::find(std::string_view name) {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const JsonMember& member) { return member.name == name; });
  return found == members.end() ? nullptr : &*found;
}

std::optional<LineError> JsonReader::read(std::string_view text, JsonObject& object) {
  ondemand::document document;
  const simdjson::error_code code =
      parser_->parser.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING)
          .get(document);
  if (code != simdjson::SUCCESS) return LineError{0, std::string(words_for(code)), {}};
  return Walk(text, document).object(object);
}

}  // namespace itinera::cli
