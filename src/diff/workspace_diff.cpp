// SPDX-License-Identifier: Apache-2.0
// What two workspaces differ in, beside the steps of their campaigns.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>

#include "base/percent.hpp"
#include "calendar/text.hpp"
#include "diff/diff_items.hpp"
#include "diff/step_match.hpp"
#include "itinera/campaign_diff.hpp"
#include "itinera/value.hpp"
#include "model/model_codec.hpp"
#include "model/walk.hpp"

namespace itinera {
namespace model {
namespace {

using Named = std::vector<NamedFields>;

std::string joined_names(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

void put_field(Fields& out, std::string key, std::string text) {
  if (!text.empty()) out.push_back({std::move(key), std::move(text)});
}

Named channels_of_workspace(const Workspace& workspace) {
  constexpr std::array<std::string_view, 3> consents{"none", "opt_in", "opt_out"};
  Named items;
  for (const Channel& channel : workspace.channels) {
    Fields out;
    put_field(out, "address", channel.address.text);
    put_field(out, "consent", std::string(consents.at(static_cast<std::size_t>(channel.consent))));
    if (channel.cost != 0) put_field(out, "cost", to_json(Value(channel.cost)));
    put_field(out, "devices", joined_names(channel.devices));
    put_field(out, "receipts", joined_names(channel.receipts));
    if (channel.delivery == Channel::Delivery::pull) put_field(out, "delivery", "pull");
    items.push_back({channel.name, std::move(out)});
  }
  return items;
}

Named senders_of_workspace(const Workspace& workspace) {
  Named items;
  for (const Sender& sender : workspace.senders) {
    Fields out;
    put_field(out, "channel", sender.channel);
    for (const Quota& quota : sender.quotas) {
      put_field(out, fmt::format("quota of {}", quota.operation.empty() ? "all" : quota.operation),
                fmt::format("{} a day", quota.max));
    }
    if (sender.hours) put_field(out, "hours", calendar::to_text(*sender.hours));
    put_field(out, "zone", sender.zone);
    if (sender.rate > 0) {
      put_field(out, "rate",
                fmt::format("{} in {}", sender.rate, elapsed_text(sender.rate_per_ms)));
    }
    put_field(out, "warm_up", fmt::format("{}", fmt::join(sender.warm_up, ", ")));
    if (sender.pace_to_ms > 0) {
      put_field(out, "pace",
                fmt::format("{}..{}", elapsed_text(sender.pace_from_ms),
                            elapsed_text(sender.pace_to_ms)));
    }
    items.push_back({sender.name, std::move(out)});
  }
  return items;
}

Named segments_of_workspace(const Workspace& workspace) {
  Named items;
  for (const Segment& segment : workspace.segments) {
    items.push_back({segment.name, {{"condition", segment.condition.text}}});
  }
  return items;
}

std::string filter_text(const MessageFilter& about) {
  std::string text;
  const auto put = [&](std::string_view key, const std::vector<std::string>& names) {
    if (!names.empty()) text += fmt::format(", {} {}", key, fmt::join(names, " or "));
  };
  put("channel", about.channels);
  put("topic", about.topics);
  put("campaign", about.campaigns);
  return text;
}

// Rules have no names: each is known by what it says.
Named rules_of_policy(const Policy& policy) {
  constexpr std::array<std::string_view, 4> per{"", "day", "week", "month"};
  constexpr std::array<std::string_view, 3> meetings{"replace", "wait", "refuse"};
  Named items;
  for (const QuietHours& quiet : policy.quiet_hours) {
    items.push_back({fmt::format("quiet_hours {}{}{}{}{}", calendar::to_text(quiet.window),
                                 filter_text(quiet.about), quiet.holidays ? ", holidays" : "",
                                 quiet.zone.empty() ? "" : ", zone ", quiet.zone),
                     {}});
  }
  for (const FrequencyCap& cap : policy.caps) {
    const bool rolling = cap.per == FrequencyCap::Per::rolling;
    items.push_back(
        {fmt::format("cap {} per {}{}{}{}", cap.max,
                     rolling ? elapsed_text(cap.per_ms)
                             : std::string(per.at(static_cast<std::size_t>(cap.per))),
                     filter_text(cap.about), cap.transactional ? ", transactional too" : "",
                     cap.account ? ", of an account" : ""),
         {}});
  }
  if (policy.holdout.share > 0) {
    items.push_back({"holdout", {{"share", base::percent_text(policy.holdout.share)}}});
    put_field(items.back().fields, "seed", policy.holdout.seed);
  }
  for (const ExclusiveGroup& group : policy.exclusive) {
    items.push_back(
        {"exclusive " + group.name,
         {{"meeting", std::string(meetings.at(static_cast<std::size_t>(group.meeting)))}}});
  }
  return items;
}

void put_schema(Fields& out, const std::string& lead, const std::vector<SchemaField>& fields) {
  for (const SchemaField& field : fields) {
    const std::string type = to_text(field.type);
    put_field(out, lead + field.name,
              field.may_be_absent ? fmt::format("optional({})", type) : type);
  }
}

Fields fields_of_workspace(const Workspace& workspace) {
  Fields out;
  put_field(out, "workspace", workspace.name);
  put_field(out, "zone", workspace.zone);
  put_field(out, "topics", joined_names(workspace.topics));
  put_field(out, "holidays", joined_names(workspace.holidays));
  // A schema without fields says that there is nothing to ask for; no schema says nothing.
  if (const auto& attributes = workspace.schema.attributes) {
    if (attributes->empty()) put_field(out, "schema attributes", "none");
    put_schema(out, "schema attribute ", *attributes);
  }
  for (const EventSchema& event : workspace.schema.events) {
    if (event.properties.empty()) put_field(out, "schema event " + event.name, "no properties");
    put_schema(out, fmt::format("schema event {}.", event.name), event.properties);
  }
  for (const Retain::Event& event : workspace.retain.events) {
    put_field(out, "retain event " + event.name, elapsed_text(event.window_ms));
  }
  put_field(out, "retain attributes", joined_names(workspace.retain.attributes));
  put_field(out, "min_loop_wait", elapsed_text(workspace.min_loop_wait_ms));
  put_field(out, "dedupe", elapsed_text(workspace.dedupe_ms));
  put_field(out, "note", workspace.note);
  return out;
}

base::Bytes content_of_rules(const Workspace& workspace) {
  base::Bytes bytes;
  encode(workspace, {}, bytes);
  return bytes;
}

const Campaign* newest_named(std::span<const Campaign> campaigns, const std::string& name) {
  const Campaign* newest = nullptr;
  for (const Campaign& each : campaigns) {
    if (each.name == name && (newest == nullptr || each.version > newest->version)) newest = &each;
  }
  return newest;
}

std::string campaign_summary(const Campaign& campaign) {
  std::size_t steps = 0;
  for_each_step(campaign.steps, [&](const Step&) { ++steps; });
  return fmt::format("version {}, {} step{}", campaign.version, steps, steps == 1 ? "" : "s");
}

void tell_campaign(ModelChange::Kind kind, const Campaign& campaign, ModelDiff& diff) {
  const bool added = kind == ModelChange::Kind::added;
  diff.changes.push_back({.kind = kind,
                          .campaign = campaign.name,
                          .name = campaign.name,
                          .before = added ? "" : campaign_summary(campaign),
                          .after = added ? campaign_summary(campaign) : ""});
}

void compare_campaigns(std::span<const Campaign> before, std::span<const Campaign> after,
                       ModelDiff& all) {
  for (const Campaign& campaign : after) {
    if (newest_named(after, campaign.name) != &campaign) continue;
    const Campaign* const was = newest_named(before, campaign.name);
    if (was == nullptr) {
      tell_campaign(ModelChange::Kind::added, campaign, all);
      continue;
    }
    ModelDiff one = diff(*was, campaign);
    std::move(one.changes.begin(), one.changes.end(), std::back_inserter(all.changes));
    for (const std::string& warning : one.warnings) {
      all.warnings.push_back(fmt::format("{}: {}", campaign.name, warning));
    }
  }
  for (const Campaign& campaign : before) {
    if (newest_named(before, campaign.name) != &campaign) continue;
    if (newest_named(after, campaign.name) != nullptr) continue;
    tell_campaign(ModelChange::Kind::removed, campaign, all);
  }
}

}  // namespace

std::string text_of_fields(const Fields& fields) {
  std::string text;
  for (const Field& field : fields) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", field.key, field.text);
  }
  return text;
}

void compare_fields(const ModelChange& of, const Fields& before, const Fields& after,
                    std::vector<ModelChange>& changes) {
  const auto find = [](const Fields& fields, const std::string& key) -> const Field* {
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& field) { return field.key == key; });
    return found == fields.end() ? nullptr : &*found;
  };
  const auto add = [&](const std::string& key, const std::string& was, const std::string& is) {
    if (was == is) return;
    ModelChange change = of;
    change.field = key;
    change.before = was;
    change.after = is;
    changes.push_back(std::move(change));
  };
  for (const Field& field : after) {
    const Field* const was = find(before, field.key);
    add(field.key, was == nullptr ? "" : was->text, field.text);
  }
  for (const Field& field : before) {
    if (find(after, field.key) == nullptr) add(field.key, field.text, "");
  }
}

void compare_items(ModelChange::What what, const std::string& campaign,
                   const std::vector<NamedFields>& before, const std::vector<NamedFields>& after,
                   std::vector<ModelChange>& changes) {
  std::vector<bool> found(before.size());
  std::vector<std::size_t> was(after.size(), before.size());
  for (std::size_t j = 0; j < after.size(); ++j) {
    for (std::size_t i = 0; i < before.size() && was[j] == before.size(); ++i) {
      if (found[i] || before[i].name != after[j].name) continue;
      found[i] = true;
      was[j] = i;
    }
  }
  std::vector<std::size_t> matched;
  std::copy_if(was.begin(), was.end(), std::back_inserter(matched),
               [&](std::size_t i) { return i < before.size(); });
  const std::vector<bool> stays = in_growing_run(matched);
  const auto place = [](const std::vector<NamedFields>& items, std::size_t at) {
    return at == 0 ? std::string("first") : "after " + items[at - 1].name;
  };
  std::size_t nth = 0;
  std::size_t told = 0;
  const auto tell_gone = [&](std::size_t up_to) {
    for (; told < up_to; ++told) {
      if (found[told]) continue;
      changes.push_back({.kind = ModelChange::Kind::removed,
                         .what = what,
                         .campaign = campaign,
                         .name = before[told].name,
                         .before = text_of_fields(before[told].fields)});
    }
  };
  for (std::size_t j = 0; j < after.size(); ++j) {
    const ModelChange of{.what = what, .campaign = campaign, .name = after[j].name};
    if (was[j] == before.size()) {
      ModelChange added = of;
      added.kind = ModelChange::Kind::added;
      added.after = text_of_fields(after[j].fields);
      changes.push_back(std::move(added));
    } else {
      tell_gone(was[j]);
      if (!stays[nth++]) {
        ModelChange moved = of;
        moved.kind = ModelChange::Kind::moved;
        moved.before = place(before, was[j]);
        moved.after = place(after, j);
        changes.push_back(std::move(moved));
      }
      compare_fields(of, before[was[j]].fields, after[j].fields, changes);
    }
  }
  tell_gone(before.size());
}

}  // namespace model

ModelDiff diff(const Workspace& before, std::span<const Campaign> campaigns_before,
               const Workspace& after, std::span<const Campaign> campaigns_after) {
  using What = ModelChange::What;
  ModelDiff all;
  model::compare_fields({.what = What::workspace, .name = after.name},
                        model::fields_of_workspace(before), model::fields_of_workspace(after),
                        all.changes);
  model::compare_items(What::channel, "", model::channels_of_workspace(before),
                       model::channels_of_workspace(after), all.changes);
  model::compare_items(What::sender, "", model::senders_of_workspace(before),
                       model::senders_of_workspace(after), all.changes);
  model::compare_items(What::segment, "", model::segments_of_workspace(before),
                       model::segments_of_workspace(after), all.changes);
  model::compare_items(What::policy, "", model::rules_of_policy(before.policy),
                       model::rules_of_policy(after.policy), all.changes);
  if (all.changes.empty() && model::content_of_rules(before) != model::content_of_rules(after)) {
    all.changes.push_back({.what = What::workspace, .name = after.name, .field = "order"});
  }
  model::compare_campaigns(campaigns_before, campaigns_after, all);
  return all;
}

}  // namespace itinera
