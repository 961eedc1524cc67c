// SPDX-License-Identifier: Apache-2.0
#include "support/transcript.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "calendar/text.hpp"
#include "itinera/yaml.hpp"
#include "lab/rehearsal.hpp"
#include "support/catch.hpp"

namespace itinera::test {
namespace {

const std::string folder = ITINERA_SOURCE_DIR "/tests/scenarios/";

// A word of a command: `text`, or `name=text`.
struct Word {
  std::string name;
  std::string text;
  bool quoted = false;
};

std::vector<Word> words_of(std::string_view line) {
  std::vector<Word> words;
  std::size_t at = 0;
  while (at < line.size()) {
    if (line[at] == ' ') {
      ++at;
      continue;
    }
    Word& word = words.emplace_back();
    for (bool inside = false; at < line.size() && (inside || line[at] != ' '); ++at) {
      if (line[at] == '"') {
        inside = !inside;
        word.quoted = true;
      } else if (line[at] == '=' && !inside && word.name.empty()) {
        word.name = std::exchange(word.text, {});
      } else {
        word.text += line[at];
      }
    }
  }
  return words;
}

Value value_of(const Word& word) {
  if (!word.quoted) {
    if (word.text == "true" || word.text == "false") return word.text == "true";
    if (word.text == "null") return {};
    const char* const end = word.text.data() + word.text.size();
    std::int64_t integer = 0;
    if (const auto read = std::from_chars(word.text.data(), end, integer);
        read.ec == std::errc() && read.ptr == end) {
      return integer;
    }
    double real = 0.0;
    if (const auto read = std::from_chars(word.text.data(), end, real);
        read.ec == std::errc() && read.ptr == end) {
      return real;
    }
  }
  return word.text;
}

Instant instant_of(const std::string& text) {
  const auto instant = calendar::parse_instant(text);
  INFO(text);
  REQUIRE(instant);
  return *instant;
}

// The words of a command that have names: those that mean something, and the properties.
struct Named {
  std::map<std::string, std::string> known;
  Properties properties;

  explicit Named(std::span<const Word> words) {
    for (const Word& word : words) {
      static const std::vector<std::string> reserved{"contact",  "anonymous", "id",
                                                     "occurred", "previous",  "key"};
      if (word.name.empty()) continue;
      const bool is_known =
          std::find(reserved.begin(), reserved.end(), word.name) != reserved.end();
      if (is_known) {
        known[word.name] = word.text;
      } else {
        properties.push_back({word.name, value_of(word)});
      }
    }
  }
  [[nodiscard]] std::string_view get(const std::string& name) const {
    const auto found = known.find(name);
    return found == known.end() ? std::string_view{} : std::string_view(found->second);
  }
};

class Stage {
 public:
  explicit Stage(const Manner& manner) : manner_(manner) {
    EngineOptions options;
    auto zones = load_zones();
    REQUIRE(zones);
    options.zones = *zones;
    auto begun = lab::Rehearsal::begin(std::move(options));
    REQUIRE(begun);
    rehearsal_.emplace(std::move(*begun));
  }

  // Everything said because of one command.
  std::string play(std::string_view line) {
    INFO(line);
    const std::vector<Word> words = words_of(line);
    REQUIRE(words.size() >= 1);
    const std::string& verb = words[0].text;
    said_.clear();
    if (verb == "load" && words.size() == 4) {
      load(words[1].text, instant_of(words[3].text));
    } else if (verb == "at" && words.size() >= 3) {
      feed(instant_of(words[1].text), words[2].text, std::span(words).subspan(3));
    } else if (verb == "advance" && words.size() == 2) {
      advance(instant_of(words[1].text));
    } else if (verb == "take") {
      rehearsal_->take();
    } else if (verb == "crash") {
      crash();
    } else {
      FAIL("no such command: " << line);
    }
    rehearsal_->keep_journal();
    if (manner_.always_crash) crash();
    tell();
    return said_;
  }

  // What lies in the outbox, or when something is due next.
  std::string end_of_block() {
    if (const auto waiting = rehearsal_->actions_waiting(); waiting > 0) {
      return fmt::format("outbox  {}\n", waiting);
    }
    rehearsal_->take();
    const auto next = rehearsal_->next_deadline();
    return fmt::format("next    {}\n", next ? to_text(*next) : "none");
  }
  [[nodiscard]] base::ByteView journal() const { return rehearsal_->journal(); }

 private:
  void say(std::string_view what, std::string_view text) {
    fmt::format_to(std::back_inserter(said_), "{:<7} {}\n", what, text);
  }

  void crash() {
    const auto done = rehearsal_->crash();
    if (!done) say("error", done.error().message);
    REQUIRE(done);
  }

  void load(const std::string& file, Instant at) {
    const std::vector<SourceFile> files{{file, read_text_file(folder + file)}};
    const LoadedWorkspace loaded = load_workspace(files);
    for (const Diagnostic& diagnostic : loaded.diagnostics) say("found", to_text(diagnostic));
    if (has_errors(loaded.diagnostics)) return;
    const auto published = rehearsal_->publish(loaded.workspace, loaded.campaigns, at);
    if (!published) say("refused", name_of(published.error().code));
  }

  void advance(Instant to) {
    if (manner_.step_ms > 0) {
      for (Instant t = rehearsal_->now() + manner_.step_ms; t < to; t = t + manner_.step_ms) {
        rehearsal_->advance_to(t);
      }
    }
    rehearsal_->advance_to(to);
  }

  void feed(Instant at, const std::string& verb, std::span<const Word> words) {
    if (manner_.step_ms > 0 && rehearsal_->now() > earliest_instant) advance_before(at);
    const Named named(words);
    Envelope envelope{.received = at, .occurred = {}, .message_id = named.get("id"), .source = {}};
    if (!named.get("occurred").empty()) {
      envelope.occurred = instant_of(std::string(named.get("occurred")));
    }
    const std::string first = words.empty() ? std::string() : words[0].text;
    std::optional<std::string_view> key;
    if (named.known.contains("key")) key = named.get("key");
    const std::string_view contact = named.get("contact");
    if (verb == "event") {
      submit(Event{first, contact, named.get("anonymous"), envelope, named.properties});
    } else if (verb == "identify") {
      submit(Identify{contact, named.get("anonymous"), envelope, named.properties});
    } else if (verb == "alias") {
      submit(Alias{named.get("previous"), contact, envelope});
    } else if (verb == "enter") {
      submit(Enter{first, contact, key, envelope, named.properties});
    } else if (verb == "stop") {
      submit(Stop{first, contact, key, envelope});
    } else if (verb == "report" && words.size() >= 2) {
      report(first, words[1].text, contact, envelope, named.properties);
    } else {
      FAIL("no such input: " << verb);
    }
  }

  // In small steps up to, and not including, the instant of an input.
  void advance_before(Instant at) {
    for (Instant t = rehearsal_->now() + manner_.step_ms; t < at; t = t + manner_.step_ms) {
      rehearsal_->advance_to(t);
    }
  }

  void submit(const Input& input) {
    const auto taken = rehearsal_->feed(input);
    if (!taken) say("refused", name_of(taken.error().code));
  }

  void report(const std::string& receipt, const std::string& step, std::string_view contact,
              const Envelope& envelope, const Properties& data) {
    const auto known = receipt_from(receipt);
    REQUIRE(known);
    const auto emissions = rehearsal_->emissions();
    const auto action =
        std::find_if(emissions.rbegin(), emissions.rend(), [&](const lab::Emission& emission) {
          return emission.step == step && (contact.empty() || emission.contact == contact);
        });
    REQUIRE(action != emissions.rend());
    Report report;
    report.action = action->id;
    report.receipt = *known;
    report.envelope = envelope;
    report.data = data;
    submit(report);
  }

  void tell() {
    CHECK_FALSE(rehearsal_->damage());
    for (; told_ < rehearsal_->told().size(); ++told_) {
      say("told", rehearsal_->told()[told_].text);
    }
    for (; emitted_ < rehearsal_->emissions().size(); ++emitted_) {
      const lab::Emission& action = rehearsal_->emissions()[emitted_];
      Value::Map data;
      for (const Property& datum : action.data) data.push_back({datum.name, datum.value});
      const std::string to = action.address.empty() ? "" : " to " + action.address;
      std::string text = fmt::format("{}  {}", to_text(action.at), name_of(action.kind));
      const auto part = [&text](std::string_view before, std::string_view value) {
        if (!value.empty()) fmt::format_to(std::back_inserter(text), "{}{}", before, value);
      };
      part(" ", action.channel);
      part(" to ", action.address);
      part(", step ", action.step);
      part(", contact ", action.contact);
      part(", key ", action.key);
      if (!data.empty()) part(", ", to_json(Value(std::move(data))));
      say("action", text);
    }
  }

  Manner manner_;
  std::optional<lab::Rehearsal> rehearsal_;
  std::size_t told_ = 0;
  std::size_t emitted_ = 0;
  std::string said_;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace

std::string read_text_file(const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  INFO(path);
  REQUIRE(file != nullptr);
  std::string text;
  char part[4096];
  for (std::size_t size; (size = std::fread(part, 1, sizeof part, file)) > 0;) {
    text.append(part, size);
  }
  std::fclose(file);
  return text;
}

std::vector<std::string> scenario_paths() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".txt") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Played play(const std::string& text, const Manner& manner) {
  Stage stage(manner);
  Played played;
  std::string said;
  bool in_answer = false;
  bool in_block = false;
  const auto finish_block = [&] {
    if (!in_block) return;
    played.transcript += "----\n" + said + stage.end_of_block();
    said.clear();
    in_block = false;
  };
  for (const std::string& line : lines_of(text)) {
    if (line.empty()) {
      finish_block();
      in_answer = false;
      played.transcript += '\n';
    } else if (line == "----") {
      in_answer = true;
    } else if (!in_answer) {
      played.transcript += line + '\n';
      if (line[0] == '#') continue;
      in_block = true;
      said += stage.play(line);
    }
  }
  finish_block();
  played.journal.assign(stage.journal().begin(), stage.journal().end());
  return played;
}

void check_scenario(const std::string& path) {
  const std::string text = read_text_file(path);
  const std::string transcript = play(text).transcript;
  if (std::getenv("ITINERA_REWRITE") != nullptr && transcript != text) {
    std::FILE* const file = std::fopen(path.c_str(), "wb");
    REQUIRE(file != nullptr);
    std::fwrite(transcript.data(), 1, transcript.size(), file);
    std::fclose(file);
    return;
  }
  INFO(path << "; ITINERA_REWRITE=1 rewrites it");
  CHECK(transcript == text);
}

}  // namespace itinera::test
