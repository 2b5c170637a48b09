// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <vector>

#include "ui/chart/card.h"
#include "ui/shell/theme.h"

class QLabel;

namespace nodetune {

class NodeSession;

// "last 5 min, read 3 s ago": which window figures are of, and how old the newest of them is.
QString shown_window_text(const NodeSession& session);
// "5 min".
QString shown_span_text(const NodeSession& session);
// "read 3 s ago": of figures that are of now.
QString age_text(const NodeSession& session);

struct FigureTile {
  QString name;       // "Commits"
  QString value;      // with its unit: "5.61 /s"; "–" when it is not known
  QString note = {};  // what it is of, in a few words; may be empty
  QString tip = {};   // where it comes from, or why it is not known
  Tone tone = Tone::neutral;
};

// A row of single figures: name, value, note.
//
// Thread: GUI.
class FigureTiles : public Card {
  Q_OBJECT
 public:
  explicit FigureTiles(const QString& title, QWidget* parent = nullptr);

  // As many as at the first call. Cheap when nothing changed.
  void set_tiles(const std::vector<FigureTile>& tiles);

 protected:
  void appearance_changed() override;

 private:
  struct Labels {
    QWidget* box;
    QLabel* name;
    QLabel* value;
    QLabel* note;
  };
  void make_labels(std::size_t count);
  void apply_palette();

  std::vector<FigureTile> tiles_;
  std::vector<Labels> labels_;
};

}  // namespace nodetune
