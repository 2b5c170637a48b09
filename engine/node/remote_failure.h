// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include "engine/base/status.h"
#include "engine/node/remote_channel.h"

namespace nodetune {

// Why recording over ssh ended, in plain words, and what to do about it.
Status remote_failure(const RemoteAddress& address, const RemoteEnd& end);

}  // namespace nodetune
