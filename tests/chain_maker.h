// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <snappy.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "engine/chain/accumulator.h"
#include "engine/chain/checked_block.h"
#include "engine/chain/keccak.h"
#include "engine/chain/ordered_trie.h"
#include "engine/chain/rlp.h"
#include "engine/files/crc32c.h"

// A chain as files hold it, made up: same seed, same chain. What links and roots are made of is
// real, all else is random.
namespace nodetune {

class ChainMaker {
 public:
  struct Config {
    std::uint64_t seed = 1;
    std::uint64_t first_number = 0;
    int transactions_max = 4;
    std::size_t input_bytes_max = 120;  // of a transaction
    bool withdrawals = false;
  };
  explicit ChainMaker(const Config& config)
      : config_(config), random_(config.seed), number_(config.first_number) {
    if (number_ > 0) parent_ = bytes<Hash256>();
  }

  FileBlock next() {
    FileBlock block;
    const auto transactions = make_items(&ChainMaker::transaction);
    const auto receipts = make_items(&ChainMaker::receipt, transactions.size());
    std::vector<std::string> withdrawals;
    if (config_.withdrawals) withdrawals = make_items(&ChainMaker::withdrawal);
    const Word256 difficulty = *word_from(std::string(1, static_cast<char>(1 + random_() % 100)));
    block.header = header(transactions, receipts, withdrawals, difficulty);
    RlpWriter body;
    body.begin_list().add_encoded(list_of(transactions)).add_encoded(list_of({}));
    if (config_.withdrawals) body.add_encoded(list_of(withdrawals));
    block.body = body.end_list().take();
    block.receipts = list_of(receipts);
    block.number = number_++;
    total_ = *add(total_, difficulty);
    block.total_difficulty = total_;
    parent_ = keccak256(block.header);
    return block;
  }
  const Hash256& last_hash() const { return parent_; }

  static std::string list_of(const std::vector<std::string>& items) {
    RlpWriter writer;
    writer.begin_list();
    for (const auto& item : items) writer.add_encoded(item);
    return writer.end_list().take();
  }

 private:
  using Make = std::string (ChainMaker::*)();

  std::vector<std::string> make_items(Make make, std::optional<std::size_t> wanted = {}) {
    const auto count =
        wanted.value_or(random_() % static_cast<std::uint64_t>(config_.transactions_max + 1));
    std::vector<std::string> items;
    for (std::size_t i = 0; i < count; ++i) items.push_back((this->*make)());
    return items;
  }
  std::string random_bytes(std::size_t count) {
    std::string made(count, '\0');
    for (auto& byte : made) byte = static_cast<char>(random_());
    return made;
  }
  template <typename Bytes>
  Bytes bytes() {
    return *bytes_from<Bytes>(random_bytes(sizeof(Bytes)));
  }
  std::string transaction() {
    RlpWriter writer;
    writer.begin_list().add_uint(random_() % 1'000).add_uint(random_() % 100'000'000'000);
    writer.add_uint(21'000).add_string(random_bytes(20)).add_uint(random_() >> random_() % 64);
    writer.add_string(random_bytes(random_() % (config_.input_bytes_max + 1)));
    writer.add_uint(27).add_string(random_bytes(32)).add_string(random_bytes(32));
    auto made = writer.end_list().take();
    return random_() % 2 == 0 ? made : RlpWriter().add_string('\x02' + made).take();
  }
  std::string receipt() {
    RlpWriter writer;
    writer.begin_list().add_uint(random_() % 2).add_uint(random_() % 1'000'000);
    return writer.add_string(random_bytes(40)).begin_list().end_list().end_list().take();
  }
  std::string withdrawal() {
    RlpWriter writer;
    writer.begin_list().add_uint(random_()).add_uint(random_() % 1'000'000);
    return writer.add_string(random_bytes(20)).add_uint(random_() % 32'000'000).end_list().take();
  }
  static Hash256 root(const std::vector<std::string>& items) {
    std::vector<std::string_view> values;
    for (const auto& item : items) {
      RlpReader reader(item);
      const auto read = reader.next();
      values.push_back(read->is_list ? read->encoded : read->payload);
    }
    return ordered_trie_root(values);
  }
  std::string header(const std::vector<std::string>& transactions,
                     const std::vector<std::string>& receipts,
                     const std::vector<std::string>& withdrawals, const Word256& difficulty) {
    const auto without_zeroes = [](std::string_view bytes) {
      return bytes.substr(std::min(bytes.find_first_not_of('\0'), bytes.size()));
    };
    RlpWriter writer;
    writer.begin_list().add_string(as_view(parent_));
    writer.add_string(as_view(keccak256(list_of({})))).add_string(random_bytes(20));
    writer.add_string(random_bytes(32)).add_string(as_view(root(transactions)));
    writer.add_string(as_view(root(receipts))).add_string(std::string(256, '\0'));
    writer.add_string(without_zeroes(as_view(difficulty))).add_uint(number_);
    writer.add_uint(30'000'000).add_uint(21'000 * transactions.size());
    writer.add_uint(1'438'269'988 + 12 * number_).add_string("made up");
    writer.add_string(random_bytes(32)).add_string(random_bytes(8));
    if (config_.withdrawals) {
      writer.add_uint(7 + random_() % 1'000).add_string(as_view(root(withdrawals)));
    }
    return writer.end_list().take();
  }

  const Config config_;
  std::mt19937_64 random_;
  std::uint64_t number_;
  Hash256 parent_{};
  Word256 total_;
};

// As `geth export` writes a block.
inline std::string export_block(const FileBlock& block) {
  RlpReader body(block.body);
  return RlpWriter()
      .begin_list()
      .add_encoded(block.header)
      .add_encoded(body.next()->payload)
      .end_list()
      .take();
}

inline std::string make_export(const std::vector<FileBlock>& blocks) {
  std::string file;
  for (const auto& block : blocks) file += export_block(block);
  return file;
}

inline std::vector<FileBlock> make_blocks(int count, const ChainMaker::Config& config = {}) {
  ChainMaker maker(config);
  std::vector<FileBlock> blocks;
  for (int i = 0; i < count; ++i) blocks.push_back(maker.next());
  return blocks;
}

inline std::string little_endian(std::uint64_t value, int bytes) {
  std::string made;
  for (int i = 0; i < bytes; ++i) made.push_back(static_cast<char>(value >> 8 * i));
  return made;
}

inline std::string snappy_chunk(std::uint8_t type, const std::string& data) {
  return std::string(1, static_cast<char>(type)) + little_endian(data.size(), 3) + data;
}

inline std::string snappy_frames(std::string_view content) {
  std::string made = snappy_chunk(0xff, "sNaPpY");
  for (std::size_t at = 0; at < content.size(); at += 65'536) {
    const auto piece = content.substr(at, 65'536);
    std::string data;
    snappy::Compress(piece.data(), piece.size(), &data);
    made += snappy_chunk(0, little_endian(mask_crc32c(crc32c(piece)), 4) + data);
  }
  return made;
}

inline std::string era1_record(std::uint16_t type, const std::string& content) {
  return little_endian(type, 2) + little_endian(content.size(), 4) + std::string(2, '\0') + content;
}

inline std::string make_era1(const std::vector<FileBlock>& blocks) {
  std::string file = era1_record(0x3265, {});
  std::vector<std::uint64_t> offsets;
  std::vector<HeaderRecord> records;
  for (const auto& block : blocks) {
    offsets.push_back(file.size());
    records.push_back({keccak256(block.header), *block.total_difficulty});
    file += era1_record(3, snappy_frames(block.header));
    file += era1_record(4, snappy_frames(block.body));
    file += era1_record(5, snappy_frames(*block.receipts));
    const auto total = as_view(*block.total_difficulty);
    file += era1_record(6, std::string(total.rbegin(), total.rend()));
  }
  file += era1_record(7, std::string(as_view(accumulator_root(records))));
  std::string index = little_endian(blocks.front().number, 8);
  for (const auto offset : offsets) index += little_endian(offset - file.size(), 8);
  return file + era1_record(0x3266, index + little_endian(blocks.size(), 8));
}

}  // namespace nodetune
