// SPDX-License-Identifier: Apache-2.0
// The words of a campaign's picture, as a marketer would say them, and as DOT takes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/campaign.hpp"

namespace itinera::model {

inline constexpr std::size_t items_max = 12;  // lines of a list in a label

// One line of printable text, cut to some 160 bytes at a character's end; blanks in a row are one.
std::string plain(std::string_view text);

// `text` in lines of about 34 characters, broken at spaces.
std::string wrapped(std::string_view text);

// A label of an edge: a space before each line keeps it off the line.
std::string padded(std::string_view text);

// A quoted DOT string. Line breaks are centred, or to the left where `left` is given.
std::string quoted(std::string_view text, bool left = false);

// A condition as it is written, or, where it is long and has a note beside it, the note.
std::string condition_text(const Expression& condition, std::string_view note);

// "1 hour", "90 minutes", "1 hour 30 minutes": at most the two largest units.
std::string length_text(const Period& period);
std::string length_text(std::int64_t ms);

std::string days_text(Weekdays days);                               // " (Mon-Fri)", or nothing
std::string either_of(const std::vector<std::string_view>& names);  // "push, sms or email"
std::string channel_text(std::string_view channel);
// "Push, SMS or E-mail".
std::string channels_text(const Send& send);
// How one of several channels is chosen, and when the next: a line each behind others, or nothing.
std::string choice_text(const Send& send);
std::string trigger_text(const Trigger& trigger, const Expression& when);
std::string datum_text(const Datum& datum);
std::string share_text(const Split& split, const Variant& variant);  // "coupon 50 %"
std::string wait_text(const Wait& wait, std::string_view note);      // "Wait 1 hour"
std::string entry_text(const Entry& entry);                          // lines
std::string cap_text(const EntryCap& cap);           // a line behind others, or nothing
std::string reentry_text(const Campaign& campaign);  // lines

}  // namespace itinera::model
