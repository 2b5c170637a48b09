// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace nodetune {

// The content of a stream in snappy's framing format, its checksums compared.
//
// More than `bytes_max` is an error before it is decompressed, so that no stream can exhaust
// memory. Errors are `corrupt` and name the byte's offset in the stream. Pure: any thread.
// Source: snappy's framing_format.txt.
Result<std::string> read_snappy_frames(std::string_view stream, std::size_t bytes_max);

}  // namespace nodetune
