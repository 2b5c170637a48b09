// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/error_marks.h"

#include <string>
#include <string_view>
#include <utility>

namespace nodetune {
namespace {

using rocksdb::DataVerificationInfo;
using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr std::string_view kLogSuffix = ".log";  // of write-ahead logs alone
constexpr std::string_view kManifestPrefix = "/MANIFEST-";

IOStatus marked(IOStatus status, bool retryable) {
  if (status.IsNoSpace()) status = IOStatus::IOError("No space left on device", status.ToString());
  if (status.IsIOError()) status.SetRetryable(retryable);
  return status;
}

IOStatus retryable(IOStatus status) {
  return marked(std::move(status), true);
}

class MarkedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  MarkedFile(std::unique_ptr<FSWritableFile>&& file, std::shared_ptr<DiskHistory> history,
             bool is_manifest)
      : FSWritableFileOwnerWrapper(std::move(file)),
        history_(std::move(history)),
        is_manifest_(is_manifest) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return noted(target()->Append(data, options, debug));
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const DataVerificationInfo& info,
                  IODebugContext* debug) override {
    return noted(target()->Append(data, options, info, debug));
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return noted(target()->Truncate(size, options, debug));
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    return noted(target()->Close(options, debug));
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    return noted(target()->Flush(options, debug));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return noted(target()->Sync(options, debug));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return noted(target()->Fsync(options, debug));
  }
  IOStatus RangeSync(std::uint64_t offset, std::uint64_t bytes, const IOOptions& options,
                     IODebugContext* debug) override {
    return noted(target()->RangeSync(offset, bytes, options, debug));
  }

 private:
  IOStatus noted(IOStatus status) {
    if (!status.ok() && is_manifest_) history_->manifest_in_doubt.store(true);
    return retryable(std::move(status));
  }

  const std::shared_ptr<DiskHistory> history_;
  const bool is_manifest_;
};

// Null where it could not be begun, because of `refusal`.
class LogFile final : public FSWritableFile {
 public:
  LogFile(std::unique_ptr<FSWritableFile> file, IOStatus refusal,
          std::shared_ptr<DiskHistory> history)
      : file_(std::move(file)), refusal_(std::move(refusal)), history_(std::move(history)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return appended(file_ ? file_->Append(data, options, debug) : refusal_);
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const DataVerificationInfo& info,
                  IODebugContext* debug) override {
    return appended(file_ ? file_->Append(data, options, info, debug) : refusal_);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return file_ ? retryable(file_->Truncate(size, options, debug)) : IOStatus::OK();
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    return file_ ? retryable(file_->Close(options, debug)) : IOStatus::OK();
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    return file_ ? retryable(file_->Flush(options, debug)) : IOStatus::OK();
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return file_ ? retryable(file_->Sync(options, debug)) : IOStatus::OK();
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return file_ ? retryable(file_->Fsync(options, debug)) : IOStatus::OK();
  }
  IOStatus RangeSync(std::uint64_t offset, std::uint64_t bytes, const IOOptions& options,
                     IODebugContext* debug) override {
    return file_ ? retryable(file_->RangeSync(offset, bytes, options, debug)) : IOStatus::OK();
  }
  IOStatus Allocate(std::uint64_t offset, std::uint64_t bytes, const IOOptions& options,
                    IODebugContext* debug) override {
    return file_ ? file_->Allocate(offset, bytes, options, debug) : IOStatus::OK();
  }
  bool IsSyncThreadSafe() const override { return !file_ || file_->IsSyncThreadSafe(); }
  bool use_direct_io() const override { return file_ && file_->use_direct_io(); }
  size_t GetRequiredBufferAlignment() const override {
    return file_ ? file_->GetRequiredBufferAlignment()
                 : FSWritableFile::GetRequiredBufferAlignment();
  }
  std::uint64_t GetFileSize(const IOOptions& options, IODebugContext* debug) override {
    return file_ ? file_->GetFileSize(options, debug) : 0;
  }
  void SetPreallocationBlockSize(size_t size) override {
    if (file_) file_->SetPreallocationBlockSize(size);
  }
  void GetPreallocationStatus(size_t* block_size, size_t* last_allocated_block) override {
    if (file_) return file_->GetPreallocationStatus(block_size, last_allocated_block);
    FSWritableFile::GetPreallocationStatus(block_size, last_allocated_block);
  }
  void PrepareWrite(size_t offset, size_t bytes, const IOOptions& options,
                    IODebugContext* debug) override {
    if (file_) file_->PrepareWrite(offset, bytes, options, debug);
  }
  void SetWriteLifeTimeHint(rocksdb::Env::WriteLifeTimeHint hint) override {
    if (file_) file_->SetWriteLifeTimeHint(hint);
  }
  size_t GetUniqueId(char* id, size_t size) const override {
    return file_ ? file_->GetUniqueId(id, size) : 0;
  }
  IOStatus InvalidateCache(size_t offset, size_t bytes) override {
    return file_ ? file_->InvalidateCache(offset, bytes) : IOStatus::OK();
  }

 private:
  IOStatus appended(IOStatus status) {
    if (!status.ok()) history_->log_lost.store(true);
    return marked(std::move(status), false);
  }

  const std::unique_ptr<FSWritableFile> file_;
  const IOStatus refusal_;
  const std::shared_ptr<DiskHistory> history_;
};

class MarkedDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  MarkedDirectory(std::unique_ptr<rocksdb::FSDirectory>&& directory,
                  std::shared_ptr<DiskHistory> history)
      : FSDirectoryWrapper(std::move(directory)), history_(std::move(history)) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return noted(FSDirectoryWrapper::Fsync(options, debug));
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& how) override {
    return noted(FSDirectoryWrapper::FsyncWithDirOptions(options, debug, how));
  }

 private:
  // CURRENT may name another MANIFEST now, or not.
  IOStatus noted(IOStatus status) {
    if (!status.ok()) history_->manifest_in_doubt.store(true);
    return retryable(std::move(status));
  }

  const std::shared_ptr<DiskHistory> history_;
};

class MarkedFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  MarkedFileSystem(std::shared_ptr<rocksdb::FileSystem> inner, std::shared_ptr<DiskHistory> history)
      : FileSystemWrapper(std::move(inner)), history_(std::move(history)) {}
  const char* Name() const override { return "MarkedFileSystem"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) override {
    auto status = target()->NewWritableFile(name, options, file, debug);
    if (!name.ends_with(kLogSuffix)) return wrap(std::move(status), name, file);
    if (!status.ok() && !history_->open.load()) return retryable(std::move(status));
    if (!status.ok()) file->reset();
    *file = std::make_unique<LogFile>(std::move(*file), status, history_);
    return IOStatus::OK();
  }
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                              std::unique_ptr<FSWritableFile>* file,
                              IODebugContext* debug) override {
    return wrap(target()->ReopenWritableFile(name, options, file, debug), name, file);
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* directory,
                        IODebugContext* debug) override {
    auto status = target()->NewDirectory(name, options, directory, debug);
    if (!status.ok()) return retryable(std::move(status));
    *directory = std::make_unique<MarkedDirectory>(std::move(*directory), history_);
    return status;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    auto status = target()->RenameFile(from, to, options, debug);
    if (!status.ok()) history_->manifest_in_doubt.store(true);
    return retryable(std::move(status));
  }
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                    IODebugContext* debug) override {
    return retryable(target()->LinkFile(from, to, options, debug));
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* debug) override {
    if (history_->manifest_in_doubt.load()) return IOStatus::OK();
    return target()->DeleteFile(name, options, debug);
  }

 private:
  IOStatus wrap(IOStatus status, const std::string& name, std::unique_ptr<FSWritableFile>* file) {
    if (!status.ok()) return retryable(std::move(status));
    const bool is_manifest = name.find(kManifestPrefix) != std::string::npos;
    *file = std::make_unique<MarkedFile>(std::move(*file), history_, is_manifest);
    return status;
  }

  const std::shared_ptr<DiskHistory> history_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> mark_errors(std::shared_ptr<rocksdb::FileSystem> inner,
                                                 std::shared_ptr<DiskHistory> history) {
  return std::make_shared<MarkedFileSystem>(std::move(inner), std::move(history));
}

}  // namespace nodetune
