// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/database_impl.h"

namespace nodetune {
void Database::Impl::fill(Snapshot&) const {}
}  // namespace nodetune
