// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QColor>
#include <QString>
#include <vector>

#include "engine/tuner/recommendation.h"
#include "ui/shell/theme.h"

// What the Tuning page says of one recommendation: pure functions of what the node published.

namespace nodetune {

// How it is written: the colours of the window's palette, and its zone.
struct TextLook {
  QColor dim;
  QColor good;
  QColor warn;
  bool utc = false;
};
TextLook text_look(const QPalette& palette, bool utc);

QString stage_text(FollowUp::Stage stage);  // "awaiting restart"
Tone stage_tone(FollowUp::Stage stage);

// Waits for the node's next restart: copied, and not in force yet.
bool awaits_restart(const Recommendation& item);
// There is something to copy, and it is neither in force nor past.
bool may_be_copied(const Recommendation& item);

// Why, what to expect, what it takes, what became of it.
QString recommendation_html(const Recommendation& item, const TextLook& look);
// "Waiting for one restart": what waits, and what the restart costs. Empty: nothing waits.
QString waiting_html(const std::vector<Recommendation>& items, const std::string& restart_price,
                     const TextLook& look);

}  // namespace nodetune
