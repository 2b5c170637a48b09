// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/report_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "ui/bridge/text.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kPermille = 1'000;
constexpr auto kQuarterHour = std::chrono::minutes(15);
constexpr auto kHour = std::chrono::hours(1);

QString label_of(ExportFormat format) {
  switch (format) {
    case ExportFormat::html:
      return QObject::tr("HTML: one page with charts, for any browser");
    case ExportFormat::pdf:
      return QObject::tr("PDF: the same, to print or to attach");
    case ExportFormat::csv:
      return QObject::tr("CSV: every series, for a spreadsheet");
    case ExportFormat::json:
      return QObject::tr("JSON: everything, for programs");
    case ExportFormat::markdown:
      return QObject::tr("Markdown: for an issue tracker");
  }
  return {};
}

// "*.html" and what else means the same.
QString filter_of(ExportFormat format) {
  return QStringLiteral("%1 (*%2)").arg(ending_of(format).mid(1).toUpper(), ending_of(format));
}

QString without_ending(const QString& path) {
  const auto dot = path.lastIndexOf(QLatin1Char('.'));
  return export_format_of(path) && dot > 0 ? path.left(dot) : path;
}

}  // namespace

QString report_file_name(const QString& node_path, QDate date, ExportFormat format) {
  static const QRegularExpression unusual(QStringLiteral("[^\\w.-]+"),
                                          QRegularExpression::UseUnicodePropertiesOption);
  QString name = QDir::cleanPath(node_path).section(QLatin1Char('/'), -1);
  name.replace(unusual, QStringLiteral("-"));
  while (name.startsWith(QLatin1Char('.')) || name.startsWith(QLatin1Char('-'))) name.remove(0, 1);
  if (name.isEmpty()) name = QStringLiteral("report");
  return QStringLiteral("nodetune-%1-%2%3")
      .arg(name, date.toString(Qt::ISODate), ending_of(format));
}

ReportDialog::ReportDialog(const Start& start, QWidget* parent)
    : QDialog(parent),
      start_(start),
      form_(new QWidget(this)),
      file_(new QLineEdit(this)),
      browse_(new QPushButton(tr("&Browse…"), this)),
      format_(new QComboBox(this)),
      span_(new QComboBox(this)),
      anonymise_(new QCheckBox(tr("Leave out &names"), this)),
      anonymise_hint_(new QLabel(this)),
      problem_(new QLabel(this)),
      progress_(new QProgressBar(this)) {
  setWindowTitle(tr("Export report"));
  setMinimumWidth(75 * kGrid);
  build_controls();
  build_layout();
  connect(browse_, &QPushButton::clicked, this, &ReportDialog::choose_file);
  connect(file_, &QLineEdit::textEdited, this, &ReportDialog::file_edited);
  connect(file_, &QLineEdit::textChanged, this, &ReportDialog::update_state);
  connect(format_, &QComboBox::currentIndexChanged, this, &ReportDialog::format_chosen);
  connect(anonymise_, &QCheckBox::clicked, this, &ReportDialog::anonymise_chosen);
  suggest_name();
  show_idle({});
}

void ReportDialog::build_controls() {
  file_->setAccessibleName(tr("File of the report"));
  for (const auto format : kExportFormats) {
    format_->addItem(label_of(format), static_cast<int>(format));
  }
  const auto micro = [](Duration span) { return QVariant::fromValue<qint64>(span.count()); };
  span_->addItem(tr("Everything that is kept"));
  span_->addItem(tr("The last hour"), micro(kHour));
  span_->addItem(tr("The last 15 minutes"), micro(kQuarterHour));
  const QString shown = seconds_text(to_seconds(start_.shown));
  span_->addItem(start_.shown_past ? tr("From where the paused charts begin (%1)").arg(shown)
                                   : tr("What the charts show (%1)").arg(shown),
                 micro(start_.shown));
  anonymise_hint_->setText(
      tr("Paths, host and user names, network addresses and unknown column families become "
         "placeholders such as <path>. On for Markdown, which often goes public."));
  anonymise_hint_->setTextFormat(Qt::PlainText);
  anonymise_hint_->setWordWrap(true);
  anonymise_->setAccessibleDescription(anonymise_hint_->text());
  problem_->setTextFormat(Qt::PlainText);
  problem_->setWordWrap(true);
  progress_->setTextVisible(false);
  progress_->setAccessibleName(tr("Progress of the report"));
}

void ReportDialog::build_layout() {
  auto* file = new QWidget(form_);
  auto* file_row = new QHBoxLayout(file);
  file_row->setContentsMargins(0, 0, 0, 0);
  file_row->addWidget(file_, 1);
  file_row->addWidget(browse_);
  file->setFocusProxy(file_);
  auto* fields = new QFormLayout(form_);
  fields->setContentsMargins(0, 0, 0, 0);
  fields->addRow(tr("&File:"), file);
  fields->addRow(tr("F&ormat:"), format_);
  fields->addRow(tr("&Time:"), span_);
  fields->addRow(QString(), anonymise_);
  fields->addRow(QString(), anonymise_hint_);
  auto* buttons = new QDialogButtonBox(this);
  export_ = buttons->addButton(tr("&Export"), QDialogButtonBox::AcceptRole);
  export_->setDefault(true);
  cancel_ = buttons->addButton(QDialogButtonBox::Cancel);
  auto* rows = new QVBoxLayout(this);
  rows->addWidget(form_);
  rows->addWidget(problem_);
  rows->addWidget(progress_);
  rows->addStretch();
  rows->addWidget(buttons);
  connect(buttons, &QDialogButtonBox::accepted, this, &ReportDialog::confirm);
  connect(buttons, &QDialogButtonBox::rejected, this, &ReportDialog::reject);
}

ExportFormat ReportDialog::format() const {
  return static_cast<ExportFormat>(format_->currentData().toInt());
}

Result<ExportRequest> ReportDialog::request() const {
  const auto wrong = [](const QString& why) {
    return Status(StatusCode::invalid_argument, why.toStdString());
  };
  QString path = file_->text().trimmed();
  if (path.isEmpty()) return wrong(tr("Name a file for the report."));
  if (path.endsWith(QLatin1Char('/'))) return wrong(tr("Add a file name."));
  if (path.startsWith(QLatin1String("~/"))) path.replace(0, 1, QDir::homePath());
  if (!export_format_of(path)) path += ending_of(format());
  ExportRequest chosen;
  chosen.path = QDir::cleanPath(QDir(start_.folder).absoluteFilePath(path));
  if (span_->currentData().isValid()) {
    chosen.options.last = Duration(span_->currentData().toLongLong());
  }
  chosen.options.anonymise = anonymise_->isChecked();
  return chosen;
}

void ReportDialog::show_running() {
  running_ = true;
  problem_->clear();
  progress_->setRange(0, 0);
  cancel_->setEnabled(true);
  update_state();
  cancel_->setFocus();
}

void ReportDialog::show_progress(int permille) {
  if (permille < 0) return;
  progress_->setRange(0, kPermille);
  progress_->setValue(permille);
}

void ReportDialog::show_idle(const QString& problem) {
  running_ = false;
  cancel_->setEnabled(true);
  update_state();
  if (!problem.isEmpty()) problem_->setText(tone_symbol(Tone::bad) + QStringLiteral(" ") + problem);
  file_->setFocus();
}

void ReportDialog::reject() {
  if (!running_) {
    QDialog::reject();
    return;
  }
  cancel_->setEnabled(false);  // once is enough
  emit cancel_requested();
}

void ReportDialog::choose_file() {
  const auto chosen = request();
  auto* dialog = new QFileDialog(this, tr("File of the report"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  // Asked once, when it is written.
  dialog->setOption(QFileDialog::DontConfirmOverwrite);
  QStringList filters;
  for (const auto one : kExportFormats) filters << filter_of(one);
  dialog->setNameFilters(filters);
  dialog->selectNameFilter(filter_of(format()));
  const QString path = chosen ? chosen->path : start_.folder;
  dialog->setDirectory(path.section(QLatin1Char('/'), 0, -2));
  dialog->selectFile(path.section(QLatin1Char('/'), -1));
  connect(dialog, &QFileDialog::fileSelected, this, [this, dialog](const QString& file) {
    QString whole = file;
    if (!export_format_of(whole)) {
      const auto at = dialog->nameFilters().indexOf(dialog->selectedNameFilter());
      whole += ending_of(kExportFormats[static_cast<std::size_t>(std::max<qsizetype>(at, 0))]);
    }
    file_->setText(whole);
    file_edited();
  });
  dialog->open();
}

void ReportDialog::format_chosen() {
  if (!anonymise_is_own_) anonymise_->setChecked(format() == ExportFormat::markdown);
  suggest_name();
}

void ReportDialog::anonymise_chosen() {
  anonymise_is_own_ = true;
  suggest_name();
}

void ReportDialog::file_edited() {
  name_is_own_ = true;
  const auto named = export_format_of(file_->text().trimmed());
  if (!named || *named == format()) return;
  {
    const QSignalBlocker quiet(format_);
    format_->setCurrentIndex(format_->findData(static_cast<int>(*named)));
  }
  if (!anonymise_is_own_) anonymise_->setChecked(*named == ExportFormat::markdown);
}

// A name that was typed keeps all but its ending.
void ReportDialog::suggest_name() {
  if (name_is_own_) {
    file_->setText(without_ending(file_->text().trimmed()) + ending_of(format()));
    return;
  }
  const QString node = anonymise_->isChecked() ? QString() : start_.node_path;
  file_->setText(QDir(start_.folder).filePath(report_file_name(node, start_.date, format())));
}

void ReportDialog::update_state() {
  const auto chosen = request();
  form_->setEnabled(!running_);
  progress_->setVisible(running_);
  export_->setEnabled(!running_ && chosen.is_ok());
  problem_->setText(chosen ? QString() : to_qt(chosen.status().message()));
  problem_->setVisible(!running_);
}

void ReportDialog::confirm() {
  const auto chosen = request();
  if (chosen && !running_) emit export_requested(*chosen);
}

}  // namespace nodetune
