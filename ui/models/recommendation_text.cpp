// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/models/recommendation_text.h"

#include <QObject>
#include <QStringList>
#include <algorithm>

#include "ui/bridge/text.h"
#include "ui/models/tuning_tables.h"

namespace nodetune {
namespace {

using Stage = FollowUp::Stage;

constexpr std::size_t kWaitingNamed = 4;

QString escaped(std::string_view text) {
  return to_qt(text).toHtmlEscaped();
}

QString coloured(const QString& html, const QColor& colour) {
  return QStringLiteral("<span style=\"color:%1\">%2</span>").arg(colour.name(), html);
}

QString row_html(const QString& name, const QString& text, const TextLook& look) {
  if (text.isEmpty()) return {};
  return QStringLiteral("<tr><td style=\"color:%1; padding-right:12px\">%2</td><td>%3</td></tr>")
      .arg(look.dim.name(), name.toHtmlEscaped(), text.toHtmlEscaped());
}

QString rows_html(const QString& name, const std::vector<std::string>& texts,
                  const TextLook& look) {
  QString html;
  for (const auto& text : texts) {
    html += row_html(html.isEmpty() ? name : QString(QChar(0xA0)), to_qt(text), look);
  }
  return html;
}

QString list_html(const QStringList& entries) {
  if (entries.isEmpty()) return {};
  return QStringLiteral("<ul style=\"margin:4px 0 4px -24px\"><li>%1</li></ul>")
      .arg(entries.join(QStringLiteral("</li><li>")));
}

QString value_change(const Recommendation& item, std::int64_t to) {
  const auto& target = item.proposal.target;
  return QObject::tr("%1: %2 → %3")
      .arg(recommendation_title(item), to_qt(format_value(target, item.proposal.current)),
           to_qt(format_value(target, to)))
      .toHtmlEscaped();
}

QString time_text(TimePoint time, const TextLook& look) {
  return to_qt(time, look.utc).toString(QStringLiteral("MMM d HH:mm"));
}

// "✓ copied 10:12 · awaiting restart since 10:12 · in force · verified": what is to come is dim.
QString steps_html(const FollowUp& follow_up, const TextLook& look) {
  std::vector<Stage> way = {Stage::copied, Stage::awaiting_restart, Stage::in_force,
                            Stage::verified};
  if (follow_up.stage == Stage::not_in_force) way[2] = Stage::not_in_force;
  QStringList steps;
  for (const auto stage : way) {
    const auto reached = std::find_if(follow_up.steps.rbegin(), follow_up.steps.rend(),
                                      [stage](const auto& step) { return step.stage == stage; });
    const QString text = stage_text(stage);
    if (reached == follow_up.steps.rend()) {
      steps += coloured(text, look.dim);
      continue;
    }
    const QString done = QStringLiteral("%1 %2").arg(text, time_text(reached->time, look));
    const bool now = stage == follow_up.stage;
    const Tone tone = stage_tone(stage);
    QString marked = with_tone_symbol(done.toHtmlEscaped(), tone);
    if (now && tone != Tone::neutral) {
      marked = coloured(marked, tone == Tone::warn ? look.warn : look.good);
    }
    steps += now ? QStringLiteral("<b>%1</b>").arg(marked) : marked;
  }
  return steps.join(QStringLiteral(" · "));
}

QString follow_up_html(const FollowUp& follow_up, const TextLook& look) {
  QString html =
      QStringLiteral("<p style=\"margin:4px 0 2px 0\">%1</p>").arg(steps_html(follow_up, look));
  html += QStringLiteral("<p style=\"margin:0 0 2px 0\">%1</p>").arg(escaped(follow_up.text));
  QStringList lines;
  for (const auto& hint : follow_up.hints) lines += escaped(hint);
  for (const auto& each : follow_up.comparison) lines += escaped(each);
  return html + list_html(lines);
}

QString history_rows(const Recommendation& item, const TextLook& look) {
  QString html;
  for (auto change = item.history.rbegin(); change != item.history.rend(); ++change) {
    QString text = QObject::tr("%1 by %2").arg(state_text(change->state), actor_text(change->who));
    if (!change->note.empty()) text += QStringLiteral(": ") + to_qt(change->note);
    html += row_html(date_text(change->time, look.utc), text, look);
  }
  return html;
}

}  // namespace

TextLook text_look(const QPalette& palette, bool utc) {
  const bool dark = is_dark(palette);
  return {dim_text_colour(palette), tone_colour(Tone::good, dark), tone_colour(Tone::warn, dark),
          utc};
}

QString stage_text(Stage stage) {
  switch (stage) {
    case Stage::copied:
      return QObject::tr("copied");
    case Stage::awaiting_restart:
      return QObject::tr("awaiting restart");
    case Stage::in_force:
      return QObject::tr("in force");
    case Stage::not_in_force:
      return QObject::tr("not in force");
    case Stage::verified:
      return QObject::tr("verified");
  }
  return {};
}

Tone stage_tone(Stage stage) {
  switch (stage) {
    case Stage::copied:
    case Stage::awaiting_restart:
      return Tone::neutral;
    case Stage::in_force:
    case Stage::verified:
      return Tone::good;
    case Stage::not_in_force:
      return Tone::warn;
  }
  return Tone::neutral;
}

bool awaits_restart(const Recommendation& item) {
  if (!item.follow_up || is_final(item.state)) return false;
  return item.follow_up->stage == Stage::copied || item.follow_up->stage == Stage::awaiting_restart;
}

bool may_be_copied(const Recommendation& item) {
  using State = RecommendationState;
  return !item.line.empty() && (item.state == State::proposed || item.state == State::approved ||
                                item.state == State::overridden);
}

QString recommendation_html(const Recommendation& item, const TextLook& look) {
  const auto& proposal = item.proposal;
  QString html = QStringLiteral("<b>%1</b>").arg(value_change(item, proposal.proposed));
  if (item.overridden) {
    html +=
        QObject::tr(" (you chose %1)").arg(escaped(format_value(proposal.target, item.value())));
  }
  if (item.follow_up) html += follow_up_html(*item.follow_up, look);
  QStringList evidence;
  for (const auto& each : proposal.evidence) evidence += escaped(sentence(each));
  html += list_html(evidence);
  if (proposal.contradiction) {
    html += QStringLiteral("<p style=\"color:%1\">! %2</p>")
                .arg(look.warn.name(), escaped(proposal.contradiction->text));
  }
  html += QStringLiteral("<table cellspacing=\"0\" cellpadding=\"1\">");
  html += row_html(QObject::tr("Expected"), to_qt(proposal.expected), look);
  html += row_html(QObject::tr("Risk"), to_qt(proposal.risk), look);
  html += rows_html(QObject::tr("Memory"), item.notes, look);
  html += row_html(QObject::tr("Going back"), to_qt(proposal.reversibility), look);
  html += row_html(QObject::tr("To apply"), to_qt(item.apply), look);
  html += history_rows(item, look);
  return html + QStringLiteral("</table>");
}

QString waiting_html(const std::vector<Recommendation>& items, const std::string& restart_price,
                     const TextLook& look) {
  QStringList lines;
  std::size_t waiting = 0;
  for (const auto& item : items) {
    if (!awaits_restart(item)) continue;
    if (++waiting > kWaitingNamed) continue;
    lines += QStringLiteral("%1 &nbsp;<code>%2</code>")
                 .arg(value_change(item, item.value()), escaped(item.line));
  }
  if (waiting == 0) return {};
  if (waiting > kWaitingNamed) {
    lines += QObject::tr("and %n more", nullptr, static_cast<int>(waiting - kWaitingNamed));
  }
  QString html = QStringLiteral("<b>%1</b>").arg(QObject::tr("Waiting for one restart"));
  html += QStringLiteral(" ") +
          coloured(waiting == 1 ? QObject::tr("1 change") : QObject::tr("%1 changes").arg(waiting),
                   look.dim);
  html += list_html(lines);
  return html + (restart_price.empty() ? QObject::tr("What a restart costs is not known.")
                                       : QObject::tr("Its price: %1.").arg(escaped(restart_price)));
}

}  // namespace nodetune
