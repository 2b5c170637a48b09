// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/settings.h"

#include <QDir>
#include <algorithm>

#include "engine/node/remote_address.h"
#include "ui/bridge/node_session.h"

namespace nodetune {
namespace {

const QString kRecent = QStringLiteral("recent_directories");
const QString kTheme = QStringLiteral("window/theme");
const QString kUtc = QStringLiteral("window/utc");
const QString kSpan = QStringLiteral("window/span_us");
const QString kPage = QStringLiteral("window/page");
const QString kReportFolder = QStringLiteral("report/folder");
const QString kMetrics = QStringLiteral("metrics/addresses");
const QString kGeometry = QStringLiteral("window/geometry");

}  // namespace

Settings::Settings()
    : store_(std::make_unique<QSettings>(QSettings::IniFormat, QSettings::UserScope,
                                         QStringLiteral("nodetune"), QStringLiteral("nodetune"))) {
  choose_schema();
}

Settings::Settings(const QString& ini_file)
    : store_(std::make_unique<QSettings>(ini_file, QSettings::IniFormat)) {
  choose_schema();
}

void Settings::choose_schema() {
  // A newer version keeps its values in a group of its own, untouched.
  store_->beginGroup(QStringLiteral("v%1").arg(kSchemaVersion));
}

QStringList Settings::recent() const {
  return store_->value(kRecent).toStringList();
}

void Settings::add_recent(const QString& path) {
  const QString clean = is_ssh_url(path.toStdString()) ? path : QDir::cleanPath(path);
  QStringList list = recent();
  list.removeAll(clean);
  list.prepend(clean);
  while (list.size() > kRecentMax) list.removeLast();
  store_->setValue(kRecent, list);
}

void Settings::remove_recent(const QString& path) {
  QStringList list = recent();
  list.removeAll(path);
  store_->setValue(kRecent, list);
}

void Settings::clear_recent() {
  store_->remove(kRecent);
}

ThemeMode Settings::theme_mode() const {
  const QString name = store_->value(kTheme).toString();
  if (name == QLatin1String("light")) return ThemeMode::light;
  if (name == QLatin1String("dark")) return ThemeMode::dark;
  return ThemeMode::follow_desktop;
}

void Settings::set_theme_mode(ThemeMode mode) {
  switch (mode) {
    case ThemeMode::follow_desktop:
      store_->remove(kTheme);
      break;
    case ThemeMode::light:
      store_->setValue(kTheme, QStringLiteral("light"));
      break;
    case ThemeMode::dark:
      store_->setValue(kTheme, QStringLiteral("dark"));
      break;
  }
}

bool Settings::utc() const {
  return store_->value(kUtc, false).toBool();
}
void Settings::set_utc(bool utc) {
  store_->setValue(kUtc, utc);
}

qint64 Settings::span_us() const {
  const qint64 stored = store_->value(kSpan).toLongLong();
  const auto& spans = chart_spans();
  const bool known = std::any_of(spans.begin(), spans.end(), [stored](const ChartSpan& span) {
    return span.span_us == stored;
  });
  return known ? stored : spans.front().span_us;
}

void Settings::set_span_us(qint64 span_us) {
  store_->setValue(kSpan, span_us);
}

QString Settings::page() const {
  return store_->value(kPage).toString();
}
void Settings::set_page(const QString& name) {
  store_->setValue(kPage, name);
}
QString Settings::report_folder() const {
  return store_->value(kReportFolder).toString();
}
void Settings::set_report_folder(const QString& path) {
  store_->setValue(kReportFolder, path);
}
QString Settings::metrics_address(const QString& directory) const {
  return store_->value(kMetrics).toMap().value(QDir::cleanPath(directory)).toString();
}

void Settings::set_metrics_address(const QString& directory, const QString& address) {
  auto all = store_->value(kMetrics).toMap();
  all.remove(QDir::cleanPath(directory));
  while (all.size() >= kMetricsMax) all.erase(all.begin());
  if (!address.isEmpty()) all.insert(QDir::cleanPath(directory), address);
  store_->setValue(kMetrics, all);
}

QByteArray Settings::geometry() const {
  return store_->value(kGeometry).toByteArray();
}
void Settings::set_geometry(const QByteArray& geometry) {
  store_->setValue(kGeometry, geometry);
}

}  // namespace nodetune
