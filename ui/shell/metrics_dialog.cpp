// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/metrics_dialog.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "engine/node/observed_scrape.h"
#include "ui/bridge/job.h"
#include "ui/bridge/text.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kWidth = 75 * kGrid;
constexpr int kAnswerLines = 5;

QLabel* words(const QString& text, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(true);
  return label;
}

// What the facts say of them, as far as anybody was asked.
QString known_of(const NodeDescription& node) {
  QStringList lines;
  for (const auto& fact : node.facts) {
    if (fact.name.starts_with(kMetricsFact)) lines << to_qt(fact.value);
  }
  if (lines.isEmpty()) return QObject::tr("Nobody was asked yet: no node holds this database.");
  return lines.join(QLatin1Char('\n'));
}

QString answer_text(const ScrapeReport& report) {
  const auto lack = metrics_lack(report);
  const QString text = to_qt(metrics_text(report));
  return lack.empty() ? text : QStringLiteral("%1\n%2").arg(text, to_qt(lack));
}

}  // namespace

MetricsDialog::MetricsDialog(const NodeDescription& node, const QString& address, QWidget* parent)
    : QDialog(parent),
      client_(node.client),
      address_(new QLineEdit(address, this)),
      answer_(words({}, this)),
      test_(new QPushButton(tr("&Test"), this)) {
  setWindowTitle(tr("Metrics address"));
  setMinimumWidth(kWidth);
  address_->setObjectName(QStringLiteral("address"));
  address_->setPlaceholderText(tr("looked for, on this machine"));
  answer_->setObjectName(QStringLiteral("answer"));
  test_->setObjectName(QStringLiteral("test"));
  answer_->setMinimumHeight(kAnswerLines * fontMetrics().lineSpacing());
  answer_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  auto* line = new QHBoxLayout;
  line->addWidget(address_, 1);
  line->addWidget(test_);
  auto* form = new QFormLayout;
  auto* name = new QLabel(tr("&Address:"), this);
  name->setBuddy(address_);
  form->addRow(name, line);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
  auto* rows = new QVBoxLayout(this);
  rows->addWidget(words(tr("A node may serve figures of its own, such as the block cache's hits, "
                           "for Prometheus. NodeTune asks for them once in five seconds. Without "
                           "an address it only looks where this client is known to serve them, "
                           "and only if the node itself listens there."),
                        this));
  rows->addSpacing(kGrid);
  rows->addWidget(words(tr("Now: %1").arg(known_of(node)), this));
  rows->addSpacing(kGrid);
  rows->addLayout(form);
  rows->addWidget(answer_);
  rows->addStretch();
  rows->addWidget(buttons);
  connect(address_, &QLineEdit::textChanged, this, &MetricsDialog::update_state);
  connect(test_, &QPushButton::clicked, this, &MetricsDialog::test);
  connect(buttons, &QDialogButtonBox::accepted, this, &MetricsDialog::confirm);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  update_state();
}

MetricsDialog::~MetricsDialog() {
  if (fetch_) fetch_->cancel();  // a trial that hangs holds nobody up
}

Result<std::string> MetricsDialog::address() const {
  const auto text = address_->text().trimmed().toStdString();
  return text.empty() ? text : metrics_url(text);
}

void MetricsDialog::update_state() {
  const auto given = address();
  const bool is_empty = address_->text().trimmed().isEmpty();
  test_->setEnabled(given.is_ok() && !is_empty && !fetch_);
  answer_->setText(given ? QString() : to_qt(given.status().message()));
}

void MetricsDialog::test() {
  const auto given = address();
  if (!given || given->empty()) return;
  fetch_ = std::make_shared<MetricsFetch>();
  update_state();
  answer_->setText(tr("Asking…"));
  auto report = std::make_shared<ScrapeReport>();
  trial_ = std::make_unique<Job>(tr("Asking for metrics"), [fetch = fetch_, url = *given,
                                                            client = client_, report](JobControl&) {
    *report = ask_metrics(*fetch, url, metrics_profile(client), SystemClock::instance());
    report->given = true;
  });
  connect(trial_.get(), &Job::finished, this, [this, report] {
    fetch_.reset();
    update_state();
    answer_->setText(answer_text(*report));
  });
}

void MetricsDialog::confirm() {
  const auto given = address();
  if (!given) return update_state();
  emit address_chosen(to_qt(*given));
  accept();
}

}  // namespace nodetune
