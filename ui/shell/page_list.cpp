// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/page_list.h"

#include <utility>

#include "ui/pages/batches_page.h"
#include "ui/pages/caches_page.h"
#include "ui/pages/database_page.h"
#include "ui/pages/events_page.h"
#include "ui/pages/memory_page.h"
#include "ui/pages/overview_page.h"
#include "ui/pages/tuning_page.h"

namespace nodetune {
namespace {

template <typename PageType>
Page* make(NodeSession& session, Theme& theme, QWidget* parent) {
  return new PageType(session, theme, parent);
}

std::vector<PageEntry> make_list(PageEntry memory) {
  return {
      {QStringLiteral("overview"), QObject::tr("Overview"), make<OverviewPage>},
      std::move(memory),
      {QStringLiteral("batches"), QObject::tr("Batches"), make<BatchesPage>},
      {QStringLiteral("database"), QObject::tr("Database"), make<DatabasePage>},
      {QStringLiteral("tuning"), QObject::tr("Tuning"), make<TuningPage>},
      {QStringLiteral("events"), QObject::tr("Events"), make<EventsPage>},
  };
}

const QString& caches_name() {
  static const QString name = QStringLiteral("caches");
  return name;
}
const QString& memory_name() {
  static const QString name = QStringLiteral("memory");
  return name;
}

}  // namespace

const std::vector<PageEntry>& page_list(OpenWay way) {
  static const auto managed = make_list({caches_name(), QObject::tr("Caches"), make<CachesPage>});
  static const auto foreign = make_list({memory_name(), QObject::tr("Memory"), make<MemoryPage>});
  return way == OpenWay::managed ? managed : foreign;
}

QStringList page_names() {
  QStringList names;
  for (const auto& entry : page_list(OpenWay::managed)) {
    names << entry.name;
    if (entry.name == caches_name()) names << memory_name();
  }
  return names;
}

// A managed node's memory is a tab of its caches.
QString page_in(const QString& place, OpenWay way) {
  const QString name = place.section('/', 0, 0);
  if (way == OpenWay::managed && name == memory_name()) return QStringLiteral("caches/memory");
  return way != OpenWay::managed && name == caches_name() ? memory_name() : place;
}

}  // namespace nodetune
