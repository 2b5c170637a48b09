// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "engine/base/clock.h"
#include "engine/node/node.h"
#include "engine/node/remote_recording.h"
#include "engine/tuner/database_tuner.h"

namespace nodetune {

// What the system's ssh brings of ssh://user@host/DIR: to be shown, or to be written down.
// Errors: the URL is wrong. `cancelled` ends the wait for the first sample.
Result<std::unique_ptr<RemoteRecording>> remote_recording(
    const std::string& url, Clock& clock, const std::atomic<bool>* cancelled = nullptr);

// A node on another machine, recorded there and shown here for as long as it is open. Waits until
// the first sample has come. Errors: remote_failure().
Result<std::unique_ptr<Node>> open_remote(const std::string& url, Clock& clock,
                                          const TunerConfig& tuner = {},
                                          const std::atomic<bool>* cancelled = nullptr);

}  // namespace nodetune
