// SPDX-License-Identifier: Apache-2.0
#include "lab/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lab/expectation.hpp"
#include "lab/rehearsal.hpp"
#include "model/walk.hpp"

namespace itinera::lab {
namespace {

constexpr std::size_t decisions_max = 40;  // shown of a failure, the newest

using Failed = std::optional<TestFailure>;

TestFailure failure(const SourceLocation& at, std::string message) {
  return {at, std::move(message), {}};
}

// Gives the split's whole weight to one variant. Whether it has that variant.
bool pin(Split& split, std::string_view variant) {
  const auto is_it = [&](const Variant& each) { return each.name == variant; };
  if (std::none_of(split.variants.begin(), split.variants.end(), is_it)) return false;
  for (Variant& each : split.variants) each.weight = is_it(each) ? 1 : 0;
  split.coverage = Split().coverage;
  split.space.reset();
  return true;
}

// Gives all the weight of a split of the tested campaign, in all its versions, to one variant; what
// a contact has already is kept (S24).
Failed pin(const yaml::TestCase& test, std::vector<Campaign>& campaigns) {
  for (const auto& [split_id, variant_name] : test.variants) {
    bool pinned = false;
    bool found = false;
    for (Campaign& campaign : campaigns) {
      if (campaign.name != test.campaign) continue;
      model::for_each_step(campaign.steps, [&](Step& step) {
        auto* const split = std::get_if<Split>(&step.kind);
        if (split == nullptr || step.id != split_id) return;
        found = true;
        pinned = pin(*split, variant_name) || pinned;
      });
    }
    if (pinned) continue;
    return failure(test.at,
                   found ? fmt::format("split '{}' has no variant '{}'", split_id, variant_name)
                         : fmt::format("its campaign has no split '{}'", split_id));
  }
  return std::nullopt;
}

std::vector<Consent> consents_of(const std::vector<yaml::TestConsent>& written) {
  std::vector<Consent> consents;
  for (const yaml::TestConsent& each : written) {
    consents.push_back({each.channel, each.topic, each.granted, {}});
  }
  return consents;
}

class Timeline {
 public:
  Timeline(const yaml::TestCase& test, const Workspace& workspace, std::vector<Campaign> campaigns,
           Rehearsal rehearsal)
      : test_(test),
        workspace_(workspace),
        campaigns_(std::move(campaigns)),
        rehearsal_(std::move(rehearsal)) {}

  Failed play() {
    if (test_.timeline.empty()) return std::nullopt;
    if (Failed failed = begin(test_.timeline.front().at)) return failed;
    for (const yaml::TestLine& line : test_.timeline) {
      if (Failed failed = play(line)) return explained(std::move(*failed));
    }
    const yaml::TestLine& last = test_.timeline.back();
    rehearsal_.advance_to(last.at);
    Failed failed =
        compare({}, {rehearsal_.emissions().subspan(compared_emissions_), {}}, last.location);
    if (failed) {
      failed->message = "at the end of the test " + failed->message;
      return explained(std::move(*failed));
    }
    if (const auto& damage = rehearsal_.damage()) return failure(test_.at, damage->message);
    return std::nullopt;
  }

 private:
  // The workspace, then the contacts, at the instant of the first line.
  Failed begin(Instant at) {
    for (const Campaign& campaign : campaigns_) {
      published_.try_emplace(campaign.name, &campaign);  // the lowest version comes first
    }
    if (const auto done = publish(published_, at); !done) {
      return failure(test_.at, done.error().message);
    }
    for (const yaml::TestContact& contact : test_.contacts) {
      Identify identify;
      identify.contact = contact.id;
      identify.envelope.received = at;
      identify.attributes = contact.attributes;
      const std::vector<Consent> consents = consents_of(contact.consents);
      identify.consents = consents;
      identify.history = contact.history_unknown ? HistoryKnown::unknown : HistoryKnown::complete;
      if (const auto done = rehearsal_.feed(identify); !done) {
        return failure(contact.at, done.error().message);
      }
    }
    rehearsal_.keep_journal();
    compared_told_ = rehearsal_.told().size();
    return std::nullopt;
  }

  using Published = std::map<std::string_view, const Campaign*>;  // by name

  Result<void> publish(const Published& campaigns, Instant at,
                       std::span<const Migration> migrations = {}) {
    std::vector<Campaign> set;
    for (const auto& [name, campaign] : campaigns) set.push_back(*campaign);
    return rehearsal_.publish(workspace_, set, at, migrations);
  }

  // The campaign, as a publication lets in who is in its segments already.
  const Campaign& with(const Campaign& campaign, Entry::Existing existing) {
    Campaign& altered = altered_.emplace_back(campaign);
    for (Entry& entry : altered.entries) {
      if (entry.kind == Entry::Kind::segment) entry.existing = existing;
    }
    return altered;
  }

  Failed play(const yaml::TestLine& line) {
    const Result<void> done =
        std::visit([&](const auto& input) { return submit(line, input); }, line.input);
    rehearsal_.keep_journal();
    const bool fed = !std::holds_alternative<std::monostate>(line.input) && done;
    if (fed && rehearsal_.now() > line.at) moved_ = {&line, rehearsal_.now()};
    if (line.error) {
      if (done) {
        return failure(
            line.location,
            fmt::format("expected the error {}, but the input{} was taken", name_of(*line.error),
                        fed_.empty() ? "" : fmt::format(" of '{}'", fed_)));
      }
      if (done.error().code != *line.error) {
        return failure(line.location,
                       fmt::format("expected the error {}, but it was {}: {}", name_of(*line.error),
                                   name_of(done.error().code), done.error().message));
      }
    } else if (!done) {
      return failure(line.location, fmt::format("the input was refused: {} [{}]",
                                                done.error().message, name_of(done.error().code)));
    }
    if (!line.expect) return std::nullopt;
    rehearsal_.advance_to(line.at);
    const Window window{rehearsal_.emissions().subspan(compared_emissions_),
                        rehearsal_.told().subspan(compared_told_)};
    Failed failed = compare(*line.expect, window, line.location);
    compared_emissions_ = rehearsal_.emissions().size();
    compared_told_ = rehearsal_.told().size();
    return failed;
  }

  // Adds what was decided so far.
  [[nodiscard]] TestFailure explained(TestFailure failed) const {
    std::vector<const Told*> decisions;
    for (const Told& told : rehearsal_.told()) {
      if (is_told(told)) decisions.push_back(&told);
    }
    if (moved_) {
      fmt::format_to(std::back_inserter(failed.details),
                     "the input of line {} was taken at {}, because the line before it had closed "
                     "its instant\n",
                     moved_->line->location.line, to_text(moved_->to));
    }
    const std::size_t hidden = decisions.size() - std::min(decisions.size(), decisions_max);
    failed.details += decisions.empty() ? "no decision up to there\n" : "decisions up to there:\n";
    if (hidden > 0) {
      fmt::format_to(std::back_inserter(failed.details), "  ({} earlier)\n", hidden);
    }
    for (std::size_t i = hidden; i < decisions.size(); ++i) {
      fmt::format_to(std::back_inserter(failed.details), "  {}\n", decisions[i]->text);
    }
    return failed;
  }

  static Envelope envelope_of(const yaml::TestLine& line) {
    Envelope envelope;
    envelope.received = line.at;
    return envelope;
  }
  template <class Message>
  static Envelope envelope_of(const yaml::TestLine& line, const Message& message) {
    return {line.at, message.occurred, message.message_id, message.source};
  }

  // Feeds what `make` makes of the id of the line's contact, or of each contact of the test: of
  // each of them the error is the one that the line expects, or the first that differs is told.
  template <class Make>
  Result<void> feed_each(const yaml::TestLine& line, Make make) {
    if (!line.contact.empty()) return rehearsal_.feed(make(std::string_view(line.contact)));
    if (test_.contacts.empty()) {
      return Error{ErrorCode::unknown_contact, "the test has no contact: give it a `contact`"};
    }
    Result<void> last;
    for (const yaml::TestContact& contact : test_.contacts) {
      last = rehearsal_.feed(make(std::string_view(contact.id)));
      const bool as_expected =
          line.error ? !last && last.error().code == *line.error : last.has_value();
      if (as_expected) continue;
      if (test_.contacts.size() > 1) fed_ = contact.id;
      break;
    }
    return last;
  }

  Result<void> submit(const yaml::TestLine&, std::monostate) { return {}; }

  Result<void> submit(const yaml::TestLine& line, const yaml::TestEvent& event) {
    const auto make = [&](std::string_view contact) -> Input {
      return Event{event.name, contact, event.anonymous, envelope_of(line, event),
                   event.properties};
    };
    if (!event.anonymous.empty()) return rehearsal_.feed(make(line.contact));
    return feed_each(line, make);
  }

  Result<void> submit(const yaml::TestLine& line, const yaml::TestIdentify& identify) {
    const std::vector<Consent> consents = consents_of(identify.consents);
    std::vector<Handle> verified;
    for (const Property& each : identify.verified) {
      verified.push_back({each.name, *each.value.get<std::string>()});
    }
    return feed_each(line, [&](std::string_view contact) -> Input {
      return Identify{contact,
                      identify.anonymous,
                      envelope_of(line, identify),
                      identify.attributes,
                      HistoryKnown::unchanged,
                      consents,
                      verified};
    });
  }

  Result<void> submit(const yaml::TestLine& line, const yaml::TestAlias& alias) {
    return feed_each(line, [&](std::string_view contact) -> Input {
      return Alias{alias.previous, contact, envelope_of(line)};
    });
  }

  Result<void> submit(const yaml::TestLine& line, const yaml::TestMerge& merge) {
    return rehearsal_.feed(Merge{merge.from, merge.into, envelope_of(line)});
  }

  Result<void> submit(const yaml::TestLine& line, const yaml::TestForget& forget) {
    return rehearsal_.feed(Forget{forget.contact, envelope_of(line)});
  }

  Result<void> submit(const yaml::TestLine& line, const yaml::TestGroup& group) {
    return feed_each(line, [&](std::string_view contact) -> Input {
      return Group{group.account, contact, envelope_of(line)};
    });
  }

  Result<void> submit(const yaml::TestLine& line, const yaml::TestReport& report) {
    rehearsal_.settle_before(line.at);
    const Emission* const action = newest_action(line, report);
    if (action == nullptr) return no_action(report.step);
    return rehearsal_.feed(Report{action->id, report.receipt, report.hard, report.retry,
                                  envelope_of(line), report.data, report.declared});
  }

  Result<void> submit(const yaml::TestLine& line, const yaml::TestPublish& publication) {
    std::vector<Migration> migrations;
    Published next = published_;
    bool found = false;
    for (const Campaign& campaign : campaigns_) {
      if (!is_file(campaign.at.file, publication.file)) continue;
      const Campaign& meant =
          publication.existing ? with(campaign, *publication.existing) : campaign;
      next[campaign.name] = &meant;
      found = true;
      if (!publication.migrate && publication.steps.empty()) continue;
      migrations.push_back(
          {campaign.name, publication.migrate.value_or(WaitChange::keep), publication.steps});
    }
    if (!found) {
      return Error{ErrorCode::unknown_campaign,
                   fmt::format("no campaign without errors stands in '{}'", publication.file)};
    }
    // One that is refused leaves what was published, for publications to come too.
    if (auto done = publish(next, line.at, migrations); !done) return done;
    published_ = std::move(next);
    return {};
  }

  Result<void> submit(const yaml::TestLine& line, const yaml::TestStart& start) {
    return feed_each(line, [&](std::string_view contact) -> Input {
      return Enter{start.campaign, contact, start.key, envelope_of(line), start.properties};
    });
  }

  Result<void> submit(const yaml::TestLine& line, const yaml::TestStop& stop) {
    return feed_each(line, [&](std::string_view contact) -> Input {
      return Stop{stop.campaign, contact, stop.key, envelope_of(line)};
    });
  }

  Result<void> submit(const yaml::TestLine& line, const yaml::TestMove& move) {
    return feed_each(line, [&](std::string_view contact) -> Input {
      return Move{move.campaign, contact, move.key, move.step, envelope_of(line)};
    });
  }

  Result<void> submit(const yaml::TestLine& line, const yaml::TestSuppress& suppress) {
    return rehearsal_.feed(
        Suppress{suppress.channel, suppress.address, suppress.listed, envelope_of(line)});
  }

  Result<void> submit(const yaml::TestLine& line, const yaml::TestPause& pause) {
    return rehearsal_.feed(Pause{pause.campaign, pause.mode, pause.entries, envelope_of(line)});
  }

  Result<void> submit(const yaml::TestLine& line, const yaml::TestResume& resume) {
    return rehearsal_.feed(Resume{resume.campaign, envelope_of(line)});
  }

  Result<void> submit(const yaml::TestLine& line, const yaml::TestReassign& reassign) {
    rehearsal_.settle_before(line.at);
    const Emission* const task = newest_action(line, task_of(reassign));
    if (task == nullptr) return no_action(reassign.step);
    return rehearsal_.feed(Reassign{task->id, reassign.to, reassign.by, reassign.note,
                                    reassign.within_ms, envelope_of(line)});
  }

  // The contact that the line names is who it is here; the token may say another.
  Result<void> submit(const yaml::TestLine& line, const yaml::TestTakeOver& take_over) {
    rehearsal_.settle_before(line.at);
    yaml::TestLine anybody = line;
    anybody.contact.clear();
    const Emission* const task = newest_action(anybody, task_of(take_over));
    if (task == nullptr) return no_action(take_over.step);
    std::string token;
    for (const Property& property : task->data) {
      const auto* const text = property.value.get<std::string>();
      if (property.name == "token" && text != nullptr) token = *text;
    }
    if (take_over.damaged && !token.empty()) token.front() = token.front() == 'A' ? 'B' : 'A';
    return rehearsal_.feed(TakeOver{token, line.contact, envelope_of(line)});
  }

  template <class Line>
  static yaml::TestReport task_of(const Line& line) {
    yaml::TestReport task;
    task.step = line.step;
    task.key = line.key;
    return task;
  }

  static Error no_action(const std::string& step) {
    return Error{
        ErrorCode::unknown_step,
        fmt::format("no action of step '{}' was taken before: the host cannot report it", step)};
  }

  Result<void> submit(const yaml::TestLine& line, const yaml::TestCrash& crash) {
    rehearsal_.settle_before(line.at);
    if (crash.after_taking) return rehearsal_.crash_after_taking();
    rehearsal_.keep_journal();
    return rehearsal_.crash();
  }

  // Of what was taken; the tested campaign's, if it has a step of that name.
  [[nodiscard]] const Emission* newest_action(const yaml::TestLine& line,
                                              const yaml::TestReport& report) const {
    const Emission* newest = nullptr;
    for (const Emission& each : rehearsal_.emissions()) {
      const bool fits = each.step == report.step &&
                        (line.contact.empty() || each.contact == line.contact) &&
                        (!report.key || (each.has_key && each.key == *report.key)) &&
                        (!report.iteration || each.iteration == *report.iteration);
      if (!fits) continue;
      const bool foreign = each.campaign != test_.campaign;
      if (foreign && newest != nullptr && newest->campaign == test_.campaign) continue;
      newest = &each;
    }
    return newest;
  }

  // An input that was taken later than its line stands.
  struct Moved {
    const yaml::TestLine* line = nullptr;
    Instant to;
  };

  const yaml::TestCase& test_;
  const Workspace& workspace_;
  const std::vector<Campaign> campaigns_;
  Rehearsal rehearsal_;
  std::deque<Campaign> altered_;  // of campaigns_
  Published published_;           // point into either
  std::size_t compared_emissions_ = 0;
  std::size_t compared_told_ = 0;
  std::optional<Moved> moved_;  // the last
  std::string_view fed_;        // of several, the contact of which the line is not true
};

}  // namespace

bool is_file(std::string_view path, std::string_view file) {
  return path == file || (path.ends_with(file) && path[path.size() - file.size() - 1] == '/');
}

std::optional<TestFailure> play(const yaml::TestCase& test, const Workspace& workspace,
                                std::span<const Campaign> campaigns, const EngineOptions& options,
                                Coverage& coverage) {
  std::vector<Campaign> pinned(campaigns.begin(), campaigns.end());
  if (Failed failed = pin(test, pinned)) return failed;
  Result<Rehearsal> rehearsal = Rehearsal::begin(options);
  if (!rehearsal) return failure(test.at, rehearsal.error().message);
  coverage.begin();
  rehearsal->cover(coverage);
  std::optional<Workspace> ruled;
  if (test.policy) {
    ruled = workspace;
    ruled->policy = *test.policy;
  }
  return Timeline(test, ruled ? *ruled : workspace, std::move(pinned), std::move(*rehearsal))
      .play();
}

}  // namespace itinera::lab
