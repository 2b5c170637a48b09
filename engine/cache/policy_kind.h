// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace nodetune {

// What decides which entry a full cache gives up.
//   lru     the entry that has not been used for longest
//   s3fifo  S3-FIFO (SOSP'23): a small queue sorts out what is used once, a ghost remembers it
//   arc     ARC (FAST'03): recency and frequency share the space as their ghosts are hit
enum class PolicyKind : std::uint8_t { lru, s3fifo, arc };

inline constexpr std::array<PolicyKind, 3> kPolicyKinds = {PolicyKind::lru, PolicyKind::s3fifo,
                                                           PolicyKind::arc};

// S3-FIFO's small queue has one part in so many of the capacity: the paper's tenth.
inline constexpr std::uint64_t kS3FifoSmallShare = 10;

// As files and command lines spell it: "lru", "s3fifo", "arc".
std::string_view name(PolicyKind policy);

// As people read it: "LRU", "S3-FIFO", "ARC".
std::string_view display_name(PolicyKind policy);

// The inverse of name(); nothing for any other text.
std::optional<PolicyKind> parse_policy_kind(std::string_view text);

}  // namespace nodetune
