// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/page_list.h"

#include "ui/pages/batches_page.h"
#include "ui/pages/caches_page.h"
#include "ui/pages/database_page.h"
#include "ui/pages/events_page.h"
#include "ui/pages/overview_page.h"
#include "ui/pages/tuning_page.h"

namespace nodetune {
namespace {

template <typename PageType>
Page* make(NodeSession& session, Theme& theme, QWidget* parent) {
  return new PageType(session, theme, parent);
}

}  // namespace

const std::vector<PageEntry>& page_list() {
  static const std::vector<PageEntry> list = {
      {QStringLiteral("overview"), QObject::tr("Overview"), make<OverviewPage>},
      {QStringLiteral("caches"), QObject::tr("Caches"), make<CachesPage>},
      {QStringLiteral("batches"), QObject::tr("Batches"), make<BatchesPage>},
      {QStringLiteral("database"), QObject::tr("Database"), make<DatabasePage>},
      {QStringLiteral("tuning"), QObject::tr("Tuning"), make<TuningPage>},
      {QStringLiteral("events"), QObject::tr("Events"), make<EventsPage>},
  };
  return list;
}

}  // namespace nodetune
