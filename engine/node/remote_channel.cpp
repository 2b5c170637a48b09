// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/remote_channel.h"

#include <fmt/format.h>

#include <utility>

#include "engine/base/child_process.h"
#include "engine/base/format.h"

namespace nodetune {
namespace {

class SshChannel final : public RemoteChannel {
 public:
  explicit SshChannel(std::unique_ptr<ChildProcess> child) : child_(std::move(child)) {}

  std::string read(std::size_t bytes_max) override { return child_->read(bytes_max); }
  std::optional<RemoteEnd> end() override {
    const auto end = child_->end();
    if (!end) return std::nullopt;
    return RemoteEnd{end->exit_code, end->signal, child_->errors()};
  }

 private:
  const std::unique_ptr<ChildProcess> child_;
};

}  // namespace

OpenChannel ssh_channel(const RemoteAddress& address, const SshProgram& program) {
  return [arguments = ssh_arguments(address, program)]() -> Result<std::unique_ptr<RemoteChannel>> {
    auto child = ChildProcess::start(arguments);
    if (child)
      return std::unique_ptr<RemoteChannel>(std::make_unique<SshChannel>(*std::move(child)));
    if (child.status().code() != StatusCode::not_found) return child.status();
    return Status(StatusCode::not_found,
                  fmt::format("{} is not installed here: install it (on Debian: apt install "
                              "openssh-client), or name another program in NODETUNE_SSH",
                              escape_name(arguments.front())));
  };
}

}  // namespace nodetune
