// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/recording/sqlite_file.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cmath>
#include <limits>
#include <utility>

namespace nodetune {
namespace {

constexpr int kBusyMilliseconds = 5'000;  // a commit of somebody else's takes less
constexpr int kValueBytesMax = 16 << 20;  // of one value, in a file that may be hostile
constexpr int kAttachedMax = 0;

int flags_of(SqliteFile::Mode mode) {
  switch (mode) {
    case SqliteFile::Mode::read:
      return SQLITE_OPEN_READONLY;
    case SqliteFile::Mode::read_and_recover:
    case SqliteFile::Mode::write:
      return SQLITE_OPEN_READWRITE;
    case SqliteFile::Mode::create:
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }
  return SQLITE_OPEN_READONLY;
}

}  // namespace

Result<std::unique_ptr<SqliteFile>> SqliteFile::open(const std::string& path, Mode mode) {
  std::unique_ptr<SqliteFile> file(new SqliteFile(path));
  // A name is a name, whatever it looks like.
  const auto name = path.starts_with('/') ? path : "./" + path;
  const int code = sqlite3_open_v2(name.c_str(), &file->handle_, flags_of(mode), nullptr);
  if (code != SQLITE_OK) return file->status_of(code, "cannot be opened");
  sqlite3_extended_result_codes(file->handle_, 1);
  sqlite3_busy_timeout(file->handle_, kBusyMilliseconds);
  sqlite3_limit(file->handle_, SQLITE_LIMIT_LENGTH, kValueBytesMax);
  sqlite3_limit(file->handle_, SQLITE_LIMIT_ATTACHED, kAttachedMax);
  // A file may come from anybody: what its schema says is not run.
  sqlite3_db_config(file->handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(file->handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(file->handle_, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(file->handle_, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  if (auto status = file->run("PRAGMA cell_size_check = ON"); !status) return status;
  return file;
}

SqliteFile::~SqliteFile() {
  sqlite3_close_v2(handle_);
}

Status SqliteFile::status_of(int code, std::string_view what) const {
  const auto why = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return Status::ok();
    case SQLITE_FULL:
      return {
          StatusCode::no_space,
          fmt::format("{}: the disk is full: free some space, or record to another disk", path_)};
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return {StatusCode::permission_denied,
              fmt::format("{} {}: it cannot be written ({})", path_, what, why)};
    case SQLITE_CANTOPEN:
      return {StatusCode::permission_denied,
              fmt::format("{} {}: no permission, or its folder is missing or read-only ({})", path_,
                          what, why)};
    case SQLITE_CORRUPT:
    case SQLITE_FORMAT:
      return {StatusCode::corrupt, fmt::format("{} is damaged: {}", path_, why)};
    case SQLITE_NOTADB:
      return {StatusCode::not_a_database, fmt::format("{} is no recording: {}", path_, why)};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {StatusCode::busy, fmt::format("{} {}: another program keeps it busy", path_, what)};
    default:
      return {StatusCode::io_error, fmt::format("{} {}: {}", path_, what, why)};
  }
}

Status SqliteFile::run(std::string_view statements) {
  const int code =
      sqlite3_exec(handle_, std::string(statements).c_str(), nullptr, nullptr, nullptr);
  return status_of(code, "cannot be used");
}

Result<std::int64_t> SqliteFile::number(std::string_view query) {
  auto statement = prepare(query);
  if (!statement) return statement.status();
  const auto row = statement->step();
  if (!row) return row.status();
  return *row ? statement->integer(0) : 0;
}

Result<SqliteFile::Statement> SqliteFile::prepare(std::string_view query) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_, query.data(), static_cast<int>(query.size()),
                                      &statement, nullptr);
  if (code != SQLITE_OK) return status_of(code, "cannot be read");
  return Statement(*this, statement);
}

SqliteFile::Statement::Statement(Statement&& other) noexcept
    : file_(other.file_), statement_(std::exchange(other.statement_, nullptr)) {}

SqliteFile::Statement::~Statement() {
  sqlite3_finalize(statement_);
}

SqliteFile::Statement& SqliteFile::Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_, index, value);
  return *this;
}

SqliteFile::Statement& SqliteFile::Statement::bind(int index, double value) {
  if (std::isnan(value)) {
    sqlite3_bind_null(statement_, index);
  } else {
    sqlite3_bind_double(statement_, index, value);
  }
  return *this;
}

SqliteFile::Statement& SqliteFile::Statement::bind(int index, std::string_view text) {
  sqlite3_bind_text64(statement_, index, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

SqliteFile::Statement& SqliteFile::Statement::bind_known(int index,
                                                         std::optional<std::int64_t> value) {
  if (value) return bind(index, *value);
  sqlite3_bind_null(statement_, index);
  return *this;
}

SqliteFile::Statement& SqliteFile::Statement::bind_bytes(int index, std::string_view bytes) {
  sqlite3_bind_blob64(statement_, index, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
  return *this;
}

Result<bool> SqliteFile::Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return file_.status_of(code, "cannot be used");
}

Status SqliteFile::Statement::finish() {
  const int code = sqlite3_step(statement_);
  auto status = file_.status_of(code, "cannot be written");
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  return status;
}

std::int64_t SqliteFile::Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::optional<std::int64_t> SqliteFile::Statement::known_integer(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return integer(column);
}

double SqliteFile::Statement::real(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return sqlite3_column_double(statement_, column);
}

std::string_view SqliteFile::Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view SqliteFile::Statement::bytes(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

}  // namespace nodetune
