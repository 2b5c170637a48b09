// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <QCryptographicHash>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <map>
#include <string>
#include <tuple>

#include "engine/files/file_reader.h"

// What the tests of observing share: copies of real directories, and proof that nothing in one
// was touched.
namespace nodetune::testing {

// Access times lie a day before the copy's: so a reader that does not spare them would show even
// where the mount updates them seldom.
inline void copy_directory(const QString& from, const QString& to) {
  QDir().mkpath(to);
  QDirIterator walk(from, QDir::Files | QDir::Dirs | QDir::NoDotAndDotDot | QDir::Hidden,
                    QDirIterator::Subdirectories);
  const QDir source(from);
  while (walk.hasNext()) {
    const QString path = walk.next();
    const QString target = to + "/" + source.relativeFilePath(path);
    if (walk.fileInfo().isDir()) {
      QDir().mkpath(target);
      continue;
    }
    QDir().mkpath(QFileInfo(target).path());
    if (!QFile::copy(path, target)) qFatal("cannot copy %s", qPrintable(path));
    QFile::setPermissions(
        target, QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup | QFile::ReadOther);
  }
  QDirIterator again(to, QDir::Files | QDir::Dirs | QDir::NoDotAndDotDot | QDir::Hidden,
                     QDirIterator::Subdirectories);
  while (again.hasNext()) {
    const auto path = again.next().toStdString();
    struct stat now {};
    if (::stat(path.c_str(), &now) != 0) continue;
    const struct timespec times[2] = {{now.st_mtim.tv_sec - 86'400, 0}, now.st_mtim};
    ::utimensat(AT_FDCWD, path.c_str(), times, 0);
  }
}

struct FileMark {
  std::int64_t bytes = 0;
  std::uint64_t inode = 0;
  mode_t mode = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;
  std::int64_t accessed_ns = 0;
  std::string hash;

  bool operator==(const FileMark&) const = default;
};

// Everything below `path` and itself: names, sizes, times, bytes.
inline std::map<std::string, FileMark> marks_of(const QString& path) {
  std::map<std::string, FileMark> marks;
  const auto add = [&marks](const std::string& name) {
    struct stat now {};
    if (::lstat(name.c_str(), &now) != 0) return;
    const auto ns = [](const struct timespec& time) {
      return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
    };
    FileMark mark{now.st_size,     now.st_ino,      now.st_mode, ns(now.st_mtim),
                  ns(now.st_ctim), ns(now.st_atim), {}};
    if (S_ISDIR(now.st_mode)) {
      mark.accessed_ns = 0;  // listing it here reads it
    } else if (const auto bytes = read_whole_file(name, 1 << 30)) {
      mark.hash = QCryptographicHash::hash(
                      QByteArrayView(bytes->data(), static_cast<qsizetype>(bytes->size())),
                      QCryptographicHash::Sha1)
                      .toStdString();
    }
    marks.emplace(name, std::move(mark));
  };
  add(path.toStdString());
  QDirIterator walk(path, QDir::AllEntries | QDir::NoDotAndDotDot | QDir::Hidden | QDir::System,
                    QDirIterator::Subdirectories);
  while (walk.hasNext()) add(walk.next().toStdString());
  return marks;
}

// Empty when they are the same; else the first difference.
inline std::string difference(const std::map<std::string, FileMark>& before,
                              const std::map<std::string, FileMark>& after) {
  for (const auto& [name, mark] : before) {
    const auto found = after.find(name);
    if (found == after.end()) return name + " is gone";
    if (found->second.hash != mark.hash) return name + " has other bytes";
    if (found->second.accessed_ns != mark.accessed_ns) return name + " has another access time";
    if (!(found->second == mark)) return name + " has other times, size or mode";
  }
  for (const auto& [name, mark] : after) {
    if (!before.contains(name)) return name + " is new";
  }
  return {};
}

}  // namespace nodetune::testing
