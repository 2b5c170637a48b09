// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The page's sections on settings: what they are, what was advised, what was done.
#include <fmt/format.h>

#include <algorithm>

#include "engine/report/findings.h"
#include "engine/report/html_parts.h"
#include "engine/report/html_sections.h"
#include "engine/report/report_options.h"
#include "engine/report/report_text.h"

namespace nodetune {
namespace {

using enum HtmlTable::Align;

constexpr std::size_t kEventsShown = 200;
constexpr std::size_t kAuditRowsShown = 200;

std::string_view tone_of(RecommendationState state) {
  switch (state) {
    case RecommendationState::proposed:
    case RecommendationState::approved:
    case RecommendationState::overridden:
    case RecommendationState::applying:
      return "warn";
    case RecommendationState::applied:
    case RecommendationState::verified:
      return "good";
    case RecommendationState::failed:
    case RecommendationState::rolled_back:
      return "bad";
    case RecommendationState::rejected:
    case RecommendationState::expired:
      return "";
  }
  return "";
}

std::string_view tone_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "";
    case Severity::warning:
      return "warn";
    case Severity::error:
      return "bad";
  }
  return "";
}

std::string spaced(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string paragraph(std::string_view name, const std::string& value) {
  if (value.empty()) return {};
  return "<p><b>" + xml_escape(name) + ":</b> " + xml_escape(value) + "</p>\n";
}

std::string recommendation_card(const Recommendation& item) {
  const auto& proposal = item.proposal;
  const auto& target = proposal.target;
  const auto whose = item.database.empty() ? std::string() : item.database + ": ";
  std::string out = "<div class=\"card\"><h3>" + xml_escape(whose + title(target)) + ": " +
                    xml_escape(format_value(target, proposal.current)) + " → " +
                    xml_escape(format_value(target, item.value())) + " " +
                    html_badge(spaced(to_string(item.state)), tone_of(item.state)) + "</h3>\n";
  if (item.overridden) {
    out += paragraph(
        "Proposed", format_value(target, proposal.proposed) + "; the operator chose another value");
  }
  if (!proposal.evidence.empty()) {
    out += "<p><b>Evidence:</b></p><ul>";
    for (const auto& evidence : proposal.evidence) {
      out += "<li>" + xml_escape(sentence(evidence)) + "</li>";
    }
    out += "</ul>\n";
  }
  out += paragraph("Expected", proposal.expected);
  out += paragraph("Risk", proposal.risk);
  out += paragraph("Way back", proposal.reversibility);
  if (proposal.contradiction) out += paragraph("Contradiction", proposal.contradiction->text);
  if (!item.apply.empty()) {
    out += "<p><b>To apply:</b> <code>" + xml_escape(item.apply) + "</code></p>\n";
  }
  if (item.follow_up) {
    out += paragraph("Followed up",
                     spaced(to_string(item.follow_up->stage)) + ": " + item.follow_up->text);
    for (const auto& each : item.follow_up->comparison) out += paragraph("Compared", each);
  }
  HtmlTable history({{"When", left}, {"Became", left}, {"By", left}, {"Note", left}});
  for (const auto& change : item.history) {
    history.text(utc_text(change.time))
        .text(spaced(to_string(change.state)))
        .text(to_string(change.who))
        .text(change.note);
  }
  if (!history.empty()) out += history.str();
  return out + html_note(fmt::format("Rule {}, number {}.", proposal.rule, item.id)) + "</div>\n";
}

// Errors first, then warnings, and the newest first in each.
std::vector<NodeEvent> events_to_show(const Report& report) {
  auto events = report.events;
  std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) {
    return a.severity != b.severity ? a.severity > b.severity : a.time > b.time;
  });
  if (events.size() > kEventsShown) events.resize(kEventsShown);
  return events;
}

std::string families_text(const ChangedOption& option) {
  if (option.families.empty()) return "whole database";
  if (option.in_all_families) {
    return option.families.size() == 1 ? option.families.front()
                                       : fmt::format("all {} families", option.families.size());
  }
  std::string text;
  for (const auto& family : option.families) text += (text.empty() ? "" : ", ") + family;
  return text;
}

}  // namespace

std::string html_knobs(const Report& report) {
  HtmlTable table({{"Knob", left},
                   {"Current", right},
                   {"Default", right},
                   {"Proposed", right},
                   {"Range", right},
                   {"Takes effect", left},
                   {"Known from", left}});
  for (const auto& state : report.knobs) {
    const auto& about = knob_info(state.knob);
    const auto value = [&](std::int64_t number) { return format_knob(state.knob, number); };
    table.markup("<code>" + xml_escape(to_string(state.knob)) + "</code>");
    auto current = xml_escape(state.current_text.empty() ? kNoFigure : state.current_text);
    if (is_changed(report, state)) current += " " + html_badge("changed", "warn");
    const auto usual = usual_value(report, state.knob);
    table.markup(std::move(current))
        .text(usual ? value(*usual) : std::string(kNoFigure))
        .text(state.proposed ? value(*state.proposed) : "")
        .text(state.knob == Knob::compression
                  ? std::string("none, snappy, zlib, lz4, zstd")
                  : value(about.minimum) + " to " + value(about.maximum))
        .text(to_string(about.takes_effect))
        .text(state.origin);
  }
  const bool ours = report.node.way == OpenWay::managed;
  const std::string_view about_default =
      ours ? "Default: what NodeTune gives a new managed database. Range: what an operator may set."
           : "Default: not known, since the node's own program decides. Range: what NodeTune "
             "would propose at all.";
  const auto body = table.empty() ? html_note("Nothing is known of the knobs.")
                                  : table.str() + html_note(about_default);
  return html_section("knobs", "Knobs", body);
}

std::string html_recommendations(const Report& report) {
  std::string body;
  for (const auto& item : report.recommendations) body += recommendation_card(item);
  if (body.empty()) body = html_note("None: no rule found figures that warrant a change.");
  return html_section("recommendations", "Recommendations, and what became of them", body);
}

std::string html_audit(const Report& report) {
  HtmlTable table({{"When", left},
                   {"Who", left},
                   {"Kind", left},
                   {"What", left},
                   {"From", left},
                   {"To", left},
                   {"Outcome", left},
                   {"Why", left}});
  const auto shown = std::min(report.audit.size(), kAuditRowsShown);
  for (std::size_t i = report.audit.size(); i-- > report.audit.size() - shown;) {
    const auto& entry = report.audit[i];
    table.text(utc_text(entry.time))
        .text(to_string(entry.who))
        .text(spaced(to_string(entry.kind)))
        .text(entry.what)
        .text(entry.from)
        .text(entry.to)
        .text(entry.outcome)
        .text(entry.reason);
  }
  std::string body = table.empty() ? html_note("Nobody has changed anything.") : table.str();
  if (report.audit.size() > shown) {
    body += html_note(fmt::format("The newest {} of {} entries.", shown, report.audit.size()));
  }
  return html_section("audit", "Audit log", body);
}

std::string html_events(const Report& report) {
  HtmlTable table({{"When", left},
                   {"Severity", left},
                   {"Category", left},
                   {"Family", left},
                   {"What", left},
                   {"Source", left}});
  for (const auto& event : events_to_show(report)) {
    table.text(utc_text(event.time))
        .markup(html_badge(to_string(event.severity), tone_of(event.severity)))
        .text(to_string(event.category))
        .text(event.family)
        .text(event.text)
        .markup(html_badge(to_string(event.source)));
  }
  std::string body = table.empty() ? html_note("No event is known.") : table.str();
  if (report.events.size() > kEventsShown) {
    body += html_note(fmt::format("{} of {} events: errors and warnings first, then the newest.",
                                  kEventsShown, report.events.size()));
  }
  return html_section("events", "Events", body);
}

std::string html_options(const Report& report) {
  const auto& rows = report.node.options;
  if (rows.empty()) {
    return html_section("options", "Options",
                        html_note("No OPTIONS file was read; the knobs above are in force.") +
                            html_option_story(report));
  }
  HtmlTable changed(
      {{"Option", left}, {"Value", left}, {"Default", left}, {"Section", left}, {"Of", left}});
  for (const auto& option : changed_options(report)) {
    changed.markup("<code>" + xml_escape(option.name) + "</code>")
        .text(option.value)
        .text(option.usual)
        .text(option.section)
        .text(families_text(option));
  }
  const auto defaults = defaults_sentence(report.node);
  const bool compared = !report.node.defaults_of.empty();
  const std::string none = compared ? "Every option has its default. " : "";
  std::string body =
      changed.empty() ? html_note(none + defaults) : html_note(defaults) + changed.str();
  body += html_option_story(report);
  HtmlTable all({{"Section", left}, {"Option", left}, {"Value", left}});
  for (const auto& row : rows) all.text(row.section).text(row.name).text(row.value);
  body += html_details(fmt::format("All {} options in force", rows.size()), all.str());
  return html_section("options", "Options that differ from the defaults", body);
}

}  // namespace nodetune
