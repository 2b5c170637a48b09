// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QByteArray>
#include <QSettings>
#include <QString>
#include <QStringList>
#include <memory>

#include "ui/shell/theme.h"

namespace nodetune {

// What the window remembers between two starts: the one place that knows its keys.
//
// Invariant: values out of range are read as their defaults.
// Thread: GUI.
class Settings {
 public:
  static constexpr int kSchemaVersion = 1;
  static constexpr int kRecentMax = 10;
  static constexpr int kMetricsMax = 50;

  Settings();                                  // the user's
  explicit Settings(const QString& ini_file);  // for tests

  QStringList recent() const;  // directories, the newest first
  void add_recent(const QString& path);
  void remove_recent(const QString& path);
  void clear_recent();

  ThemeMode theme_mode() const;
  void set_theme_mode(ThemeMode mode);
  bool utc() const;
  void set_utc(bool utc);
  qint64 span_us() const;
  void set_span_us(qint64 span_us);
  QString page() const;  // the one shown last
  void set_page(const QString& name);
  QString report_folder() const;  // where the last report went; empty: none yet
  void set_report_folder(const QString& path);
  // Where the node of a directory serves its own metrics; empty: to be looked for.
  QString metrics_address(const QString& directory) const;
  void set_metrics_address(const QString& directory, const QString& address);
  QByteArray geometry() const;
  void set_geometry(const QByteArray& geometry);

 private:
  void choose_schema();

  std::unique_ptr<QSettings> store_;
};

}  // namespace nodetune
