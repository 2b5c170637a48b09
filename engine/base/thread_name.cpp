// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/base/thread_name.h"

#include <pthread.h>

#include <string>

namespace nodetune {

void set_thread_name(std::string_view name) {
  constexpr std::size_t kLinuxLimit = 15;
  const std::string cut(name.substr(0, kLinuxLimit));
  pthread_setname_np(pthread_self(), cut.c_str());
}

}  // namespace nodetune
