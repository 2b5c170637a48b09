// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/models/option_tables.h"

#include <QStringList>
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "engine/node/observed_options.h"
#include "ui/bridge/text.h"

namespace nodetune {
namespace {

// An empty text would look like a figure that is not known.
Cell value_cell(const std::string& value, bool dim) {
  if (!value.empty()) return text_cell(to_qt(value), dim);
  return text_cell(QObject::tr("empty"), true);
}

Cell missing_cell(const QString& why) {
  auto cell = text_cell(QStringLiteral("–"), true);
  cell.tip = why;
  return cell;
}

// `CFOptions "default"` is of the family default.
std::pair<std::string, QString> split_section(const std::string& section) {
  const auto quote = section.find(" \"");
  if (quote == std::string::npos) return {section, {}};
  auto family = to_qt(section.substr(quote + 2));
  if (family.endsWith(QChar('"'))) family.chop(1);
  return {section.substr(0, quote), family};
}

QString key_of(const OptionRow& row) {
  return to_qt(row.section) + QChar('/') + to_qt(row.name);
}

Cell time_cell(const OptionChange& change, bool utc) {
  if (!change.time)
    return missing_cell(
        QObject::tr("Not known: the zone of the LOG is not, or the OPTIONS file was copied since"));
  auto cell = text_cell(date_text(*change.time, utc));
  cell.sort = static_cast<qlonglong>(change.time->time_since_epoch().count());
  return cell;
}

}  // namespace

std::vector<CellColumn> option_columns() {
  return {{QObject::tr("Option")},
          {QObject::tr("Value")},
          {QObject::tr("Default"), false,
           QObject::tr("Of the release of RocksDB that wrote these options")},
          {QObject::tr("Section")}};
}

std::vector<CellRow> option_rows(const NodeDescription& description) {
  std::vector<CellRow> rows;
  rows.reserve(description.options.size());
  for (const auto& option : description.options) {
    const bool usual = option.default_value && !differs_from_default(option);
    const auto standard =
        option.default_value
            ? value_cell(*option.default_value, usual)
            : missing_cell(QObject::tr("Not known of this release, or it has no such option"));
    rows.push_back({key_of(option),
                    {text_cell(to_qt(option.name), usual), value_cell(option.value, usual),
                     standard, text_cell(to_qt(option.section), true)}});
  }
  return rows;
}

std::vector<CellRow> differing_option_rows(const NodeDescription& description) {
  struct Shared {
    const OptionRow* first;
    QStringList families;
  };
  std::vector<Shared> all;  // in the order of the options
  std::map<std::array<std::string, 3>, std::size_t> index;
  std::map<std::string, std::set<QString>> families;  // of each kind of section
  for (const auto& option : description.options) {
    const auto [kind, family] = split_section(option.section);
    if (!family.isEmpty()) families[kind].insert(family);
    if (!differs_from_default(option)) continue;
    const auto [at, added] = index.try_emplace(
        {kind, option.name, family.isEmpty() ? option.section : option.value}, all.size());
    if (added) all.push_back({&option, {}});
    if (!family.isEmpty()) all[at->second].families << family;
  }
  std::vector<CellRow> rows;
  for (const auto& [option, shared] : all) {
    const auto kind = split_section(option->section).first;
    auto section = text_cell(to_qt(option->section), true);
    if (shared.size() > 1) {
      const bool every = static_cast<std::size_t>(shared.size()) == families[kind].size();
      section.text =
          (every ? QObject::tr("%1 of all %2 families") : QObject::tr("%1 of %2 families"))
              .arg(to_qt(kind))
              .arg(shared.size());
      section.tip = shared.join(QStringLiteral(", "));
    }
    rows.push_back({key_of(*option),
                    {text_cell(to_qt(option->name)), value_cell(option->value, false),
                     value_cell(*option->default_value, false), section}});
  }
  return rows;
}

int count_differing(const NodeDescription& description) {
  return static_cast<int>(
      std::count_if(description.options.begin(), description.options.end(), differs_from_default));
}

std::vector<CellColumn> option_change_columns() {
  return {{QObject::tr("Time")},  {QObject::tr("Option")},  {QObject::tr("Before")},
          {QObject::tr("After")}, {QObject::tr("Section")}, {QObject::tr("Found in")}};
}

std::vector<CellRow> option_change_rows(const NodeDescription& description, bool utc) {
  std::vector<CellRow> rows;
  for (const auto& change : description.option_changes) {
    const auto before = change.before.empty()
                            ? missing_cell(QObject::tr("It was not there, or not told"))
                            : text_cell(to_qt(change.before));
    rows.push_back(
        {QString::number(rows.size()),
         {time_cell(change, utc), text_cell(to_qt(change.name)), before,
          change.after.empty() ? missing_cell(QObject::tr("It is there no more"))
                               : text_cell(to_qt(change.after)),
          text_cell(to_qt(change.section), true), text_cell(to_qt(change.origin), true)}});
  }
  return rows;
}

QString no_option_change(const NodeDescription& description) {
  for (const auto& fact : description.facts) {
    if (fact.name != kOpensFact) continue;
    return QObject::tr("Nothing. %1: %2.").arg(to_qt(fact.name), to_qt(fact.value));
  }
  return {};
}

std::vector<CellColumn> client_option_columns() {
  return {{QObject::tr("What")},
          {QObject::tr("Now")},
          {QString()},
          {QObject::tr("Set")},
          {QObject::tr("Worth knowing")}};
}

std::vector<CellRow> client_option_rows(const NodeDescription& description) {
  std::vector<CellRow> rows;
  for (const auto& option : description.client_options) {
    if (option.how.empty()) continue;
    auto subject = text_cell(to_qt(option.subject));
    subject.tip = to_qt(option.caveat);
    const auto now = option.current.empty() ? missing_cell(QObject::tr("Not told by the database"))
                                            : text_cell(to_qt(option.current));
    rows.push_back({to_qt(option.how),
                    {subject, now, Cell(), text_cell(to_qt(option.how)),
                     text_cell(to_qt(option.caveat), true)}});
  }
  return rows;
}

std::vector<CellColumn> hard_coded_columns() {
  return {{QObject::tr("What")}, {QObject::tr("Now")}, {QObject::tr("Worth knowing")}};
}

std::vector<CellRow> hard_coded_rows(const NodeDescription& description) {
  std::vector<CellRow> rows;
  for (const auto& option : description.client_options) {
    if (!option.how.empty()) continue;
    const auto now = option.current.empty() ? missing_cell(QObject::tr("Not told by the database"))
                                            : text_cell(to_qt(option.current));
    rows.push_back(
        {to_qt(option.subject),
         {text_cell(to_qt(option.subject)), now, text_cell(to_qt(option.caveat), true)}});
  }
  return rows;
}

}  // namespace nodetune
