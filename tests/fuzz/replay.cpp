// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Gives a fuzz target each file of the folders named on the command line, and then each of them
// again with one byte changed at a time, or cut: what a fuzzer would begin with. Needs no clang.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kChanges = 400;  // of a file

void give(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

void give_with_changes(const std::string& bytes) {
  give(bytes);
  const std::size_t step = std::max<std::size_t>(1, bytes.size() / kChanges);
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    for (const int change : {0x01, 0x80, 0xff}) {
      auto changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ change);
      give(changed);
    }
    give(bytes.substr(0, at));
  }
}

}  // namespace

int main(int argc, char** argv) {
  int files = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      give_with_changes({std::istreambuf_iterator<char>(file), {}});
      ++files;
    }
  }
  std::printf("%d files\n", files);
  return files > 0 ? 0 : 1;  // an empty folder proves nothing
}
