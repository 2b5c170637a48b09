// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/own_use_text.h"

#include <QObject>
#include <QStringList>
#include <cmath>

#include "ui/bridge/text.h"

namespace nodetune {
namespace {

QString written_text(double writable_files) {
  if (std::isnan(writable_files)) return QObject::tr("bytes written: not known");
  if (writable_files > 0) {
    return QObject::tr("! %n file(s) open for writing", nullptr, static_cast<int>(writable_files));
  }
  return QObject::tr("bytes written 0");
}

}  // namespace

QString own_use_text(const NodeDescription& description, const Snapshot& snapshot) {
  if (description.way != OpenWay::observed) return {};
  const double read = snapshot.value(Metric::observer_read_bytes_total);
  if (std::isnan(read)) return {};
  const double locks = snapshot.value(Metric::observer_locks);
  return QStringList{QObject::tr("bytes read %1").arg(bytes_text(read)),
                     written_text(snapshot.value(Metric::observer_writable_files)),
                     std::isnan(locks) ? QObject::tr("locks: not known")
                                       : QObject::tr("locks %1").arg(count_text(locks))}
      .join(QStringLiteral(" · "));
}

QString own_use_tip() {
  return QObject::tr(
      "What NodeTune does to this directory. Bytes read are counted as its own file reader reads "
      "them, those out of the page cache too. Nothing can be written while no file below the "
      "directory is open for writing: every few seconds it looks into /proc/self/fdinfo at the "
      "files that it has open there, for how they were opened and for locks on them.");
}

}  // namespace nodetune
