// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Any bytes as a MANIFEST, read whole and followed as it grows. The first byte says what the others
// are: a file as it stands, or records behind a length byte each, which get their frames here,
// since no fuzzer guesses a checksum.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <vector>

#include "engine/files/manifest.h"
#include "engine/files/version_edit.h"
#include "engine/observe/stored_kinds.h"
#include "tests/fuzz/scratch_directory.h"
#include "tests/record_log_frames.h"

using namespace nodetune;

namespace {

constexpr std::string_view kName = "MANIFEST-000001";

void require(bool holds) {
  if (!holds) std::abort();
}

std::vector<std::string> records_of(std::string_view bytes) {
  std::vector<std::string> records;
  while (!bytes.empty()) {
    const auto length = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    records.emplace_back(bytes.substr(0, length));
    bytes.remove_prefix(std::min<std::size_t>(length, bytes.size()));
  }
  return records;
}

bool same(const Manifest& a, const Manifest& b) {
  if (a.last_sequence != b.last_sequence || a.next_file_number != b.next_file_number ||
      a.database_id != b.database_id || a.edits != b.edits || a.bytes != b.bytes ||
      a.half_written != b.half_written || a.column_families.size() != b.column_families.size()) {
    return false;
  }
  for (const auto& [id, family] : a.column_families) {
    const auto other = b.column_families.find(id);
    if (other == b.column_families.end() || other->second.name != family.name ||
        other->second.files.size() != family.files.size() ||
        other->second.live_blob_files().size() != family.live_blob_files().size()) {
      return false;
    }
    for (const auto& [number, file] : family.files) {
      const auto found = other->second.files.find(number);
      if (found == other->second.files.end() || found->second.bytes != file.bytes ||
          found->second.level != file.level || found->second.smallest_key != file.smallest_key) {
        return false;
      }
    }
  }
  return true;
}

// Each file counts once, whatever its keys are.
void check_kinds(const Manifest& manifest, const ClientProfile* profile) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const auto sum = [most](std::int64_t a, std::int64_t b) { return a > most - b ? most : a + b; };
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  for (const auto& kind : stored_kinds(manifest, profile, "/node/state/0")) {
    require(kind.files > 0 && kind.bytes >= 0);
    files += kind.files;
    bytes = sum(bytes, kind.bytes);
  }
  require(files == manifest.total().files + manifest.blob_total().files);
  require(bytes == sum(manifest.total().bytes, manifest.blob_total().bytes));
}

void check(const Manifest& manifest) {
  for (const auto& [id, family] : manifest.column_families) {
    require(family.id == id);
    std::int64_t files = 0;
    for (const auto& level : family.levels()) files += level.files;
    require(files == static_cast<std::int64_t>(family.files.size()));
    for (const auto& [number, file] : family.files) {
      require(file.number == number && file.bytes >= 0 && file.level >= 0);
      require(file.smallest_key.size() <= kManifestKeyBytesMax);
    }
  }
  require(manifest.total().files >= 0 && manifest.total().bytes >= 0);
  const auto blobs = manifest.blob_total();
  require(blobs.files >= 0 && blobs.bytes >= 0 && blobs.garbage_bytes >= 0);
  check_kinds(manifest, nullptr);
  for (const auto& profile : client_profiles()) check_kinds(manifest, &profile);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const testing::ScratchDirectory scratch;
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const bool framed = (data[0] & 1U) != 0;
  const auto body = input.substr(1);
  const auto records = records_of(body);
  for (const auto& record : records) {
    if (const auto edit = parse_version_edit(record)) require(edit->new_files.size() <= size);
  }
  const std::string file = framed ? testing::frame_records(records) : std::string(body);

  scratch.write("CURRENT", std::string(kName) + "\n");
  scratch.write(kName, file);
  const auto whole = read_manifest(scratch.path());
  if (whole) check(*whole);

  // Cut anywhere, it is a file that its writer has not finished; then the rest comes.
  const std::size_t cut = file.empty() ? 0 : (data[0] / 2 * 131U) % (file.size() + 1);
  ManifestFollower follower(scratch.path());
  scratch.write(kName, std::string_view(file).substr(0, cut));
  const auto before = follower.update();
  if (before) check(**before);
  scratch.append(kName, std::string_view(file).substr(cut));
  const auto after = follower.update();
  require(after.status().code() == whole.status().code());
  if (after) require(same(**after, *whole));
  return 0;
}
