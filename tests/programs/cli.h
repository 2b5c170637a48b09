// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <QByteArray>
#include <QCryptographicHash>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QProcess>
#include <QStringList>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

// Running nodetune-cli, and seeing whether it changed a directory.
namespace cli {

inline constexpr int kPatienceMs = 120'000;  // then a program hangs: a failure, never a wait

struct Outcome {
  bool crashed = false;  // by a signal, or it had to be killed
  int exit_code = -1;
  QByteArray out;
  QByteArray errors;

  QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
  // What a failing test should print.
  QByteArray story() const {
    return QByteArray("exit code ") + QByteArray::number(exit_code) + (crashed ? ", crashed" : "") +
           "\nstandard error: " + errors + "\nstandard output: " + out.left(2'000);
  }
  // One line that says it all, and nothing beside it.
  bool fails_with_one_sentence() const {
    return !crashed && exit_code == 1 && out.isEmpty() && errors.startsWith("nodetune-cli: ") &&
           errors.count('\n') == 1 && errors.endsWith('\n') && errors.size() > 30;
  }
};

inline Outcome finish(QProcess& process) {
  Outcome outcome;
  if (!process.waitForFinished(kPatienceMs)) {
    process.kill();
    process.waitForFinished();
    outcome.errors = "(hung, and was killed) ";
  }
  outcome.crashed = process.exitStatus() != QProcess::NormalExit;
  outcome.exit_code = process.exitCode();
  outcome.out = process.readAllStandardOutput();
  outcome.errors += process.readAllStandardError();
  return outcome;
}

inline Outcome run_program(const QString& program, const QStringList& arguments) {
  QProcess process;
  process.start(program, arguments);
  return finish(process);
}

inline Outcome run(const QStringList& arguments) {
  return run_program(NODETUNE_CLI, arguments);
}

// A program that runs until it is told to end; killed with this object.
class Running {
 public:
  explicit Running(const QStringList& arguments) { process_.start(NODETUNE_CLI, arguments); }
  ~Running() {
    process_.kill();
    process_.waitForFinished();
  }
  // A line of output that contains the word; false when the program ended or said nothing.
  bool wait_for(const QByteArray& word) {
    QElapsedTimer timer;
    timer.start();
    while (!out_.contains(word) && timer.elapsed() < kPatienceMs) {
      if (process_.state() == QProcess::NotRunning) break;
      process_.waitForReadyRead(100);
      out_ += process_.readAllStandardOutput();
    }
    return out_.contains(word);
  }
  qint64 pid() const { return process_.processId(); }
  void signal(int number) { ::kill(static_cast<pid_t>(pid()), number); }
  Outcome finish() {
    auto outcome = cli::finish(process_);
    outcome.out = out_ + outcome.out;
    return outcome;
  }

 private:
  QProcess process_;
  QByteArray out_;
};

// The number in the last `--progress` line.
inline quint64 committed_blocks(const QByteArray& progress) {
  quint64 committed = 0;
  for (const auto& line : progress.split('\n')) {
    const auto blocks = QJsonDocument::fromJson(line).object().value("committed_blocks");
    if (blocks.isDouble()) committed = static_cast<quint64>(blocks.toDouble());
  }
  return committed;
}

// Everything that changing a directory would change: name -> kind, permissions, size, times of
// change, content.
using Fingerprint = QMap<QByteArray, QByteArray>;

inline QByteArray entry_fingerprint(const std::filesystem::path& path) {
  struct stat found = {};
  if (::lstat(path.c_str(), &found) != 0) return QByteArray("not there: ") + std::strerror(errno);
  const auto time = [](const timespec& at) {
    return QByteArray::number(qint64{at.tv_sec}) + '.' + QByteArray::number(qint64{at.tv_nsec});
  };
  auto text = "mode " + QByteArray::number(found.st_mode, 8) + " owner " +
              QByteArray::number(found.st_uid) + " size " +
              QByteArray::number(qint64{found.st_size}) + " changed " + time(found.st_mtim) + ' ' +
              time(found.st_ctim);
  if (S_ISREG(found.st_mode)) {
    QFile file(QFile::decodeName(path.c_str()));
    QCryptographicHash hash(QCryptographicHash::Sha1);
    if (file.open(QIODevice::ReadOnly) && hash.addData(&file)) text += ' ' + hash.result().toHex();
  }
  return text;
}

inline Fingerprint fingerprint(const QString& directory) {
  namespace fs = std::filesystem;
  const fs::path root(QFile::encodeName(directory).toStdString());
  Fingerprint found;
  found.insert(".", entry_fingerprint(root));
  std::error_code error;
  for (fs::recursive_directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto name = entry->path().lexically_relative(root).string();
    found.insert(QByteArray::fromStdString(name), entry_fingerprint(entry->path()));
  }
  return found;
}

// Empty when nothing changed, else what did.
inline QByteArray difference(const Fingerprint& before, const Fingerprint& after) {
  QByteArray text;
  for (auto entry = before.begin(); entry != before.end(); ++entry) {
    const auto now = after.value(entry.key(), "gone");
    if (now != entry.value())
      text += entry.key() + "\n  was " + entry.value() + "\n  is  " + now + '\n';
  }
  for (auto entry = after.begin(); entry != after.end(); ++entry) {
    if (!before.contains(entry.key())) text += entry.key() + "\n  is new: " + entry.value() + '\n';
  }
  return text;
}

// With permissions to write, whatever those of the source are. False: it could not be copied.
inline bool copy_directory(const QString& from, const QString& to) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path target(to.toStdString());
  fs::copy(from.toStdString(), target, fs::copy_options::recursive, error);
  if (error) return false;
  fs::permissions(target, fs::perms::owner_all, fs::perm_options::add, error);
  for (const auto& entry : fs::recursive_directory_iterator(target)) {
    const auto wanted = entry.is_directory() ? fs::perms::owner_all
                                             : fs::perms::owner_read | fs::perms::owner_write;
    fs::permissions(entry.path(), wanted, fs::perm_options::add, error);
    if (error) return false;
  }
  return true;
}

// A managed directory with so many blocks of the synthetic chain in it.
inline Outcome make_managed(const QString& path, int blocks = 4) {
  return run({"run", path, "--synthetic", "--blocks", QString::number(blocks)});
}

inline bool is_root() {
  return ::geteuid() == 0;
}

}  // namespace cli
