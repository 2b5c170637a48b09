// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/machine_charts.h"

#include <QObject>
#include <cmath>
#include <utility>

#include "ui/bridge/text.h"

namespace nodetune {
namespace {

constexpr double kDaySeconds = 86'400;
constexpr double kYearsShown = 10;
constexpr double kOpenFilesHigh = 0.8;  // of the limit
constexpr double kOpenFilesBad = 0.95;

MachineChart process_chart() {
  MachineChart chart;
  chart.title = QObject::tr("The node's process");
  chart.unit = ChartUnit::count;
  chart.right = ChartUnit::bytes;
  chart.specs = {{QObject::tr("Cores in use"), 0},
                 {QObject::tr("Resident"), 3, SeriesStyle::line, ChartAxis::right}};
  chart.sources = {SeriesSource::of(Metric::process_cpu_seconds_total),
                   SeriesSource::of(Metric::process_resident_bytes)};
  chart.unavailable = QObject::tr(
      "Not known: nobody holds the database, or the holder cannot be "
      "seen from here.");
  return chart;
}

MachineChart pressure_chart() {
  MachineChart chart;
  chart.title = QObject::tr("Waited for");
  chart.note = QObject::tr("share of 10 s, whole machine");
  chart.unit = ChartUnit::ratio;
  chart.specs = {{QObject::tr("Disk"), 1},
                 {QObject::tr("Disk, by all"), 4},
                 {QObject::tr("Memory"), 3},
                 {QObject::tr("CPU"), 0}};
  chart.sources = {SeriesSource::of(Metric::pressure_disk_some_ratio),
                   SeriesSource::of(Metric::pressure_disk_full_ratio),
                   SeriesSource::of(Metric::pressure_memory_some_ratio),
                   SeriesSource::of(Metric::pressure_cpu_some_ratio)};
  chart.unavailable =
      QObject::tr("Not known: this kernel has no pressure stall information (psi=1).");
  return chart;
}

MachineChart disk_chart() {
  MachineChart chart;
  chart.title = QObject::tr("Disk queue");
  chart.note = QObject::tr("by everybody");
  chart.unit = ChartUnit::count;
  chart.right = ChartUnit::ratio;
  chart.right_is_ratio = true;
  chart.specs = {{QObject::tr("Requests"), 1},
                 {QObject::tr("Busy"), 0, SeriesStyle::line, ChartAxis::right}};
  chart.sources = {SeriesSource::of(Metric::disk_queue_length),
                   SeriesSource::of(Metric::disk_utilisation_ratio)};
  chart.unavailable = QObject::tr("Not known: the kernel has no statistics of this disk.");
  return chart;
}

}  // namespace

std::vector<MachineChart> machine_charts() {
  return {process_chart(), pressure_chart(), disk_chart()};
}

FigureTile open_files_tile(const Snapshot& snapshot) {
  const double files = snapshot.value(Metric::process_open_files);
  const double limit = snapshot.value(Metric::process_open_files_limit);
  const double ratio = files / limit;
  FigureTile tile;
  tile.name = QObject::tr("Open files");
  tile.value = count_text(files);
  tile.note =
      std::isfinite(limit) ? QObject::tr("of %1").arg(count_text(limit)) : QObject::tr("not known");
  tile.tip = QObject::tr("Of the process that holds the database, against its own limit");
  if (ratio > kOpenFilesHigh) tile.tone = ratio > kOpenFilesBad ? Tone::bad : Tone::warn;
  return tile;
}

QString full_text(const Snapshot& snapshot) {
  const double seconds = snapshot.value(Metric::disk_seconds_until_full);
  if (std::isnan(seconds)) return {};
  const double days = seconds / kDaySeconds;
  if (days > 365 * kYearsShown) return QObject::tr("lasts more than %1 years").arg(kYearsShown);
  if (days < 2) return QObject::tr("full in %1 h").arg(std::floor(days * 24));
  return QObject::tr("full in %1 days").arg(std::floor(days));
}

QString growth_text(const Snapshot& snapshot) {
  const double growth = snapshot.value(Metric::disk_growth_bytes_per_second);
  if (std::isnan(growth)) return {};
  const QString amount = bytes_text(std::fabs(growth) * kDaySeconds);
  return growth < 0 ? QObject::tr("%1 less a day").arg(amount)
                    : QObject::tr("%1 more a day").arg(amount);
}

}  // namespace nodetune
