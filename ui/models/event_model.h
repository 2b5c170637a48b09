// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <deque>
#include <optional>
#include <vector>

#include "engine/node/node_event.h"

namespace nodetune {

// The node's events, oldest first.
//
// Invariant: at most `capacity` rows: older ones leave at the front, narrowly announced, so that
// selection and scroll position of the others survive. Thread: GUI.
class EventModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { kTime, kSeverity, kCategory, kFamily, kText, kSource, kColumnCount };
  static constexpr int kToneRole = Qt::UserRole + 1;  // int(Tone), as CellModel's
  static constexpr int kDimRole = Qt::UserRole + 2;

  explicit EventModel(std::size_t capacity = 10'000, QObject* parent = nullptr);

  void append(const std::vector<NodeEvent>& events);  // ascending
  void clear();
  void set_utc(bool utc);
  const NodeEvent& at(int row) const { return events_[static_cast<std::size_t>(row)]; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation,
                      int role = Qt::DisplayRole) const override;

 private:
  QString text(const NodeEvent& event, int column) const;

  const std::size_t capacity_;
  std::deque<NodeEvent> events_;
  bool utc_ = false;
};

// "! warning", "✕ error", "info": never by colour alone.
QString severity_text(Severity severity);

// Shows what has the text, one of the categories, and at least the severity.
class EventFilter : public QSortFilterProxyModel {
  Q_OBJECT
 public:
  using QSortFilterProxyModel::QSortFilterProxyModel;

  void set_text(const QString& text);  // anywhere in text or family, upper and lower case alike
  void set_category(std::optional<EventCategory> category);  // nothing: all
  void set_least_severity(Severity severity);

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

 private:
  QString text_;
  std::optional<EventCategory> category_;
  Severity least_ = Severity::info;
};

}  // namespace nodetune
