// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <memory>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/node/node.h"
#include "engine/node/recorded_source.h"
#include "engine/observe/logs_alone.h"
#include "engine/tuner/database_tuner.h"

namespace nodetune {

// A past that was written down: everything but control. Its "now" is its end.
//
// LOG files are read once, whole. Errors: nothing in them could be read.
Result<std::unique_ptr<Node>> open_recorded(const LogsAlone& logs, const TunerConfig& tuner = {});

// A file of nodetune-cli record, or a stream of it that was saved. One that is still being written
// is followed. Errors: no recording, of a newer NodeTune, damaged, no permission.
Result<std::unique_ptr<Node>> open_recording(const std::string& path, Clock& clock,
                                             const TunerConfig& tuner = {});

// Whatever comes from `source`, from its first read on.
Result<std::unique_ptr<Node>> show_recorded(std::unique_ptr<RecordedSource> source, Clock& clock,
                                            const TunerConfig& tuner = {});

}  // namespace nodetune
