// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/live_screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "engine/base/format.h"
#include "engine/node/health.h"
#include "engine/report/live_tree.h"
#include "engine/report/text_line.h"

namespace nodetune {
namespace {

constexpr std::size_t kValueColumn = 18;
constexpr std::size_t kChartColumn = 30;
constexpr std::size_t kChartWidthMax = 60;
constexpr std::size_t kNoteWidth = 22;
constexpr int kRoomyRows = 32;  // from here on blank lines separate what belongs together
constexpr std::size_t kEventsAsked = 500;
constexpr double kFreshSeconds = 5;  // older figures are told to be

// A figure with its past.
struct Figure {
  std::string_view title;
  Metric metric;
  bool share = false;  // 0 to 1: the chart's top is 1
};

constexpr std::array kFigures = {
    Figure{"Stalled", Metric::db_stall_seconds_total, true},
    Figure{"Flushed", Metric::db_flush_bytes_total},
    Figure{"Compacted", Metric::db_compaction_write_bytes_total},
    Figure{"Debt", Metric::db_pending_compaction_bytes},
    Figure{"L0 files, worst", Metric::db_l0_files},
    Figure{"Disk busy", Metric::disk_utilisation_ratio, true},
    Figure{"Processors busy", Metric::system_cpu_ratio, true},
    Figure{"Memory in use", Metric::system_memory_ratio, true},
    Figure{"Disk free", Metric::disk_free_ratio, true},
};

struct Screen {
  const Node& node;
  const LiveScreenStyle& style;
  TimePoint now;
  std::shared_ptr<const Snapshot> snapshot;
  NodeDescription description;

  TimePoint begin() const { return now - style.span; }
  bool roomy() const { return style.rows >= kRoomyRows; }
};

void add_space(const Screen& screen, std::vector<TextLine>& lines) {
  if (screen.roomy()) lines.emplace_back();
}

TextTone health_tone(HealthLevel level) {
  switch (level) {
    case HealthLevel::unknown:
      return TextTone::plain;
    case HealthLevel::good:
      return TextTone::good;
    case HealthLevel::warning:
      return TextTone::warning;
    case HealthLevel::bad:
      return TextTone::bad;
  }
  return TextTone::plain;
}

std::string_view word_of(HealthLevel level) {
  switch (level) {
    case HealthLevel::unknown:
      return "?  ";
    case HealthLevel::good:
      return "ok ";
    case HealthLevel::warning:
      return "!  ";
    case HealthLevel::bad:
      return "!! ";
  }
  return {};
}

// "5 min", "6 h".
std::string span_text(Duration span) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(span).count();
  return minutes % 60 == 0 ? fmt::format("{} h", minutes / 60) : fmt::format("{} min", minutes);
}

// At spaces; what is longer than a line stays whole.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    auto& line = lines.back();
    if (line.empty()) {
      line = word;
    } else if (columns_of(line) + 1 + columns_of(word) <= columns) {
      line.append(" ").append(word);
    } else {
      lines.emplace_back(word);
    }
  }
  return lines;
}

std::string clock_text(TimePoint time) {
  return format_time_utc(time).substr(11, 8);
}

void add_head(const Screen& screen, std::vector<TextLine>& lines) {
  const auto& node = screen.description;
  TextLine first("NodeTune  ", TextTone::dim);
  lines.push_back(first.add(escape_name(node.path), TextTone::strong));
  std::string who = std::string(to_string(node.way));
  if (node.locked_by) who += ", in use by " + escape_name(node.locked_by->describe());
  if (!node.client.empty()) who += " · " + escape_name(node.client);
  if (!node.rocksdb_version.empty()) who += " · RocksDB " + escape_name(node.rocksdb_version);
  lines.emplace_back(who, TextTone::dim);
  const auto health = assess_health(*screen.snapshot, screen.node.history());
  const auto tone = health_tone(health.level);
  const auto word = word_of(health.level);
  const auto room = static_cast<std::size_t>(std::max(0, screen.style.columns));
  auto before = std::string(word);
  for (const auto& part : wrapped(health.sentence, room - std::min(room, word.size()))) {
    lines.push_back(TextLine(before, tone).add(part, tone));
    before.assign(word.size(), ' ');
  }
  for (const auto& database : screen.node.databases()) {
    const auto one = assess_health(*database.node->snapshot(), database.node->history());
    const bool its_own = one.cause == HealthCause::compaction || one.cause == HealthCause::load;
    if (!its_own) continue;
    lines.push_back(
        TextLine("   ").add(database.name + ": " + one.sentence, health_tone(one.level)));
  }
}

std::string value_text(double value, const MetricInfo& about, bool share) {
  if (share) return format_ratio(value);
  const bool counter = about.kind == MetricKind::counter;
  const auto text = about.unit == Unit::bytes     ? format_bytes(value)
                    : about.unit == Unit::seconds ? format_seconds(value)
                                                  : format_count(value);
  return counter && std::isfinite(value) ? text + "/s" : text;
}

struct Past {
  std::vector<double> columns;  // the largest in each
  double mean = kMissing;       // of all
  double newest = kMissing;
  TimePoint newest_at{};
};

Past past_of(const Screen& screen, Metric metric, std::size_t width) {
  Past past;
  past.columns.assign(width, kMissing);
  const auto kind = info(metric).kind;
  HistoryPoint all;
  for (const auto& point :
       screen.node.history().range(metric, screen.begin(), screen.now, width * 4)) {
    if (point.count == 0) continue;
    const auto column = [&](TimePoint time) {
      const double share = to_seconds(time - screen.begin()) / to_seconds(screen.style.span);
      return static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width));
    };
    // All that the point covers: what a node tells of ten minutes is no spike.
    const auto end = std::clamp(column(point.end), std::size_t{1}, width);
    for (auto at = std::min(column(point.begin), end - 1); at < end; ++at) {
      past.columns[at] = std::fmax(past.columns[at], point.max);
    }
    past.newest = point.mean(kind);
    past.newest_at = point.end;
    all.sum += point.sum;
    all.seconds += point.seconds;
    all.count += point.count;
  }
  if (all.count > 0) past.mean = all.mean(kind);
  return past;
}

// What stands beside a figure: the rest that an operator asks for next.
std::string note_of(const Screen& screen, const Figure& figure, const Past& past) {
  const auto metric = figure.metric;
  const auto value = [&](Metric which) { return screen.snapshot->value(which); };
  if (metric == Metric::disk_free_ratio) {
    auto text = format_bytes(value(Metric::disk_free_bytes));
    const double left = value(Metric::disk_seconds_until_full);
    return std::isnan(left) ? text : text + ", full in " + format_seconds(left);
  }
  if (metric == Metric::system_memory_ratio) {
    const double limit = value(Metric::system_memory_limit_bytes);
    return std::isnan(limit) ? std::string() : "of " + format_bytes(limit);
  }
  if (metric == Metric::disk_utilisation_ratio) {
    const double wait = std::fmax(value(Metric::disk_read_latency_seconds),
                                  value(Metric::disk_write_latency_seconds));
    return std::isnan(wait) ? std::string() : format_seconds(wait) + " a request";
  }
  if (std::isnan(past.mean)) return {};
  return "mean " + value_text(past.mean, info(metric), figure.share);
}

void add_figures(const Screen& screen, std::vector<TextLine>& lines) {
  const auto room = static_cast<std::size_t>(std::max(0, screen.style.columns));
  const auto taken = kChartColumn + kNoteWidth + 2;
  const auto width = std::clamp(room > taken ? room - taken : 0, std::size_t{8}, kChartWidthMax);
  TextLine head;
  head.go_to(kValueColumn).add("now", TextTone::dim).go_to(kChartColumn);
  head.add("the last " + span_text(screen.style.span), TextTone::dim);
  lines.push_back(std::move(head));
  for (const auto& figure : kFigures) {
    const auto& about = info(figure.metric);
    const auto past = past_of(screen, figure.metric, width);
    double now = about.kind == MetricKind::counter ? screen.snapshot->rate(figure.metric)
                                                   : screen.snapshot->value(figure.metric);
    std::string age;
    if (std::isnan(now) && !std::isnan(past.newest)) {  // told late: of the node's statistics
      now = past.newest;
      const double seconds = to_seconds(screen.now - past.newest_at);
      if (seconds > kFreshSeconds) age = ", " + format_seconds(std::round(seconds)) + " ago";
    }
    TextLine line(figure.title);
    line.go_to(kValueColumn).add(value_text(now, about, figure.share), TextTone::strong);
    line.go_to(kChartColumn);
    line.add(sparkline(past.columns, figure.share ? 1 : 0, screen.style.unicode));
    line.go_to(kChartColumn + width + 1);
    lines.push_back(line.add(note_of(screen, figure, past) + age, TextTone::dim));
  }
}

bool is_work(const NodeEvent& event) {
  return event.category == EventCategory::flush || event.category == EventCategory::compaction;
}

// What is alike but for its amounts: a node that is held up says so many times a second.
struct EventGroup {
  const NodeEvent* newest = nullptr;
  std::size_t more = 0;
  TimePoint oldest{};
};

std::string_view without_amounts(const NodeEvent& event) {
  return std::string_view(event.text).substr(0, event.text.find(','));
}

// Newest first. Work is not told apart: each flush counts for itself.
std::vector<EventGroup> group_events(const std::vector<NodeEvent>& events, bool work,
                                     std::size_t groups_max) {
  std::vector<EventGroup> groups;
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (is_work(*event) != work) continue;
    const auto alike = std::find_if(groups.begin(), groups.end(), [&](const EventGroup& group) {
      return !work && group.newest->category == event->category &&
             group.newest->family == event->family &&
             without_amounts(*group.newest) == without_amounts(*event);
    });
    if (alike != groups.end()) {
      ++alike->more;
      alike->oldest = event->time;
    } else if (groups.size() < groups_max) {
      groups.push_back({&*event, 0, event->time});
    }
  }
  return groups;
}

TextLine group_line(const EventGroup& group) {
  const auto& event = *group.newest;
  const auto tone = event.severity == Severity::error     ? TextTone::bad
                    : event.severity == Severity::warning ? TextTone::warning
                    : is_work(event)                      ? TextTone::dim
                                                          : TextTone::plain;
  TextLine line(clock_text(event.time), TextTone::dim);
  line.add("  ");
  if (group.more > 0) {
    line.add(fmt::format("({} times since {}) ", group.more + 1, clock_text(group.oldest)),
             TextTone::dim);
  }
  return line.add(event.family.empty() ? event.text : event.family + ": " + event.text, tone);
}

// The newest; stalls and errors come before everyday work where there is no room for both.
void add_events(const Screen& screen, std::size_t room, std::vector<TextLine>& lines) {
  if (room < 2) return;
  const auto events = screen.node.events(0, kEventsAsked);
  auto shown = group_events(events, /*work=*/false, room - 1);
  const auto work = group_events(events, /*work=*/true, room - 1 - shown.size());
  shown.insert(shown.end(), work.begin(), work.end());
  std::stable_sort(shown.begin(), shown.end(), [](const EventGroup& a, const EventGroup& b) {
    return a.newest->time > b.newest->time;
  });
  lines.emplace_back("Last happened (UTC)", TextTone::dim);
  for (const auto& group : shown) lines.push_back(group_line(group));
  if (shown.empty()) lines.emplace_back("nothing that is known", TextTone::dim);
}

std::optional<TextLine> advice_line(const Screen& screen) {
  std::size_t waiting = 0;
  const Recommendation* newest = nullptr;
  const auto items = screen.node.recommendations();
  for (const auto& item : items) {
    if (item.state != RecommendationState::proposed) continue;
    ++waiting;
    newest = &item;
  }
  if (newest == nullptr) return std::nullopt;
  const auto& proposal = newest->proposal;
  return TextLine(fmt::format("Recommended: {} {} → {}{}", title(proposal.target),
                              format_value(proposal.target, proposal.current),
                              format_value(proposal.target, proposal.proposed),
                              waiting > 1 ? fmt::format(", and {} more", waiting - 1) : ""),
                  TextTone::strong)
      .add("  (nodetune-cli recommend)", TextTone::dim);
}

TextLine foot_line(const Screen& screen) {
  const double age = to_seconds(screen.now - screen.snapshot->taken_at);
  TextLine line(format_time_utc(screen.snapshot->taken_at), TextTone::dim);
  if (screen.style.paused) {
    line.add("  paused", TextTone::warning);
  } else if (age > kFreshSeconds) {
    line.add("  " + format_seconds(std::round(age)) + " old", TextTone::warning);
  }
  return line.add("   " + screen.style.keys, TextTone::dim);
}

}  // namespace

std::vector<std::string> live_screen(const Node& node, const LiveScreenStyle& style,
                                     TimePoint now) {
  const Screen screen{node, style, now, node.snapshot(), node.description()};
  std::vector<TextLine> lines;
  add_head(screen, lines);
  if (const auto advice = advice_line(screen)) lines.push_back(*advice);
  add_space(screen, lines);
  add_figures(screen, lines);
  add_space(screen, lines);
  for (auto& line :
       tree_lines(*screen.snapshot, node.history(), screen.begin(), now, style.columns)) {
    lines.push_back(std::move(line));
  }
  add_space(screen, lines);
  const auto rows = static_cast<std::size_t>(std::max(1, style.rows));
  if (lines.size() + 1 < rows) add_events(screen, rows - lines.size() - 1, lines);
  lines.resize(rows - 1);  // the last one is the foot's
  lines.push_back(foot_line(screen));
  std::vector<std::string> text;
  const auto columns = static_cast<std::size_t>(std::max(1, style.columns));
  for (const auto& line : lines) text.push_back(line.render(columns, style.colour, style.unicode));
  return text;
}

}  // namespace nodetune
