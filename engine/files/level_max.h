// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

namespace nodetune {

inline constexpr int kLevelMax = 63;  // of an LSM tree: no version of RocksDB has more

}  // namespace nodetune
