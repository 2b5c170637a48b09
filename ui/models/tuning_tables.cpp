// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/models/tuning_tables.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "ui/bridge/text.h"
#include "ui/models/recommendation_text.h"

namespace nodetune {
namespace {

constexpr double kMinute = 60;
constexpr double kHour = 60 * kMinute;

Cell tipped_cell(const QString& text, const QString& tip) {
  auto cell = text_cell(text);
  cell.tip = tip;
  return cell;
}

QString range_text(const KnobInfo& knob) {
  if (knob.knob == Knob::compression) return QObject::tr("none … zstd");
  return QObject::tr("%1 … %2").arg(to_qt(format_knob(knob.knob, knob.minimum)),
                                    to_qt(format_knob(knob.knob, knob.maximum)));
}

Cell note_cell(const KnobState& state, const KnobInfo& knob,
               const std::optional<KnobValues>& values, const KnobContext& context,
               const std::map<Knob, KnobNote>& notes) {
  const auto note = notes.find(state.knob);
  if (note != notes.end() && !note->second.text.isEmpty()) {
    auto cell =
        tipped_cell(with_tone_symbol(note->second.text, note->second.tone), note->second.text);
    cell.tone = note->second.tone;
    return cell;
  }
  if (!state.settable) {
    auto cell = text_cell(to_qt(state.why_not));
    cell.dim = true;
    return cell;
  }
  const bool priced = values && state.current;
  return text_cell(priced ? to_qt(cost_text(state.knob, *state.current, *values, context))
                          : to_qt(knob.cost));
}

// The audit log names targets and bare values; people read titles and units.
QString target_title(const std::string& what) {
  const auto target = target_from(what);
  return target ? to_qt(title(*target)) : to_qt(what);
}
QString value_of(const std::string& what, const std::string& text) {
  const auto target = target_from(what);
  if (!target) return to_qt(text);
  const auto value = parse_value(*target, text);
  return value ? to_qt(format_value(*target, value.value())) : to_qt(text);
}

bool is_end(AuditKind kind) {
  return kind == AuditKind::done || kind == AuditKind::failed || kind == AuditKind::rolled_back;
}

Tone audit_tone(const AuditEntry& entry) {
  switch (entry.kind) {
    case AuditKind::done:
      return Tone::good;
    case AuditKind::failed:
    case AuditKind::rolled_back:
      return Tone::bad;
    case AuditKind::intent:
      return Tone::warn;
    case AuditKind::state:
    case AuditKind::note:
      return Tone::neutral;
  }
  return Tone::neutral;
}

}  // namespace

std::vector<CellColumn> knob_columns() {
  return {{QObject::tr("Knob")},
          {QObject::tr("Current"), true},
          {QObject::tr("Proposed"), true, QObject::tr("By a recommendation that waits for you")},
          {QObject::tr("Default"), true, QObject::tr("Of a new test bench")},
          {QObject::tr("Range")},
          {QObject::tr("Takes effect")},
          {QObject::tr("Cost")}};
}

std::optional<KnobValues> known_values(const std::vector<KnobState>& knobs) {
  KnobValues values;
  std::size_t known = 0;
  for (const auto& state : knobs) {
    if (!state.current) continue;
    values[state.knob] = *state.current;
    ++known;
  }
  return known == kKnobCount ? std::optional(values) : std::nullopt;
}

KnobContext knob_context(const Snapshot& snapshot) {
  KnobContext context;
  context.memory_limit_bytes = snapshot.value(Metric::system_memory_limit_bytes);
  if (!snapshot.families.empty()) context.families = static_cast<int>(snapshot.families.size());
  return context;
}

std::vector<CellRow> knob_rows(const std::vector<KnobState>& knobs, const KnobContext& context,
                               const std::map<Knob, KnobNote>& notes, OpenWay way) {
  const auto values = known_values(knobs);
  const bool own = way == OpenWay::managed;
  std::vector<CellRow> rows;
  for (const auto& state : knobs) {
    const auto& knob = knob_info(state.knob);
    auto current =
        tipped_cell(state.current_text.empty() ? QStringLiteral("–") : to_qt(state.current_text),
                    to_qt(state.origin));
    current.dim = !state.current;
    Cell proposed;
    if (state.proposed) {
      proposed =
          tipped_cell(with_tone_symbol(to_qt(format_knob(state.knob, *state.proposed)), Tone::warn),
                      QObject::tr("See the recommendation above"));
      proposed.tone = Tone::warn;
    }
    // What is not set here is read by the node when it starts.
    const auto effect =
        state.settable ? tipped_cell(to_qt(to_string(knob.takes_effect)), to_qt(knob.effect_note))
                       : text_cell(QObject::tr("at a restart"));
    rows.push_back({to_qt(to_string(state.knob)),
                    {tipped_cell(to_qt(knob.title), to_qt(knob.help)), current, proposed,
                     own ? text_cell(to_qt(format_knob(state.knob, knob.default_value)))
                         : text_cell(QStringLiteral("–")),
                     tipped_cell(range_text(knob), to_qt(knob.why_limited)), effect,
                     note_cell(state, knob, values, context, notes)}});
  }
  return rows;
}

QString with_tone_symbol(const QString& text, Tone tone) {
  const QString symbol = tone_symbol(tone);
  return symbol.isEmpty() ? text : symbol + QChar(' ') + text;
}

QString state_text(RecommendationState state) {
  QString text = to_qt(to_string(state));
  return text.replace(QChar('_'), QChar(' '));
}

Tone state_tone(RecommendationState state) {
  switch (state) {
    case RecommendationState::proposed:
      return Tone::warn;
    case RecommendationState::applied:
    case RecommendationState::verified:
      return Tone::good;
    case RecommendationState::failed:
      return Tone::bad;
    case RecommendationState::approved:
    case RecommendationState::overridden:
    case RecommendationState::rejected:
    case RecommendationState::expired:
    case RecommendationState::applying:
    case RecommendationState::rolled_back:
      return Tone::neutral;
  }
  return Tone::neutral;
}

QString actor_text(Actor who) {
  return to_qt(to_string(who));
}

std::vector<CellColumn> recommendation_columns() {
  return {{QObject::tr("Recommendation")}, {QObject::tr("State")}, {QObject::tr("Since"), true}};
}

std::vector<CellRow> recommendation_rows(const std::vector<Recommendation>& items, TimePoint now) {
  std::vector<const Recommendation*> order;
  for (const auto& item : items) order.push_back(&item);
  const auto waits = [](const Recommendation* item) {
    return item->state == RecommendationState::proposed;
  };
  std::stable_sort(order.begin(), order.end(), [&](const auto* a, const auto* b) {
    if (waits(a) != waits(b)) return waits(a);
    return a->since() > b->since();
  });
  std::vector<CellRow> rows;
  for (const auto* item : order) {
    const auto& target = item->proposal.target;
    // How far the operator's change of a foreign node has come says more than the decision.
    const bool followed = item->follow_up && item->state != RecommendationState::expired;
    const Tone tone = followed ? stage_tone(item->follow_up->stage) : state_tone(item->state);
    auto state = text_cell(with_tone_symbol(
        followed ? stage_text(item->follow_up->stage) : state_text(item->state), tone));
    state.tone = tone;
    const auto begin = followed ? item->follow_up->since : item->since();
    const double age = std::max(0.0, to_seconds(now - begin));
    auto since =
        text_cell(age < kMinute ? QObject::tr("< 1 min")
                  : age < kHour ? QObject::tr("%1 min").arg(static_cast<int>(age / kMinute))
                                : seconds_text(std::floor(age / kMinute) * kMinute));
    since.dim = true;
    rows.push_back({QString::number(item->id),
                    {text_cell(QObject::tr("%1: %2 → %3")
                                   .arg(recommendation_title(*item),
                                        to_qt(format_value(target, item->proposal.current)),
                                        to_qt(format_value(target, item->value())))),
                     state, since}});
  }
  return rows;
}

QString recommendation_title(const Recommendation& item) {
  const QString what = to_qt(title(item.proposal.target));
  return item.database.empty() ? what : QStringLiteral("%1: %2").arg(to_qt(item.database), what);
}

std::vector<CellColumn> audit_columns() {
  return {{QObject::tr("Time")},  {QObject::tr("Who")}, {QObject::tr("What")},
          {QObject::tr("From")},  {QObject::tr("To")},  {QObject::tr("Outcome")},
          {QObject::tr("Reason")}};
}

std::vector<CellRow> audit_rows(const std::vector<AuditEntry>& entries, bool utc) {
  std::set<std::uint64_t> ended;
  for (const auto& entry : entries) {
    if (is_end(entry.kind)) ended.insert(entry.change);
  }
  std::vector<CellRow> rows;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (entry->kind == AuditKind::intent && ended.contains(entry->change)) continue;
    const Tone tone = audit_tone(*entry);
    QString outcome = to_qt(entry->outcome);
    if (entry->kind == AuditKind::intent) outcome = QObject::tr("not finished");
    auto result = text_cell(with_tone_symbol(outcome, outcome.isEmpty() ? Tone::neutral : tone));
    result.tone = tone;
    rows.push_back(
        {QString::number(entry->sequence),
         {text_cell(date_text(entry->time, utc)), text_cell(actor_text(entry->who)),
          text_cell(target_title(entry->what)), text_cell(value_of(entry->what, entry->from)),
          text_cell(value_of(entry->what, entry->to)), result, text_cell(to_qt(entry->reason))}});
  }
  return rows;
}

std::optional<AuditEntry> last_change(const std::vector<AuditEntry>& entries) {
  const auto found = std::find_if(entries.rbegin(), entries.rend(), [](const AuditEntry& entry) {
    return entry.kind == AuditKind::done && entry.change != 0;
  });
  return found == entries.rend() ? std::nullopt : std::optional(*found);
}

QString undo_text(const AuditEntry& entry) {
  return QObject::tr("%1: %2 → %3")
      .arg(target_title(entry.what), value_of(entry.what, entry.to),
           value_of(entry.what, entry.from));
}

}  // namespace nodetune
