// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

// What the tests of the file readers share: writing small worlds, and walking the real ones.
namespace nodetune::testing {

inline void write_file(const QString& path, std::string_view content) {
  QDir().mkpath(QFileInfo(path).path());
  QFile file(path);
  const bool opened = file.open(QIODevice::WriteOnly | QIODevice::Truncate);
  Q_ASSERT(opened);
  file.write(content.data(), static_cast<qint64>(content.size()));
}

inline std::string read_bytes(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return {};
  return file.readAll().toStdString();
}

inline QString data_root() {
  return QStringLiteral(NODETUNE_TEST_DATA);
}

// Every database directory of the real data (…/rocksdb-dirs/*/database).
inline QStringList real_directories() {
  QStringList found;
  const QDir root(data_root() + "/rocksdb-dirs");
  for (const auto& name : root.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
    found << root.filePath(name) + "/database";
  }
  return found;
}

inline QStringList real_files(const QString& below, const QStringList& patterns) {
  QStringList found;
  QDirIterator walk(data_root() + "/" + below, patterns, QDir::Files | QDir::CaseSensitive,
                    QDirIterator::Subdirectories);
  while (walk.hasNext()) found << walk.next();
  found.sort();
  return found;
}

inline std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// Flips some bytes, or cuts the end off, or both: what disks and copies do to files.
inline std::string mutate(std::string bytes, std::mt19937_64& random) {
  if (bytes.empty()) return bytes;
  if (random() % 3 == 0) bytes.resize(random() % bytes.size());
  if (bytes.empty() || random() % 4 == 0) return bytes;
  for (auto flips = 1 + random() % 8; flips > 0; --flips) {
    bytes[random() % bytes.size()] = static_cast<char>(random());
  }
  return bytes;
}

}  // namespace nodetune::testing
