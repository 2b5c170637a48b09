// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/remote_node.h"

#include <utility>

#include "engine/node/recorded_node.h"

namespace nodetune {

Result<std::unique_ptr<RemoteRecording>> remote_recording(const std::string& url, Clock& clock,
                                                          const std::atomic<bool>* cancelled) {
  auto address = parse_ssh_url(url);
  if (!address) return address.status();
  RemoteRecording::Config config;
  config.cancelled = cancelled;
  auto channel = ssh_channel(*address, SshProgram::of_environment());
  return std::make_unique<RemoteRecording>(*std::move(address), std::move(channel), clock, config);
}

Result<std::unique_ptr<Node>> open_remote(const std::string& url, Clock& clock,
                                          const TunerConfig& tuner,
                                          const std::atomic<bool>* cancelled) {
  auto recording = remote_recording(url, clock, cancelled);
  if (!recording) return recording.status();
  return show_recorded(*std::move(recording), clock, tuner);
}

}  // namespace nodetune
