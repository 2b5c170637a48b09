// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/icons.h"

#include <QFile>
#include <QPixmap>

// Outside of any namespace, as Qt asks: a static library's resources are not found by themselves.
static void load_resources() {
  Q_INIT_RESOURCE(nodetune);
}

namespace nodetune {

QIcon icon(const QString& name, const QColor& colour) {
  load_resources();
  QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
  if (!file.open(QIODevice::ReadOnly)) return {};
  QByteArray picture = file.readAll();
  picture.replace("currentColor", colour.name().toLatin1());
  QIcon result;
  for (const int scale : {1, 2, 3}) {
    const auto size = QByteArray::number(24 * scale);
    QByteArray scaled = picture;
    scaled.replace("width=\"24\"", "width=\"" + size + "\"");
    scaled.replace("height=\"24\"", "height=\"" + size + "\"");
    QPixmap pixmap;
    if (pixmap.loadFromData(scaled, "SVG")) result.addPixmap(pixmap);
  }
  return result;
}

QIcon application_icon() {
  load_resources();
  return QIcon(QStringLiteral(":/icons/org.nodetune.NodeTune.svg"));
}

}  // namespace nodetune
