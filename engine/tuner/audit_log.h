// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/tuner/target.h"

namespace nodetune {

enum class Actor : std::uint8_t { node_operator, tuner, recovery };
std::string_view to_string(Actor actor);  // "operator", "tuner", "recovery"
std::optional<Actor> actor_from(std::string_view name);

enum class AuditKind : std::uint8_t {
  intent,       // a change is about to be made
  done,         // the intent's change is in force and persisted
  failed,       // it is not: the old value is in force
  rolled_back,  // the same, found unfinished after a crash
  state,        // a recommendation changed its state
  note,         // anything else worth keeping
};
std::string_view to_string(AuditKind kind);
std::optional<AuditKind> audit_kind_from(std::string_view name);

// One line of the audit log.
struct AuditEntry {
  std::uint64_t sequence = 0;  // ascending over the log's life
  TimePoint time{};
  AuditKind kind = AuditKind::note;
  Actor who = Actor::node_operator;
  std::uint64_t change = 0;          // the intent's id (its sequence); 0: none
  std::uint64_t recommendation = 0;  // 0: none
  std::string what;                  // to_string(Target), or free text
  std::string from;                  // value_text, or a state
  std::string to;
  std::string outcome;  // "in force", "failed: …"
  std::string reason;   // why somebody did it
};

struct AuditLogConfig {
  std::int64_t rotate_bytes = 8 << 20;  // then the file becomes PATH.1, which replaces an older one
  std::size_t entries_kept = 2'000;     // in memory, for the window and for undo
  std::size_t line_bytes_max = 64 << 10;  // longer lines are skipped on reading
};

// Who changed what and when: JSON lines, fsynced, appended and never rewritten.
//
// Invariant: an entry that append() acknowledged is read back by every later open(); an intent has
// at most one end (done, failed, rolled_back). A torn last line, as a crash leaves it, is skipped
// and counted, never an error.
// Thread: any. Lifetime: one writer a path (the managed directory's lock sees to it).
class AuditLog {
 public:
  // Creates the file where there is none. Errors: no permission, not a file, a full disk.
  static Result<std::unique_ptr<AuditLog>> open(const std::string& path, Clock& clock,
                                                const AuditLogConfig& config = {});
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // Time and sequence are set here; returns the sequence. Not ok: nothing was logged, and what was
  // to be logged must not be done.
  Result<std::uint64_t> append(AuditEntry entry);

  // An intent; returns the change's id. Only one may be unfinished per target.
  Result<std::uint64_t> begin(Actor who, const Target& target, std::int64_t from, std::int64_t to,
                              std::string_view reason, std::uint64_t recommendation = 0);
  // Its end: done, failed or rolled_back.
  Status end(std::uint64_t change, AuditKind end_kind, Actor who, std::string_view outcome);

  // Intents without an end, oldest first.
  std::vector<AuditEntry> unfinished() const;
  // An intent that ended as done; nothing when it is unknown, older than what is kept, or not done.
  std::optional<AuditEntry> find_done(std::uint64_t change) const;
  // The newest entries, oldest first.
  std::vector<AuditEntry> entries(std::size_t most = SIZE_MAX) const;

  std::uint64_t unreadable_lines() const;  // skipped by open()
  const std::string& path() const { return path_; }

 private:
  AuditLog(std::string path, Clock& clock, const AuditLogConfig& config);
  Status open_file();
  Status read_back(const std::string& path);
  Status rotate_if_full();
  Status write_line(const std::string& line);
  Result<std::uint64_t> append_locked(AuditEntry entry);
  void remember(const AuditEntry& entry);

  const std::string path_;
  Clock& clock_;
  const AuditLogConfig config_;
  mutable std::mutex mutex_;
  // All below guarded by mutex_.
  int file_ = -1;
  std::int64_t file_bytes_ = 0;
  bool ends_torn_ = false;  // the file's last line lacks its newline
  std::uint64_t next_sequence_ = 1;
  std::uint64_t unreadable_lines_ = 0;
  std::deque<AuditEntry> entries_;
  std::map<std::uint64_t, AuditEntry> unfinished_;
};

// One line without its newline; and back.
std::string to_json_line(const AuditEntry& entry);
Result<AuditEntry> audit_entry_from(std::string_view line);

}  // namespace nodetune
