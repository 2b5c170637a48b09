// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/models/event_model.h"

#include <algorithm>

#include "ui/bridge/text.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

Tone tone_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return Tone::neutral;
    case Severity::warning:
      return Tone::warn;
    case Severity::error:
      return Tone::bad;
  }
  return Tone::neutral;
}

}  // namespace

QString severity_text(Severity severity) {
  const QString name = to_qt(to_string(severity));
  const QString symbol = tone_symbol(tone_of(severity));
  return symbol.isEmpty() ? name : symbol + QChar(' ') + name;
}

EventModel::EventModel(std::size_t capacity, QObject* parent)
    : QAbstractTableModel(parent), capacity_(capacity) {}

void EventModel::append(const std::vector<NodeEvent>& events) {
  const auto taken = std::min(events.size(), capacity_);
  if (taken == 0) return;
  const auto room = capacity_ - taken;
  if (events_.size() > room) {
    const auto gone = events_.size() - room;
    beginRemoveRows({}, 0, static_cast<int>(gone) - 1);
    events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(gone));
    endRemoveRows();
  }
  const int first = rowCount();
  beginInsertRows({}, first, first + static_cast<int>(taken) - 1);
  events_.insert(events_.end(), events.end() - static_cast<std::ptrdiff_t>(taken), events.end());
  endInsertRows();
}

void EventModel::clear() {
  beginResetModel();
  events_.clear();
  endResetModel();
}

void EventModel::set_utc(bool utc) {
  if (utc == utc_) return;
  utc_ = utc;
  if (!events_.empty()) emit dataChanged(index(0, kTime), index(rowCount() - 1, kTime));
}

int EventModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(events_.size());
}

int EventModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kColumnCount;
}

QString EventModel::text(const NodeEvent& event, int column) const {
  switch (column) {
    case kTime:
      return to_qt(event.time, utc_).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz"));
    case kSeverity:
      return severity_text(event.severity);
    case kCategory:
      return to_qt(to_string(event.category));
    case kFamily:
      return event.family.empty() ? tr("all") : to_qt(event.family);
    case kText:
      return to_qt(event.text);
    case kSource:
      return to_qt(to_string(event.source));
    default:  // columns are numbers
      return {};
  }
}

QVariant EventModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const auto& event = at(index.row());
  switch (role) {
    case Qt::DisplayRole:
      return text(event, index.column());
    case Qt::ToolTipRole:
      return index.column() == kText ? QVariant(to_qt(event.text)) : QVariant();
    case kToneRole:
      return static_cast<int>(index.column() == kSeverity ? tone_of(event.severity)
                                                          : Tone::neutral);
    case kDimRole:
      return index.column() == kSource || (index.column() == kFamily && event.family.empty());
    default:  // roles are an open set of numbers
      return {};
  }
}

QVariant EventModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= kColumnCount) return {};
  if (role == Qt::TextAlignmentRole) {
    return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | Qt::AlignLeft));
  }
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case kTime:
      return tr("Time");
    case kSeverity:
      return tr("Severity");
    case kCategory:
      return tr("Category");
    case kFamily:
      return tr("Family");
    case kText:
      return tr("What happened");
    case kSource:
      return tr("Source");
    default:  // columns are numbers
      return {};
  }
}

void EventFilter::set_text(const QString& text) {
  if (text == text_) return;
  text_ = text;
  invalidateFilter();
}

void EventFilter::set_category(std::optional<EventCategory> category) {
  if (category == category_) return;
  category_ = category;
  invalidateFilter();
}

void EventFilter::set_least_severity(Severity severity) {
  if (severity == least_) return;
  least_ = severity;
  invalidateFilter();
}

bool EventFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
  if (parent.isValid()) return false;
  const auto* const model = qobject_cast<const EventModel*>(sourceModel());
  if (model == nullptr) return true;
  const auto& event = model->at(row);
  if (event.severity < least_) return false;
  if (category_ && event.category != *category_) return false;
  return text_.isEmpty() || to_qt(event.text).contains(text_, Qt::CaseInsensitive) ||
         to_qt(event.family).contains(text_, Qt::CaseInsensitive);
}

}  // namespace nodetune
