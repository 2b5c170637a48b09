// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <vector>

#include "engine/store/write_operation.h"

namespace nodetune {

// Sorts by family and key, which spares the database searching and scattered writes.
//
// Invariant: applied in this order they leave what they leave in the given one. A deleted range
// divides its family's operations into those before and those after it, and operations on one key
// keep their order; families do not touch each other.
void order_operations(std::vector<WriteOperation>& operations);

}  // namespace nodetune
