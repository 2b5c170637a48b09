// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nodetune {

// How a piece of a line stands out on a terminal; never by colour alone: the words say the same.
enum class TextTone : unsigned char { plain, dim, strong, good, warning, bad };

// One line of a text screen, put together from pieces.
//
// Invariant: holds no control characters. Every character is one column wide: foreign text is
// escaped to ASCII, ours has no wide ones.
class TextLine {
 public:
  TextLine() = default;
  explicit TextLine(std::string_view text, TextTone tone = TextTone::plain) { add(text, tone); }

  TextLine& add(std::string_view text, TextTone tone = TextTone::plain);
  // Fills up with spaces, so that what follows begins at `column`; one at least.
  TextLine& go_to(std::size_t column);
  // The same with `text` ending before `column`.
  TextLine& add_right(std::string_view text, std::size_t column, TextTone tone = TextTone::plain);

  TextLine& append(const TextLine& other);

  std::size_t columns() const { return columns_; }
  // Cut to `columns_max`, with an ellipsis where something was cut.
  std::string render(std::size_t columns_max, bool colour, bool unicode) const;

 private:
  struct Piece {
    std::string text;
    TextTone tone;
  };
  std::vector<Piece> pieces_;
  std::size_t columns_ = 0;
};

// Characters, not bytes.
std::size_t columns_of(std::string_view utf8);

// One character a value, from nothing to `top`; missing (NaN) is a space. `top` 0: the largest.
std::string sparkline(const std::vector<double>& values, double top, bool unicode);

}  // namespace nodetune
