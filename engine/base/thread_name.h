// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string_view>

namespace nodetune {

// Names the calling thread, as top and gdb show it (cut to 15 characters).
void set_thread_name(std::string_view name);

}  // namespace nodetune
