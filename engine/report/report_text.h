// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/metrics/catalogue.h"

// How figures and foreign text are written in reports.

namespace nodetune {

inline constexpr std::string_view kNoFigure = "–";

// Valid UTF-8 without what XML forbids or what turns the direction of text: each such byte or
// character becomes U+FFFD. Tabs and line ends stay.
std::string clean_text(std::string_view text);
// For content and for attributes in double quotes.
std::string xml_escape(std::string_view text);
// RFC 4180: quoted where it has to be.
std::string csv_field(std::string_view text);
// One line of Markdown that shows the text as it is: no markup, no mention, no table border.
std::string markdown_escape(std::string_view text);

// "2026-11-22 16:28:36 UTC".
std::string utc_text(TimePoint time);
// "12.4 MiB", of a counter's rate "12.4 MiB/s"; "–" when missing.
std::string figure_text(double value, Unit unit, bool per_second = false);
// "/s" is part of it where the value is a rate: "bytes/s".
std::string unit_text(Unit unit, bool per_second);
// "20,806": every digit, for what others will count again.
std::string whole_text(std::uint64_t value);
// "3.21" or "–".
std::string plain_text(double value, int decimals);

}  // namespace nodetune
