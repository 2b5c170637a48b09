// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/status.h"

struct sqlite3;
struct sqlite3_stmt;

namespace nodetune {

// One SQLite file. The only place that knows SQLite's interface.
//
// Errors name the file: full disk, no permission, damaged, not a database, busy.
// Thread: one at a time.
class SqliteFile {
 public:
  enum class Mode : std::uint8_t { read, read_and_recover, write, create };

  static Result<std::unique_ptr<SqliteFile>> open(const std::string& path, Mode mode);
  ~SqliteFile();
  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;

  const std::string& path() const { return path_; }
  Status run(std::string_view statements);  // without results
  Result<std::int64_t> number(std::string_view query);

  // One prepared statement: bind, then step.
  class Statement {
   public:
    Statement(SqliteFile& file, sqlite3_stmt* statement) : file_(file), statement_(statement) {}
    ~Statement();
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;

    Statement& bind(int index, std::int64_t value);
    Statement& bind(int index, double value);  // NaN is stored as NULL
    Statement& bind(int index, std::string_view text);
    Statement& bind_known(int index, std::optional<std::int64_t> value);  // nothing is NULL
    Statement& bind_bytes(int index, std::string_view bytes);
    // Whether there is a row.
    Result<bool> step();
    // Runs it to its end, and makes it ready for the next values.
    Status finish();

    std::int64_t integer(int column) const;
    std::optional<std::int64_t> known_integer(int column) const;  // NULL is nothing
    double real(int column) const;                                // NULL is NaN
    std::string_view text(int column) const;
    std::string_view bytes(int column) const;

   private:
    SqliteFile& file_;
    sqlite3_stmt* statement_;
  };
  Result<Statement> prepare(std::string_view query);

 private:
  explicit SqliteFile(std::string path) : path_(std::move(path)) {}
  Status status_of(int code, std::string_view what) const;

  const std::string path_;
  sqlite3* handle_ = nullptr;
};

}  // namespace nodetune
