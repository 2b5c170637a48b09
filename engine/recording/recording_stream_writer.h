// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <string_view>

#include "engine/recording/recording_format.h"
#include "engine/recording/recording_writer.h"

namespace nodetune {

// The lines of a recording that is a stream; its format stands in recording_stream.h. Each ends
// with a newline; text that is not UTF-8 is mended.

// The first one. `program`: who writes it.
std::string stream_head(const RecordedIdentity& identity, std::string_view program);
std::string stream_line(const RecordedSample& sample);
std::string stream_line(const RecordedEvent& event);
std::string stream_line(const RecordedJob& job);
// Empty: it is no JSON, or longer than a reader takes.
std::string stream_line(std::string_view document, std::string_view json);

}  // namespace nodetune
