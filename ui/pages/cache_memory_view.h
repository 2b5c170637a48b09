// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QWidget>
#include <map>
#include <vector>

#include "engine/chain/object_kind.h"
#include "engine/node/cache_state.h"
#include "engine/node/memory_state.h"

namespace nodetune {

class ArbiterCard;
class BarPanel;
class CurvePanel;
class NodeSession;
class ShareBar;
struct CacheRow;

// A kind's place among series_colour()'s, the same in every chart.
inline int colour_of(ObjectKind kind) {
  return static_cast<int>(index_of(kind));
}

// Of the Caches page: what the caches take, and what more memory would buy each.
// Thread: GUI.
class CacheMemoryView : public QWidget {
  Q_OBJECT
 public:
  explicit CacheMemoryView(NodeSession& session, QWidget* parent = nullptr);

  // `rows` are of the shown time; `caches` and `memory` are as of now.
  void set_caches(const std::vector<CacheState>& caches, const std::vector<CacheRow>& rows);
  void set_memory(const MemoryState& memory);

 private:
  QWidget* build_curves();
  void update_bars(const std::vector<CacheRow>& rows);

  BarPanel* sizes_;
  ShareBar* shares_;
  ArbiterCard* arbiter_;
  std::map<ObjectKind, CurvePanel*> curves_;
  CurvePanel* block_cache_ = nullptr;
};

}  // namespace nodetune
