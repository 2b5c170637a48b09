// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/arguments.h"

#include <QCommandLineParser>
#include <QDir>
#include <QFileInfo>
#include <algorithm>

#include "engine/base/format.h"
#include "engine/node/remote_address.h"
#include "engine/observe/metrics_fetch.h"
#include "ui/bridge/text.h"
#include "ui/shell/page_list.h"

namespace nodetune {
namespace {

constexpr int kSideMax = 16'384;  // pixels of a window's side
constexpr double kAfterMax = 24 * 3'600;

void add_options(QCommandLineParser& parser) {
  parser.setApplicationDescription(
      QObject::tr("Shows what a blockchain node's storage is doing, and tunes it.\n"
                  "A directory that is not NodeTune's own is only looked at."));
  parser.addPositionalArgument(
      "DIR",
      QObject::tr("The directory or recording to open; ssh://user@host/DIR on another machine."),
      "[DIR]");
  const auto value = [&parser](const char* name, const QString& help, const char* what) {
    parser.addOption({QString::fromLatin1(name), help, QString::fromLatin1(what)});
  };
  parser.addOption({{"h", "help"}, QObject::tr("Shows this help.")});
  parser.addOption({{"v", "version"}, QObject::tr("Shows the version.")});
  value("page",
        QObject::tr("Page to show first: %1; NAME/TAB for one of its tabs.")
            .arg(page_names().join(", ")),
        "NAME");
  value("theme", QObject::tr("light or dark; otherwise as the desktop."), "THEME");
  value("size", QObject::tr("Size of the window, such as 1100x700."), "WxH");
  value("screenshot", QObject::tr("Saves a picture of the window, then quits."), "FILE.png");
  value("after", QObject::tr("Seconds before the picture (3)."), "SECONDS");
  value("metrics",
        QObject::tr("Where the node of DIR serves metrics of its own; looked for if not given."),
        "URL");
  value("access-lists",
        QObject::tr("Test bench: replays EIP-7928 block access lists; DIR is created."), "PATH");
  parser.addOption(
      {"synthetic", QObject::tr("Test bench: an endless synthetic chain; DIR is created.")});
  value("import",
        QObject::tr("Test bench: imports an RLP block export or an era1 archive, may be given "
                    "more than once; DIR is created."),
        "FILE");
  parser.addOption({"hints", QObject::tr("Fetches what a block will read, by its access list, "
                                         "while the one before runs.")});
  value("rate", QObject::tr("Blocks a second; as fast as possible if not given."), "N");
  value("seed", QObject::tr("Same seed, same chain (1)."), "S");
  value("blocks", QObject::tr("Stops after so many blocks."), "N");
  value("prefill", QObject::tr("State stored before the first block, such as 1GiB."), "SIZE");
  value("prune-above", QObject::tr("Keeps the data set near this size."), "SIZE");
  value("stop-below-free",
        QObject::tr("Stops when less of the disk is free than this share (10%)."), "PERCENT");
}

// Collects the first thing that is wrong, so that reading options is one line each.
class Reader {
 public:
  explicit Reader(const QCommandLineParser& parser) : parser_(parser) {}

  bool has(const char* name) const { return parser_.isSet(QString::fromLatin1(name)); }
  QString text(const char* name) const { return parser_.value(QString::fromLatin1(name)); }
  QStringList texts(const char* name) const { return parser_.values(QString::fromLatin1(name)); }
  double number(const char* name, double least, double most) {
    bool ok = false;
    const double value = text(name).toDouble(&ok);
    if (!ok || !(value >= least && value <= most)) {
      fail(name, QObject::tr("a number from %1 to %2").arg(least).arg(most));
    }
    return value;
  }
  std::uint64_t whole(const char* name) {
    bool ok = false;
    const auto value = text(name).toULongLong(&ok);
    if (!ok) fail(name, QObject::tr("a whole number"));
    return value;
  }
  std::int64_t size(const char* name) {
    const auto bytes = parse_bytes(text(name).toStdString());
    if (!bytes) fail(name, QObject::tr("a size such as 64MiB"));
    return bytes ? *bytes : 0;
  }
  void fail(const char* name, const QString& wanted) {
    if (!status_.is_ok()) return;
    status_ =
        Status(StatusCode::invalid_argument, QObject::tr("--%1 %2: expected %3")
                                                 .arg(QString::fromLatin1(name), text(name), wanted)
                                                 .toStdString());
  }
  void fail(const QString& message) {
    if (status_.is_ok()) status_ = Status(StatusCode::invalid_argument, message.toStdString());
  }
  const Status& status() const { return status_; }

 private:
  const QCommandLineParser& parser_;
  Status status_;
};

void read_window(Reader& reader, Arguments& arguments) {
  if (reader.has("page")) {
    arguments.page = reader.text("page");
    const QString page = arguments.page.section('/', 0, 0);
    if (!page_names().contains(page)) reader.fail("page", page_names().join(", "));
  }
  if (reader.has("theme")) {
    const QString theme = reader.text("theme");
    if (theme == QLatin1String("light")) {
      arguments.theme = ThemeMode::light;
    } else if (theme == QLatin1String("dark")) {
      arguments.theme = ThemeMode::dark;
    } else {
      reader.fail("theme", QObject::tr("light or dark"));
    }
  }
  if (reader.has("size")) {
    const auto sides = reader.text("size").split(QLatin1Char('x'));
    const QSize size = sides.size() == 2 ? QSize(sides[0].toInt(), sides[1].toInt()) : QSize();
    if (size.isEmpty() || size.width() > kSideMax || size.height() > kSideMax) {
      reader.fail("size", QObject::tr("pixels, such as 1100x700"));
    }
    arguments.size = size;
  }
  arguments.screenshot = reader.text("screenshot");
  if (reader.has("after")) arguments.after_seconds = reader.number("after", 0, kAfterMax);
}

// Of a URL as it is meant, of a path from where one stands.
QString place_of(const QString& given, Reader& reader) {
  if (!is_ssh_url(given.toStdString())) {
    return QDir::cleanPath(QFileInfo(given).absoluteFilePath());
  }
  const auto address = parse_ssh_url(given.toStdString());
  if (!address) reader.fail(to_qt(address.status().message()));
  return address ? to_qt(address->url()) : QString();
}

// Empty: not given.
Result<std::string> read_metrics(const Reader& reader) {
  if (!reader.has("metrics")) return std::string();
  return metrics_url(reader.text("metrics").toStdString());
}

double free_ratio(Reader& reader) {
  QString text = reader.text("stop-below-free");
  if (text.endsWith(QLatin1Char('%'))) text.chop(1);
  bool ok = false;
  const double percent = text.toDouble(&ok);
  if (!ok || !(percent >= 0 && percent <= 100)) {
    reader.fail("stop-below-free", QObject::tr("a percentage such as 10%"));
  }
  return percent / 100;
}

std::optional<WorkloadSpec> read_workload(Reader& reader) {
  const bool lists = reader.has("access-lists");
  const bool synthetic = reader.has("synthetic");
  const bool import = reader.has("import");
  if (lists + synthetic + import > 1) {
    reader.fail(QObject::tr("Choose one of --access-lists, --synthetic and --import."));
  }
  for (const char* name : {"blocks", "prefill", "prune-above"}) {
    if (reader.has(name) && !synthetic) {
      reader.fail(QObject::tr("--%1 belongs to --synthetic.").arg(QString::fromLatin1(name)));
    }
  }
  for (const char* name : {"seed", "hints"}) {
    if (reader.has(name) && !synthetic && !lists) {
      reader.fail(QObject::tr("--%1 belongs to --access-lists or --synthetic.")
                      .arg(QString::fromLatin1(name)));
    }
  }
  if (!lists && !synthetic && !import) {
    for (const char* name : {"rate", "stop-below-free"}) {
      if (reader.has(name)) {
        reader.fail(QObject::tr("--%1 belongs to --access-lists, --synthetic or --import.")
                        .arg(QString::fromLatin1(name)));
      }
    }
    return std::nullopt;
  }
  WorkloadSpec spec;
  const std::uint64_t seed = reader.has("seed") ? reader.whole("seed") : 1;
  if (lists) {
    AccessListConfig config;
    config.path = QFileInfo(reader.text("access-lists")).absoluteFilePath().toStdString();
    config.seed = seed;
    config.hints = reader.has("hints");
    spec.what = config;
  } else if (import) {
    ImportConfig config;
    for (const auto& path : reader.texts("import")) {
      config.paths.push_back(QFileInfo(path).absoluteFilePath().toStdString());
    }
    spec.what = config;
  } else {
    SyntheticConfig config;
    config.seed = seed;
    config.hints = reader.has("hints");
    if (reader.has("blocks")) config.blocks = reader.whole("blocks");
    if (reader.has("prefill")) config.prefill_bytes = reader.size("prefill");
    if (reader.has("prune-above")) config.prune_above_bytes = reader.size("prune-above");
    spec.what = config;
  }
  if (reader.has("rate")) spec.blocks_per_second = reader.number("rate", 1e-6, 1e6);
  if (reader.has("stop-below-free")) spec.stop_below_free_ratio = free_ratio(reader);
  return spec;
}

}  // namespace

Result<Arguments> parse_arguments(const QStringList& given) {
  QCommandLineParser parser;
  add_options(parser);
  if (!parser.parse(given)) {
    return Status(StatusCode::invalid_argument, parser.errorText().toStdString());
  }
  Arguments arguments;
  arguments.help = parser.isSet("help");
  arguments.version = parser.isSet("version");
  if (arguments.help || arguments.version) return arguments;
  Reader reader(parser);
  read_window(reader, arguments);
  auto workload = read_workload(reader);
  const auto directories = parser.positionalArguments();
  if (directories.size() > 1) reader.fail(QObject::tr("Give one directory."));
  if (workload && directories.isEmpty()) reader.fail(QObject::tr("Say where: DIR is missing."));
  if (workload && is_ssh_url(directories.value(0).toStdString())) {
    reader.fail(QObject::tr("A workload needs a directory on this machine."));
  }
  auto metrics = read_metrics(reader);
  if (!metrics) reader.fail(to_qt(metrics.status().message()));
  if (!reader.status().is_ok()) return reader.status();
  if (!directories.isEmpty()) {
    OpenRequest request;
    request.path = place_of(directories.front(), reader);
    request.options.create_if_missing = workload.has_value();
    request.options.start_workload = workload.has_value();
    request.options.workload = std::move(workload);
    request.options.metrics_url = *std::move(metrics);
    if (!reader.status().is_ok()) return reader.status();
    arguments.open = std::move(request);
  }
  return arguments;
}

QString help_text() {
  QCommandLineParser parser;
  add_options(parser);
  // Without an application, as there may be no display, Qt does not know the program's name.
  return parser.helpText().replace(QLatin1String("<executable_name>"), QLatin1String("nodetune"));
}

}  // namespace nodetune
