// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/access_list.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <iterator>
#include <limits>
#include <new>
#include <optional>
#include <system_error>

#include "engine/chain/rlp.h"

namespace nodetune {
namespace {

constexpr std::string_view kFileSuffix = "_with_reads.rlp";
constexpr auto kMaxTxIndex = std::numeric_limits<std::uint32_t>::max();

// Calls read_item(list) for each item of the next list.
template <typename ReadItem>
Status read_list(RlpReader& reader, ReadItem read_item) {
  auto list = reader.next_list();
  if (!list) return list.status();
  while (!list->at_end()) {
    if (auto status = read_item(*list); !status) return status;
  }
  return Status::ok();
}

Result<Word256> read_word(RlpReader& reader) {
  const auto offset = reader.offset();
  auto bytes = reader.next_string();
  if (!bytes) return bytes.status();
  const auto word = word_from(*bytes);
  if (!word) return RlpReader::error_at(offset, "a slot or value of more than 32 bytes");
  return *word;
}

Result<std::uint64_t> read_nonce(RlpReader& reader) {
  return reader.next_uint();
}

Result<std::string> read_code(RlpReader& reader) {
  auto bytes = reader.next_string();
  if (!bytes) return bytes.status();
  return std::string(*bytes);
}

// [[tx_index, value], ...]
template <typename T>
Status read_changes(RlpReader& reader, std::vector<TxChange<T>>& changes,
                    Result<T> (*read_value)(RlpReader&)) {
  return read_list(reader, [&](RlpReader& list) {
    const auto offset = list.offset();
    auto pair = list.next_list();
    if (!pair) return pair.status();
    auto tx_index = pair->next_uint(kMaxTxIndex);
    if (!tx_index) return tx_index.status();
    auto value = read_value(*pair);
    if (!value) return value.status();
    if (!changes.empty() && changes.back().tx_index >= *tx_index) {
      return RlpReader::error_at(offset, "transaction indices do not ascend");
    }
    changes.push_back({static_cast<std::uint32_t>(*tx_index), std::move(*value)});
    return pair->expect_end();
  });
}

// [slot, [[tx_index, value], ...]]
Status read_slot_write(RlpReader& list, std::vector<SlotWrite>& writes) {
  const auto offset = list.offset();
  auto pair = list.next_list();
  if (!pair) return pair.status();
  auto slot = read_word(*pair);
  if (!slot) return slot.status();
  if (!writes.empty() && writes.back().slot >= *slot) {
    return RlpReader::error_at(offset, "written slots do not ascend");
  }
  SlotWrite write{*slot, {}};
  if (auto status = read_changes(*pair, write.changes, read_word); !status) return status;
  if (write.changes.empty()) return RlpReader::error_at(offset, "a written slot has no value");
  writes.push_back(std::move(write));
  return pair->expect_end();
}

Status read_slot_read(RlpReader& list, std::vector<Word256>& reads) {
  const auto offset = list.offset();
  auto slot = read_word(list);
  if (!slot) return slot.status();
  if (!reads.empty() && reads.back() >= *slot) {
    return RlpReader::error_at(offset, "read slots do not ascend");
  }
  reads.push_back(*slot);
  return Status::ok();
}

// [address, slot writes, slot reads, balances, nonces, codes]
Status read_account(RlpReader& list, std::vector<AccountAccess>& accounts) {
  const auto offset = list.offset();
  auto fields = list.next_list();
  if (!fields) return fields.status();
  auto bytes = fields->next_string();
  if (!bytes) return bytes.status();
  const auto address = bytes_from<Address>(*bytes);
  if (!address) return RlpReader::error_at(offset, "an address is not 20 bytes long");
  if (!accounts.empty() && accounts.back().address >= *address) {
    return RlpReader::error_at(offset, "addresses do not ascend");
  }
  AccountAccess account;
  account.address = *address;
  auto status = read_list(
      *fields, [&](RlpReader& writes) { return read_slot_write(writes, account.slot_writes); });
  if (!status) return status;
  status = read_list(*fields,
                     [&](RlpReader& reads) { return read_slot_read(reads, account.slot_reads); });
  if (!status) return status;
  status = read_changes(*fields, account.balances, read_word);
  if (!status) return status;
  status = read_changes(*fields, account.nonces, read_nonce);
  if (!status) return status;
  status = read_changes(*fields, account.codes, read_code);
  if (!status) return status;
  accounts.push_back(std::move(account));
  return fields->expect_end();
}

// The block's number, if it is the name of an access list.
std::optional<std::uint64_t> number_in(const std::string& name) {
  std::uint64_t number = 0;
  const auto* const end = name.data() + name.size();
  const auto [digits_end, error] = std::from_chars(name.data(), end, number);
  // One name a number: "007_with_reads.rlp" would replay block 7 a second time.
  const bool leading_zero = name.size() > 1 && name[0] == '0' && digits_end != name.data() + 1;
  if (error != std::errc{} || leading_zero) return std::nullopt;
  if (std::string_view(digits_end, static_cast<std::size_t>(end - digits_end)) != kFileSuffix) {
    return std::nullopt;
  }
  return number;
}

Result<std::vector<AccessListFile>> files_in_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<AccessListFile> files;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto number = number_in(entry->path().filename().string());
    std::error_code unknown;  // a dangling link is no file: ignored like any other name
    if (number && entry->is_regular_file(unknown)) files.push_back({*number, entry->path()});
  }
  if (error) return Status::from_errno(error.value(), "cannot list", folder.string());
  if (files.empty()) {
    return Status(StatusCode::not_found,
                  fmt::format("{}: holds no access lists; they are named NUMBER{}", folder.string(),
                              kFileSuffix));
  }
  std::ranges::sort(files, {}, &AccessListFile::number);
  return files;
}

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

Result<std::string> read_file(const std::string& path) {
  // Not to hang on a pipe that took the file's place.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) return Status::from_errno(errno, "cannot open", path);
  std::string content;
  constexpr std::size_t kChunk = std::size_t{256} << 10;
  ssize_t count = 0;
  int error = 0;
  do {
    const auto size = content.size();
    content.resize(size + kChunk);
    count = ::read(file.fd, content.data() + size, kChunk);
    error = count < 0 ? errno : 0;
    content.resize(size + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  } while ((count > 0 && content.size() <= kMaxAccessListBytes) || error == EINTR);
  if (error != 0) return Status::from_errno(error, "cannot read", path);
  if (content.size() > kMaxAccessListBytes) {
    return Status(StatusCode::invalid_argument,
                  fmt::format("{}: larger than {}: not a block's access list", path,
                              format_bytes(kMaxAccessListBytes)));
  }
  return content;
}

}  // namespace

bool AccountAccess::changed() const {
  return !slot_writes.empty() || !balances.empty() || !nonces.empty() || !codes.empty();
}

std::vector<Word256> AccountAccess::touched_slots() const {
  std::vector<Word256> written;
  std::ranges::transform(slot_writes, std::back_inserter(written), &SlotWrite::slot);
  std::vector<Word256> touched;
  touched.reserve(written.size() + slot_reads.size());
  std::ranges::set_union(written, slot_reads, std::back_inserter(touched));
  return touched;
}

Result<std::vector<AccessListFile>> list_access_list_files(const std::filesystem::path& path) try {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    const int reason = error ? error.value() : ENOENT;
    return Status::from_errno(reason, "cannot open access lists", path.string());
  }
  if (std::filesystem::is_directory(status)) return files_in_folder(path);
  const auto number = number_in(path.filename().string());
  if (!number || !std::filesystem::is_regular_file(status)) {
    return Status(StatusCode::invalid_argument,
                  fmt::format("{}: not an access list; they are files named NUMBER{}",
                              path.string(), kFileSuffix));
  }
  return std::vector<AccessListFile>{{*number, path}};
} catch (const std::exception& thrown) {
  return Status(StatusCode::failed, fmt::format("{}: {}", path.native(), thrown.what()));
}

Result<BlockAccessList> parse_access_list(std::uint64_t number, std::string_view rlp) try {
  RlpReader reader(rlp);
  BlockAccessList block{number, {}};
  auto status = read_list(
      reader, [&](RlpReader& accounts) { return read_account(accounts, block.accounts); });
  if (status) status = reader.expect_end();
  if (!status) return status;
  return block;
} catch (const std::bad_alloc&) {
  return Status(StatusCode::failed, "not enough memory for its items");
}

Result<BlockAccessList> read_access_list(const AccessListFile& file) try {
  auto content = read_file(file.path.native());
  if (!content) return content.status();
  auto block = parse_access_list(file.number, *content);
  if (!block) {
    return Status(block.status().code(), fmt::format("{}: not a block access list: {}",
                                                     file.path.native(), block.status().message()));
  }
  return block;
} catch (const std::bad_alloc&) {
  return Status(StatusCode::failed,
                fmt::format("{}: not enough memory to read it", file.path.native()));
}

}  // namespace nodetune
