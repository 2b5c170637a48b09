// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <system_error>
#include <utility>

#include "engine/base/status.h"

namespace nodetune {

// Makes what the next block needs while the present one runs: one block ahead, no more.
//
// Thread: one; `make` runs on another, and what it uses must allow that and outlive this. The
// destructor waits for it.
template <typename T>
class Ahead {
 public:
  using Make = std::function<Result<T>()>;

  // What was begun for another block is waited for and dropped. Without a thread to be had nothing
  // is begun: take() then gives nothing.
  void begin(std::uint64_t block, Make make) {
    drop();
    try {
      made_ = std::async(std::launch::async, std::move(make));
    } catch (const std::system_error&) {
      return;
    }
    block_ = block;
  }
  // Waits for it; nothing: it was not begun for this block.
  std::optional<Result<T>> take(std::uint64_t block) {
    if (!made_.valid() || block_ != block) return std::nullopt;
    return made_.get();
  }
  void drop() { made_ = {}; }

 private:
  std::uint64_t block_ = 0;
  std::future<Result<T>> made_;
};

}  // namespace nodetune
