// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace nodetune {

// Cuts a stream of chunks into lines, in bounded memory.
//
// A line longer than `line_bytes_max` is cut there and its rest dropped. Lines come without their
// '\n'. Thread: its owner's. Lifetime: a line is valid during its call only.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  template <typename OnLine>
  void feed(std::string_view bytes, OnLine&& on_line) {
    while (!bytes.empty()) {
      const auto* newline = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
      if (newline == nullptr) {
        keep(bytes);
        return;
      }
      const auto length = static_cast<std::size_t>(newline - bytes.data());
      if (held_.empty()) {
        on_line(bytes.substr(0, std::min(length, line_bytes_max_)));
      } else {
        keep(bytes.substr(0, length));
        on_line(std::string_view(held_));
        held_.clear();
      }
      bytes.remove_prefix(length + 1);
    }
  }

  // The last line may lack its newline.
  template <typename OnLine>
  void finish(OnLine&& on_line) {
    if (!held_.empty()) on_line(std::string_view(held_));
    held_.clear();
  }

  // Whether a line that was handed over was joined from several chunks.
  bool is_held(std::string_view line) const { return line.data() == held_.data(); }

 private:
  void keep(std::string_view part) {
    held_.append(part.substr(0, line_bytes_max_ - std::min(line_bytes_max_, held_.size())));
  }

  const std::size_t line_bytes_max_;
  std::string held_;  // a line's beginning, from earlier chunks
};

}  // namespace nodetune
