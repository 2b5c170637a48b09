// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/prometheus_text.h"

#include <array>
#include <charconv>
#include <optional>

namespace nodetune {
namespace {

using namespace std::string_view_literals;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}

bool goes_on_name(char c) {
  return starts_name(c) || (c >= '0' && c <= '9');
}

// "+Inf", "NaN", "1.7e9"
std::optional<double> number_of(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// One line, read from the left.
class LineCursor {
 public:
  explicit LineCursor(std::string_view line) : rest_(line) {}

  bool at_end() const { return rest_.empty(); }
  bool is_at(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool take(char c) {
    if (!is_at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }
  std::string_view token() {
    std::size_t size = 0;
    while (size < rest_.size() && !is_blank(rest_[size])) ++size;
    return cut(size);
  }
  std::string_view name() {
    std::size_t size = 0;
    if (!rest_.empty() && starts_name(rest_.front())) {
      while (size < rest_.size() && goes_on_name(rest_[size])) ++size;
    }
    return cut(size);
  }
  // What stands between quotes; false where they are not closed.
  bool quoted(std::string& into) {
    into.clear();
    if (!take('"')) return false;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (c != '\\' || rest_.empty()) {
        into += c;
        continue;
      }
      const char escaped = rest_.front();
      rest_.remove_prefix(1);
      if (escaped == 'n') {
        into += '\n';
      } else {
        if (escaped != '"' && escaped != '\\') into += c;  // no escape that is known: as it stands
        into += escaped;
      }
    }
    return false;
  }

 private:
  std::string_view cut(std::size_t size) {
    const auto part = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return part;
  }

  std::string_view rest_;
};

// "{cf="headers",level="0"}"; a quoted word without a value is the series' name.
bool read_labels(LineCursor& line, std::size_t labels_max, MetricTextSample& sample) {
  if (!line.take('{')) return true;
  while (true) {
    line.skip_blanks();
    if (line.take('}')) return true;
    MetricTextLabel label;
    const bool was_quoted = line.is_at('"');
    if (was_quoted) {
      if (!line.quoted(label.name)) return false;
    } else {
      label.name = line.name();
    }
    if (label.name.empty()) return false;
    line.skip_blanks();
    if (line.take('=')) {
      line.skip_blanks();
      if (!line.quoted(label.value) || sample.labels.size() >= labels_max) return false;
      sample.labels.push_back(std::move(label));
    } else if (was_quoted && sample.name.empty()) {
      sample.name = std::move(label.name);
    } else {
      return false;
    }
    line.skip_blanks();
    if (!line.take(',') && !line.is_at('}')) return false;
  }
}

bool read_sample(std::string_view text, std::size_t labels_max, MetricTextSample& sample) {
  LineCursor line(text);
  sample.name = line.name();
  sample.labels.clear();
  line.skip_blanks();
  if (!read_labels(line, labels_max, sample) || sample.name.empty()) return false;
  line.skip_blanks();
  const auto value = number_of(line.token());
  if (!value) return false;
  sample.value = *value;
  line.skip_blanks();
  if (line.at_end() || line.is_at('#')) return true;
  if (!number_of(line.token())) return false;  // its time
  line.skip_blanks();
  return line.at_end() || line.is_at('#');  // an exemplar
}

struct Family {
  std::string name;
  MetricTextType type = MetricTextType::unknown;
};

// "# TYPE besu_peers gauge"
void read_comment(std::string_view text, Family& family) {
  LineCursor line(text);
  line.take('#');
  line.skip_blanks();
  if (line.token() != "TYPE") return;
  line.skip_blanks();
  if (line.is_at('"')) {
    if (!line.quoted(family.name)) family.name.clear();
  } else {
    family.name = line.token();
  }
  line.skip_blanks();
  const auto type = line.token();
  family.type = type == "counter"     ? MetricTextType::counter
                : type == "gauge"     ? MetricTextType::gauge
                : type == "histogram" ? MetricTextType::histogram
                : type == "summary"   ? MetricTextType::summary
                                      : MetricTextType::unknown;
}

MetricTextType type_of(std::string_view name, const Family& family) {
  constexpr std::array kEndings = {""sv, "_total"sv, "_bucket"sv, "_sum"sv, "_count"sv};
  if (family.name.empty() || !name.starts_with(family.name)) return MetricTextType::unknown;
  const auto ending = name.substr(family.name.size());
  for (const auto each : kEndings) {
    if (ending == each) return family.type;
  }
  return MetricTextType::unknown;
}

std::string_view trimmed(std::string_view line) {
  while (!line.empty() && (is_blank(line.back()) || line.back() == '\r')) line.remove_suffix(1);
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  return line;
}

}  // namespace

MetricTextSummary read_metric_text(std::string_view text,
                                   const std::function<void(const MetricTextSample&)>& visit,
                                   const MetricTextLimits& limits) {
  MetricTextSummary summary;
  MetricTextSample sample;
  Family family;
  for (std::size_t lines = 0; !text.empty(); ++lines) {
    if (lines == limits.lines_max || summary.samples == limits.samples_max) {
      summary.truncated = true;
      break;
    }
    const auto end = text.find('\n');
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    if (line.size() > limits.line_bytes_max) {
      ++summary.bad_lines;
    } else if (line == "# EOF") {
      break;
    } else if (line.front() == '#') {
      read_comment(line, family);
    } else if (read_sample(line, limits.labels_max, sample)) {
      sample.type = type_of(sample.name, family);
      ++summary.samples;
      visit(sample);
    } else {
      ++summary.bad_lines;
    }
  }
  return summary;
}

}  // namespace nodetune
