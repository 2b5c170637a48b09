// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Write batches, and what makes them last.
#include <fmt/format.h>
#include <rocksdb/write_batch.h>

#include "engine/store/database_impl.h"
#include "engine/store/slice.h"
#include "engine/store/status_from.h"

namespace nodetune {
namespace {

constexpr std::size_t kRecordOverheadBytes = 12;  // in a batch: tag, family, two lengths

rocksdb::Status add_to_batch(rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle* family,
                             const WriteOperation& operation) {
  switch (operation.type) {
    case OperationType::put:
      return batch.Put(family, slice(operation.key), slice(operation.value));
    case OperationType::erase:
      return batch.Delete(family, slice(operation.key));
    case OperationType::single_delete:
      return batch.SingleDelete(family, slice(operation.key));
    case OperationType::delete_range:
      return batch.DeleteRange(family, slice(operation.key), slice(operation.value));
    case OperationType::merge:
      return batch.Merge(family, slice(operation.key), slice(operation.value));
  }
  return rocksdb::Status::InvalidArgument("unknown operation");
}

Status bad_operation(const WriteOperation& operation, std::string_view why) {
  return {StatusCode::invalid_argument,
          fmt::format("{} in {}: {}", to_string(operation.type), to_string(operation.family), why)};
}

}  // namespace

Status check_operation(const WriteOperation& operation) {
  if (operation.type == OperationType::merge && operation.value.size() != sizeof(std::uint64_t)) {
    return bad_operation(operation, "the addend is not eight bytes");
  }
  if (operation.type == OperationType::delete_range && operation.key > operation.value) {
    return bad_operation(operation, "the range ends before it begins");
  }
  return Status::ok();
}

Status Database::Impl::write(std::span<const WriteOperation> operations, Durability durability) {
  if (operations.empty()) return Status::ok();
  std::size_t bytes = 0;
  for (const auto& operation : operations) bytes += operation.bytes() + kRecordOverheadBytes;
  rocksdb::WriteBatch batch(bytes);
  for (const auto& operation : operations) {
    if (auto status = check_operation(operation); !status) return status;
    const auto added = add_to_batch(batch, handle(operation.family), operation);
    if (!added.ok()) return status_from(added, "write", path);
  }
  const std::shared_lock open(gate);
  if (auto status = writable(); !status) return status;
  const bool logged = durability != Durability::none;
  {
    const std::shared_lock lock(logging_mutex_);
    if (logged_ == logged) return write(batch, durability);
  }
  // A logged write would outlive an unlogged one before it: first that goes to disk.
  const std::lock_guard alone(logging_mutex_);
  if (logged && !logged_) {
    if (auto status = flush_memory(); !status) return status;
  }
  logged_ = logged;
  return write(batch, durability);
}

Status Database::Impl::write(rocksdb::WriteBatch& batch, Durability durability) {
  rocksdb::WriteOptions options;
  options.disableWAL = durability == Durability::none;
  options.sync = durability == Durability::log_and_fsync;
  // Before the write: whoever asks in the meantime may do too much, never too little.
  if (durability == Durability::none) unflushed_.store(true);
  if (durability == Durability::log) unsynced_.store(true);
  const auto begun = clock.steady_now();
  const auto status = db->Write(options, &batch);
  const auto spent = (clock.steady_now() - begun).count();
  write_micros.record(spent > 0 ? static_cast<std::uint64_t>(spent) : 0);
  if (!status.ok() && durability == Durability::log_and_fsync) unsynced_.store(true);
  return noted(status_from(status, "write", path));
}

Status Database::Impl::flush() {
  const std::shared_lock open(gate);
  if (auto status = writable(); !status) return status;
  return flush_memory();
}

Status Database::Impl::sync() {
  const std::shared_lock open(gate);
  if (auto status = writable(); !status) return status;
  return sync_memory();
}

Status Database::Impl::flush_memory() {
  const std::vector<rocksdb::ColumnFamilyHandle*> all(handles.begin(), handles.end());
  const bool unflushed = unflushed_.exchange(false);
  auto status = status_from(db->Flush(rocksdb::FlushOptions(), all), "flush", path);
  if (!status && unflushed) unflushed_.store(true);
  return noted(std::move(status));
}

Status Database::Impl::sync_memory() {
  if (unflushed_.load()) return flush_memory();
  const bool unsynced = unsynced_.exchange(false);
  if (!unsynced) return Status::ok();
  auto status = status_from(db->SyncWAL(), "sync the write-ahead log", path);
  if (!status) unsynced_.store(true);
  return noted(std::move(status));
}

Status Database::write(std::span<const WriteOperation> operations, Durability durability) {
  return impl_->write(operations, durability);
}

Status Database::sync() {
  return impl_->sync();
}

Status Database::flush() {
  return impl_->flush();
}

}  // namespace nodetune
