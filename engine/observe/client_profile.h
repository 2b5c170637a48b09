// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/chain/object_kind.h"
#include "engine/store/knobs.h"

namespace nodetune {

// What keys belong to: one of the seven kinds, something else, or what nobody can tell.
struct HeldKind {
  std::optional<ObjectKind> kind;
  bool told_apart = false;  // without a kind: is it known to be none of the seven?
  bool operator==(const HeldKind&) const = default;
};
constexpr HeldKind holding(ObjectKind kind) {
  return {kind, true};
}
inline constexpr HeldKind kHoldsOther{std::nullopt, true};
inline constexpr HeldKind kNotToldApart{};

// Keys of one family whose byte at a fixed place is in [first, last].
struct KeyPrefix {
  std::uint8_t first = 0;
  std::uint8_t last = 0;
  HeldKind holds;
};

// What one of a client's column families holds.
struct ClientFamily {
  std::string_view name;   // exact bytes
  std::string_view title;  // "BLOCKCHAIN"; empty: the name speaks for itself
  std::string_view role;   // "state trie nodes"
  HeldKind holds = kNotToldApart;
  std::span<const KeyPrefix> prefixes = {};  // where it holds several kinds; ascending
  std::size_t prefix_at = 0;                 // which byte of the key they are
};

// What the families of one database hold that have no row of their own: of clients that keep
// several, each for one kind.
struct ClientDatabase {
  std::string_view directory;  // its name; "*": any
  std::string_view role;
  HeldKind holds = kNotToldApart;
};

// Where an operator of this client sets a knob: the flag or configuration key. "{}" stands for the
// value, "{MiB}" for the same in MiB.
struct ClientSetting {
  Knob knob;
  std::string_view where;
};

// A blockchain client that stores in RocksDB, by the traces that it leaves on disk.
//
// Source: each client's own source, as of August 2026. A row, not code: a new client is one more.
struct ClientProfile {
  std::string_view name;  // "Besu"
  std::span<const ClientFamily> families = {};
  int families_min = 0;              // so many must be there; 0: they prove nothing
  bool families_need_place = false;  // others name theirs alike
  std::span<const std::string_view> marker_files = {};  // in the directory or its parent; proves it
  std::span<const std::string_view> sibling_names = {};  // of directories beside it
  int siblings_min = 0;                                  // so many prove it; 0: they prove nothing
  std::span<const std::string_view> places = {};         // how the path ends: "chains/*/db/full"
  std::span<const std::string_view> path_words = {};  // in the path here or on the node's machine
  std::span<const ClientSetting> settings = {};
  std::string_view settings_note = {};  // what else is worth knowing before a setting is changed
  bool default_is_unused = false;       // the family `default` is there because RocksDB wants it
  std::span<const ClientDatabase> databases = {};  // the first that fits
  std::string_view stored_note = {};  // which kinds lie elsewhere, or are counted as another
};

std::span<const ClientProfile> client_profiles();
// NodeTune's own families: of a managed directory that is only looked at. Not one of the above.
const ClientProfile& own_profile();

// What is looked at; nothing here needs an open database.
struct ClientTraces {
  std::string directory;                   // of the database
  std::vector<std::string> families;       // raw names; empty: not known
  std::vector<std::string> file_names;     // in the directory and in its parent
  std::vector<std::string> sibling_names;  // directories beside it, itself among them
  std::string directory_of_writer;         // as the LOG has it; may be empty
};

struct RecognisedClient {
  const ClientProfile* profile = nullptr;  // null: none of those known
  std::string name;                        // empty: unknown
  std::string evidence;                    // "DATABASE_METADATA.json stands beside it"
};

RecognisedClient recognise_client(const ClientTraces& traces);

// Reads the names around `directory`; `families` and `directory_of_writer` are for the caller.
ClientTraces client_traces(const std::string& directory);

// For people: "0x01 BLOCKCHAIN", "receipts"; control bytes never reach a screen.
std::string family_title(const ClientProfile* profile, std::string_view family);
// Empty where nothing is known. `directory`: of the database, for clients that keep several.
std::string_view family_role(const ClientProfile* profile, std::string_view family,
                             const std::string& directory = {});

// What the keys of one family are told apart by.
struct FamilyContent {
  HeldKind holds;  // all of its keys, where there are no prefixes
  std::span<const KeyPrefix> prefixes = {};
  std::size_t prefix_at = 0;

  // Of keys between the two, in the order of their bytes; both may be anybody's bytes.
  HeldKind between(std::string_view smallest, std::string_view largest) const;
};
FamilyContent family_content(const ClientProfile* profile, std::string_view family,
                             const std::string& directory);
// The flag or key that sets `knob` to `value` ("…" without one) in this client; empty where there
// is none.
std::string knob_setting(const ClientProfile* profile, Knob knob,
                         std::optional<std::int64_t> value = std::nullopt);

}  // namespace nodetune
