// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/policy_kind.h"

namespace nodetune {

std::string_view name(PolicyKind policy) {
  switch (policy) {
    case PolicyKind::lru:
      return "lru";
    case PolicyKind::s3fifo:
      return "s3fifo";
    case PolicyKind::arc:
      return "arc";
  }
  return "";
}

std::string_view display_name(PolicyKind policy) {
  switch (policy) {
    case PolicyKind::lru:
      return "LRU";
    case PolicyKind::s3fifo:
      return "S3-FIFO";
    case PolicyKind::arc:
      return "ARC";
  }
  return "";
}

std::optional<PolicyKind> parse_policy_kind(std::string_view text) {
  for (const PolicyKind policy : kPolicyKinds) {
    if (name(policy) == text) return policy;
  }
  return std::nullopt;
}

}  // namespace nodetune
