// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// A directory that is observed stays as its writer left it, whatever the writer does meanwhile and
// whatever lies there.
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QtTest>
#include <random>
#include <thread>

#include "engine/node/observed_node.h"
#include "tests/engine/files/test_files.h"
#include "tests/engine/node/observed_world.h"
#include "tests/engine/observe/directory_copy.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

// What the kernel tells of a directory, but for opening and reading; the same thing twice in a row
// is told once. Closes after writing are counted apart: who looks at /proc/PID/fd in this moment
// holds the file, too, and the kernel tells of its close a little later.
class Watch {
 public:
  explicit Watch(const QString& directory)
      : descriptor_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    valid_ = ::inotify_add_watch(descriptor_, directory.toUtf8().constData(),
                                 IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVE | IN_CREATE |
                                     IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF) >= 0;
  }
  ~Watch() { ::close(descriptor_); }
  bool valid() const { return valid_; }
  const std::vector<std::string>& read() {
    alignas(inotify_event) char buffer[64 * 1024];
    for (auto got = ::read(descriptor_, buffer, sizeof buffer); got > 0;
         got = ::read(descriptor_, buffer, sizeof buffer)) {
      for (char* at = buffer; at < buffer + got;) {
        const auto* event = reinterpret_cast<const inotify_event*>(at);
        if (event->mask == IN_CLOSE_WRITE) {
          ++closes_;
        } else {
          add(told_, event->mask, event->len > 0 ? event->name : "");
        }
        at += sizeof(inotify_event) + event->len;
      }
    }
    return told_;
  }
  int closes() const { return closes_; }
  static void add(std::vector<std::string>& told, std::uint32_t mask, const std::string& name) {
    auto text = std::to_string(mask) + " " + name;
    if (told.empty() || told.back() != text) told.push_back(std::move(text));
  }

 private:
  int descriptor_;
  bool valid_ = false;
  int closes_ = 0;
  std::vector<std::string> told_;
};

// Does to a directory what a node does, and notes what the kernel must tell of it.
class Writer {
 public:
  explicit Writer(QString directory) : directory_(std::move(directory)) {}

  void append(const std::string& name, std::string_view text) {
    const bool is_new = ::access(path(name).c_str(), F_OK) != 0;
    QFile file(QString::fromStdString(path(name)));
    if (!file.open(QIODevice::Append | QIODevice::Unbuffered)) qFatal("cannot append");
    file.write(text.data(), static_cast<qint64>(text.size()));
    file.close();
    if (is_new) note(IN_CREATE, name);
    note(IN_MODIFY, name);
    ++closes_;
    if (is_new) remember(name);
  }
  void rename(const std::string& from, const std::string& to) {
    if (::rename(path(from).c_str(), path(to).c_str()) != 0) qFatal("cannot rename");
    note(IN_MOVED_FROM, from);
    note(IN_MOVED_TO, to);
  }
  void remove(const std::string& name) {
    if (::unlink(path(name).c_str()) != 0) qFatal("cannot remove");
    note(IN_DELETE, name);
  }
  const std::vector<std::string>& expected() const { return expected_; }
  int closes() const { return closes_; }

  // Of the files that it made: those whose access time is no longer what it was.
  std::vector<std::string> accessed() const {
    std::vector<std::string> names;
    const QDir directory(directory_);
    for (const auto& name : directory.entryList(QDir::Files | QDir::Hidden)) {
      struct stat now {};
      if (::stat(path(name.toStdString()).c_str(), &now) != 0) continue;
      const auto made = access_times_.find(now.st_ino);
      if (made != access_times_.end() && made->second != now.st_atim.tv_sec) {
        names.push_back(name.toStdString());
      }
    }
    return names;
  }

 private:
  std::string path(const std::string& name) const {
    return (directory_ + "/").toStdString() + name;
  }
  void note(std::uint32_t mask, const std::string& name) { Watch::add(expected_, mask, name); }
  // A day old (which the kernel tells as an access, not watched for), so that a reader that does
  // not spare it shows even where it is updated seldom.
  void remember(const std::string& name) {
    struct stat now {};
    if (::stat(path(name).c_str(), &now) != 0) return;
    const struct timespec times[2] = {{now.st_mtim.tv_sec - 86'400, 0}, {0, UTIME_OMIT}};
    ::utimensat(AT_FDCWD, path(name).c_str(), times, 0);
    access_times_[now.st_ino] = times[0].tv_sec;
  }

  const QString directory_;
  std::vector<std::string> expected_;
  int closes_ = 0;
  std::map<ino_t, time_t> access_times_;
};

std::string stall_line(int number) {
  return QString(
             "2024/05/01-12:%1:%2.000000 7f00 [WARN] [db/column_family.cc:900] [default] "
             "Stopping writes because we have 2 immutable memtables (waiting for flush), "
             "max_write_buffer_number is set to 2\n")
      .arg(number / 60 % 60, 2, 10, QChar('0'))
      .arg(number % 60, 2, 10, QChar('0'))
      .toStdString();
}

}  // namespace

class ObservedUntouchedTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() {
    QVERIFY(state_.isValid());
    qputenv("XDG_STATE_HOME", state_.path().toUtf8());
  }

  void a_writer_that_rolls_and_deletes_is_alone_with_its_directory() {
    NEEDS_DATA();
    QTemporaryDir root;
    const auto path = root.path() + "/database";
    copy_directory(data_root() + "/rocksdb-dirs/besu-ehr-single/database", path);
    QDir directory(path);
    for (const auto& name : directory.entryList({"LOG*"}, QDir::Files)) directory.remove(name);
    auto before = marks_of(path);
    Watch watch(path);
    QVERIFY(watch.valid());
    Writer writer(path);
    int stalls = 0;
    const auto stall = [&] { writer.append("LOG", stall_line(stalls++)); };
    stall();

    auto opened = open_observed(path.toStdString(), "it belongs to its node", fast_clock());
    QVERIFY2(opened.is_ok(), opened.status().message().c_str());
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    std::uint64_t number = 1'729'300'000'000'000;
    for (int step = 0; step < 200; ++step) {
      stall();
      switch (random() % 4) {
        case 0:  // two at once: the one between is never LOG when we look
          for (int i = 0; i < 2; ++i) {
            writer.rename("LOG", "LOG.old." + std::to_string(++number));
            stall();
          }
          break;
        case 1:
          writer.append(std::to_string(100'000 + step) + ".sst", "half a table");
          break;
        case 2: {
          const auto tables = directory.entryList({"1?????.sst"}, QDir::Files);
          if (!tables.isEmpty()) writer.remove(tables.front().toStdString());
          break;
        }
        case 3:
          break;
      }
      watch.read();
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % 15));
    }
    const auto counted = [&] {
      return (*opened)->snapshot()->value(Metric::db_stalls_memtable_stop_total);
    };
    QTRY_VERIFY2_WITH_TIMEOUT(counted() == stalls,
                              qPrintable(QString("%1 of %2").arg(counted()).arg(stalls)),
                              kWaitMilliseconds);
    QVERIFY((*opened)->close().is_ok());
    const auto& told = watch.read();
    for (std::size_t i = 0; i < std::min(told.size(), writer.expected().size()); ++i) {
      QVERIFY2(told[i] == writer.expected()[i],
               (told[i] + " instead of " + writer.expected()[i]).c_str());
    }
    QCOMPARE(told.size(), writer.expected().size());
    QVERIFY(watch.closes() <= writer.closes());  // two in a row are told as one
    QVERIFY(writer.accessed().empty());
    // What the writer left alone is as it was, times and all; only the directory's own changed.
    auto after = marks_of(path);
    before.erase(path.toStdString());
    std::erase_if(after, [&](const auto& each) { return !before.contains(each.first); });
    QCOMPARE(difference(before, after), std::string());
  }

  void what_lies_there_instead_of_a_file_is_named_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("told");
    QTest::newRow("pipe as LOG") << "LOG"
                                 << "fifo"
                                 << "LOG: is a pipe, socket or device";
    QTest::newRow("LOG that links to itself") << "LOG"
                                              << "loop"
                                              << "LOG: is a symbolic link";
    QTest::newRow("directory as LOG") << "LOG"
                                      << "directory"
                                      << "LOG: is a directory";
    QTest::newRow("no LOG") << "LOG"
                            << "none"
                            << "There is no LOG file";
    QTest::newRow("noise as LOG") << "LOG"
                                  << "noise"
                                  << "The LOG holds no line of RocksDB";
    QTest::newRow("pipe as CURRENT") << "CURRENT"
                                     << "fifo"
                                     << "CURRENT: is a pipe";
    QTest::newRow("noise as CURRENT") << "CURRENT"
                                      << "noise"
                                      << "CURRENT: ";
    QTest::newRow("pipe as MANIFEST") << "MANIFEST-000058"
                                      << "fifo"
                                      << "MANIFEST-000058: is a pipe";
    QTest::newRow("no MANIFEST") << "MANIFEST-000058"
                                 << "none"
                                 << "MANIFEST-000058: ";
    QTest::newRow("empty MANIFEST") << "MANIFEST-000058"
                                    << "empty"
                                    << "MANIFEST-000058: holds no record";
    QTest::newRow("noise as MANIFEST") << "MANIFEST-000058"
                                       << "noise"
                                       << "the file is damaged";
    QTest::newRow("cut MANIFEST") << "MANIFEST-000058"
                                  << "cut"
                                  << "MANIFEST-000058 ends in the middle of a record";
    QTest::newRow("pipe as OPTIONS") << "OPTIONS-000060"
                                     << "fifo"
                                     << "";
    QTest::newRow("noise as OPTIONS") << "OPTIONS-000060"
                                      << "noise"
                                      << "OPTIONS-000060";
    QTest::newRow("pipe as table") << "000040.sst"
                                   << "fifo"
                                   << "";
  }
  void what_lies_there_instead_of_a_file_is_named() {
    NEEDS_DATA();
    QFETCH(QString, name);
    QFETCH(QString, kind);
    QFETCH(QString, told);
    QTemporaryDir root;
    const auto path = root.path() + "/database";
    copy_directory(data_root() + "/rocksdb-dirs/besu-ehr-single/database", path);
    QDir directory(path);
    if (name == "LOG") {
      for (const auto& old : directory.entryList({"LOG.*"}, QDir::Files)) directory.remove(old);
    }
    const auto file = directory.filePath(name);
    const auto bytes = read_bytes(file);
    QVERIFY(directory.remove(name));
    const auto seed = std::random_device{}();
    std::mt19937_64 random(seed);
    if (kind == "fifo") QCOMPARE(::mkfifo(qPrintable(file), 0600), 0);
    if (kind == "loop") QVERIFY(QFile::link(file, file));
    if (kind == "directory") QVERIFY(directory.mkdir(name));
    if (kind == "empty") write_file(file, "");
    if (kind == "cut") write_file(file, bytes.substr(0, bytes.size() - 5));
    if (kind == "noise") {
      qInfo("seed %u", seed);
      std::string noise(300'000, '\0');
      for (auto& byte : noise) byte = static_cast<char>(random());
      write_file(file, noise);
    }
    QVERIFY(QFile::link(directory.path(), directory.filePath("loop")));
    const auto opened = open_observed(path.toStdString(), "it belongs to its node", fast_clock());
    QVERIFY2(opened.is_ok(), opened.status().message().c_str());
    const auto described = (*opened)->description();
    std::string all;
    for (const auto& fact : described.facts) all += fact.name + ": " + fact.value + '\n';
    QVERIFY2(told.isEmpty() || has(all, told.toStdString()), all.c_str());
    QCOMPARE(described.client, std::string("Besu"));
  }

 private:
  QTemporaryDir state_;
};

QTEST_APPLESS_MAIN(ObservedUntouchedTest)
#include "observed_untouched_test.moc"
