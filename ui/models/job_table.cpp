// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/models/job_table.h"

#include <algorithm>
#include <cmath>

#include "ui/bridge/text.h"

namespace nodetune {
namespace {

double figure(const std::optional<std::int64_t>& value) {
  return value ? static_cast<double>(*value) : kMissing;
}

QString level_text(const std::optional<int>& level) {
  return level ? QStringLiteral("L%1").arg(*level) : QStringLiteral("?");
}

Cell bytes_cell(const std::optional<std::int64_t>& bytes, const QString& why_missing) {
  return figure_cell(figure(bytes), bytes_text(figure(bytes)), why_missing);
}

Cell begin_cell(const StorageJob& job, const JobTimes& times) {
  Cell cell;
  cell.text = times.with_date
                  ? to_qt(job.begin, times.utc).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz"))
                  : clock_text(job.begin, times.utc);
  cell.sort = static_cast<qlonglong>(job.begin.time_since_epoch().count());
  cell.tip = date_text(job.begin, times.utc);
  return cell;
}

Cell took_cell(const StorageJob& job, const JobTimes& times) {
  Cell cell;
  cell.text = job_took(job, times.now);
  cell.sort = job_seconds(job, times.now);
  return cell;
}

Cell rate_cell(const StorageJob& job, const QString& runs) {
  const double seconds = job.end ? to_seconds(*job.end - job.begin) : kMissing;
  const double rate = seconds > 0 ? figure(job.output_bytes) / seconds : kMissing;
  return figure_cell(rate, bytes_text(rate) + QStringLiteral("/s"),
                     job.end ? QObject::tr("Its length or its bytes are not known.") : runs);
}

void add_known(double& sum, const std::optional<std::int64_t>& value) {
  if (value) sum = (std::isnan(sum) ? 0 : sum) + static_cast<double>(*value);
}

}  // namespace

QString job_kind(const StorageJob& job) {
  switch (job.kind) {
    case StorageJob::Kind::flush:
      return QObject::tr("Flush");
    case StorageJob::Kind::compaction:
      return QObject::tr("Compaction");
  }
  return {};
}

QString job_levels(const StorageJob& job) {
  const QString to = level_text(job.output_level);
  return job.kind == StorageJob::Kind::flush ? QObject::tr("Flush → %1").arg(to)
                                             : level_text(job.input_level) + " → " + to;
}

double job_seconds(const StorageJob& job, TimePoint now) {
  return std::max(0.0, to_seconds(job.end.value_or(now) - job.begin));
}

QString job_took(const StorageJob& job, TimePoint now) {
  const QString seconds = seconds_text(job_seconds(job, now));
  return job.end ? seconds : QObject::tr("runs for %1").arg(seconds);
}

QString job_bytes(const StorageJob& job) {
  return bytes_text(figure(job.input_bytes)) + QStringLiteral(" → ") +
         bytes_text(figure(job.output_bytes));
}

QString job_key(const StorageJob& job) {
  return QString::number(job.sequence);
}

std::vector<CellColumn> job_columns() {
  return {{QObject::tr("Begin")},
          {QObject::tr("Took"), true},
          {QObject::tr("What")},
          {QObject::tr("Family")},
          {QObject::tr("Levels")},
          {QObject::tr("In"), true, QObject::tr("Memtables, or files that were read")},
          {QObject::tr("Out"), true, QObject::tr("Files that were written")},
          {QObject::tr("Out per second"), true, QObject::tr("Derived: out ÷ took")},
          {QObject::tr("Reason"), false, QObject::tr("As RocksDB names it")}};
}

std::vector<CellRow> job_rows(const std::vector<StorageJob>& jobs, const JobTimes& times) {
  const QString untold = QObject::tr("The LOG does not tell: it begins in the middle of this job.");
  const QString runs = QObject::tr("It runs: this is told at its end.");
  std::vector<CellRow> rows;
  rows.reserve(jobs.size());
  for (const auto& job : jobs) {
    CellRow row;
    row.key = job_key(job);
    row.cells = {begin_cell(job, times),
                 took_cell(job, times),
                 text_cell(job_kind(job)),
                 text_cell(to_qt(job.family)),
                 text_cell(job_levels(job)),
                 bytes_cell(job.input_bytes, job.end ? untold : runs),
                 bytes_cell(job.output_bytes, job.end ? untold : runs),
                 rate_cell(job, runs),
                 text_cell(to_qt(job.reason))};
    rows.push_back(std::move(row));
  }
  return rows;
}

JobSummary summarise_jobs(const std::vector<StorageJob>& jobs, TimePoint begin, TimePoint end) {
  JobSummary sum;
  Duration busy{};
  TimePoint covered = begin;  // busy time up to here is counted
  for (const auto& job : jobs) {
    ++(job.kind == StorageJob::Kind::flush ? sum.flushes : sum.compactions);
    if (!job.end) ++sum.running;
    add_known(sum.input_bytes, job.input_bytes);
    add_known(sum.output_bytes, job.output_bytes);
    const auto from = std::max(job.begin, covered);
    const auto to = std::min(job.end.value_or(end), end);
    if (to > from) {
      busy += to - from;
      covered = to;
    }
    if (!sum.longest || job_seconds(job, end) > job_seconds(*sum.longest, end)) sum.longest = job;
  }
  if (end > begin) sum.busy_share = to_seconds(busy) / to_seconds(end - begin);
  return sum;
}

}  // namespace nodetune
