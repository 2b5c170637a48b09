// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace nodetune {

enum class MetricTextType : std::uint8_t { unknown, counter, gauge, histogram, summary };

struct MetricTextLabel {
  std::string name;
  std::string value;  // escapes resolved
};

// One line of an exposition: one series at this moment.
struct MetricTextSample {
  std::string name;  // may be quoted UTF-8: anything
  std::vector<MetricTextLabel> labels;
  double value = 0;                               // may be NaN or infinite
  MetricTextType type = MetricTextType::unknown;  // as the TYPE line before it says
};

struct MetricTextLimits {
  std::size_t lines_max = 1'000'000;
  std::size_t samples_max = 200'000;
  std::size_t line_bytes_max = 16 * 1024;
  std::size_t labels_max = 64;  // of one sample
};

struct MetricTextSummary {
  std::size_t samples = 0;
  std::size_t bad_lines = 0;  // left out: neither a sample nor a comment
  bool truncated = false;     // a limit ended the reading
};

// Reads the Prometheus text format 0.0.4, and OpenMetrics as far as a reader of samples sees a
// difference (exemplars, # EOF). What is wrong in a line costs that line.
//
// Pure. Holds one sample at a time, whatever the text. Thread: any.
MetricTextSummary read_metric_text(std::string_view text,
                                   const std::function<void(const MetricTextSample&)>& visit,
                                   const MetricTextLimits& limits = {});

}  // namespace nodetune
