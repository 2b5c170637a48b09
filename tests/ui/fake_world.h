// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QSignalSpy>
#include <memory>
#include <utility>

#include "tests/ui/fake_node.h"
#include "ui/bridge/node_session.h"

namespace nodetune {

// A session with a FakeNode, whose clock is the node's. Nothing moves but by advance().
struct FakeWorld {
  explicit FakeWorld(const FakeNode::Config& node_config = {}) {
    made_ = std::make_shared<std::unique_ptr<FakeNode>>(std::make_unique<FakeNode>(node_config));
    node = made_->get();
    time = node->time();
    NodeSession::Config config;
    config.frame_ms = 1'000'000;
    config.now = [this] { return time; };
    session = std::make_unique<NodeSession>(config);
  }

  // False when it does not open. The session owns the node from here on.
  bool open() {
    QSignalSpy opened(session.get(), &NodeSession::opened);
    session->open("fake", [made = made_](JobControl&) -> Result<std::unique_ptr<Node>> {
      return std::unique_ptr<Node>(std::move(*made));
    });
    return opened.count() > 0 || opened.wait();
  }
  // Seconds go by, then one frame.
  void advance(int seconds = 1) {
    node->advance(seconds);
    time = node->time();
    session->run_frame();
  }

  TimePoint time{};
  FakeNode* node = nullptr;  // gone after the session has closed it
  std::unique_ptr<NodeSession> session;

 private:
  std::shared_ptr<std::unique_ptr<FakeNode>> made_;
};

}  // namespace nodetune
