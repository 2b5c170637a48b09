// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/ordered_trie.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/chain/keccak.h"
#include "engine/chain/rlp.h"

namespace nodetune {
namespace {

constexpr int kBranches = 16;

struct Entry {
  std::string path;  // one byte a nibble
  std::string_view value;
};
using Entries = std::span<const Entry>;

// Nibbles, packed with a flag that tells a leaf and an odd count: "hex prefix".
std::string packed(std::string_view path, bool leaf) {
  const bool odd = path.size() % 2 != 0;
  std::string bytes(1, static_cast<char>((leaf ? 2 : 0) + (odd ? 1 : 0)));
  bytes[0] = static_cast<char>(bytes[0] << 4 | (odd ? path[0] : 0));
  for (std::size_t i = odd ? 1 : 0; i < path.size(); i += 2) {
    bytes.push_back(static_cast<char>(path[i] << 4 | path[i + 1]));
  }
  return bytes;
}

std::string node(Entries entries, std::size_t depth);

// How a node stands in its parent: itself when it is short, else its hash.
void add_reference(RlpWriter& writer, const std::string& child) {
  if (child.size() < sizeof(Hash256)) {
    writer.add_encoded(child);
  } else {
    writer.add_string(as_view(keccak256(child)));
  }
}

std::string branch(Entries entries, std::size_t depth) {
  RlpWriter writer;
  writer.begin_list();
  auto begin = entries.begin();
  for (char nibble = 0; nibble < kBranches; ++nibble) {
    const auto end = std::find_if(begin, entries.end(),
                                  [&](const Entry& entry) { return entry.path[depth] != nibble; });
    if (begin == end) {
      writer.add_string({});
    } else {
      add_reference(writer, node(Entries(begin, end), depth + 1));
    }
    begin = end;
  }
  writer.add_string({});  // no path ends here: none is the beginning of another
  return writer.end_list().take();
}

// Sorted entries that agree in their first `depth` nibbles; at least one.
std::string node(Entries entries, std::size_t depth) {
  const std::string_view first = entries.front().path;
  if (entries.size() == 1) {
    RlpWriter writer;
    writer.begin_list();
    writer.add_string(packed(first.substr(depth), true)).add_string(entries.front().value);
    return writer.end_list().take();
  }
  const std::string_view last = entries.back().path;
  std::size_t common = depth;
  while (first[common] == last[common]) ++common;
  if (common == depth) return branch(entries, depth);
  RlpWriter writer;
  writer.begin_list();
  writer.add_string(packed(first.substr(depth, common - depth), false));
  add_reference(writer, branch(entries, common));
  return writer.end_list().take();
}

std::string path_of(std::uint64_t index) {
  std::string path;
  for (const char byte : RlpWriter().add_uint(index).take()) {
    path.push_back(static_cast<char>(static_cast<std::uint8_t>(byte) >> 4));
    path.push_back(static_cast<char>(byte & 15));
  }
  return path;
}

}  // namespace

Hash256 ordered_trie_root(std::span<const std::string_view> values) {
  static const Hash256 empty = keccak256(RlpWriter().add_string({}).take());
  if (values.empty()) return empty;
  std::vector<Entry> entries;
  entries.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) entries.push_back({path_of(i), values[i]});
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.path < b.path; });
  return keccak256(node(entries, 0));
}

}  // namespace nodetune
