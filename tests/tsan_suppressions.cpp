// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors

// Qt Test's watchdog thread synchronises by futexes that ThreadSanitizer does not see, so that
// every short test would report a race within Qt. Only calls made by these two libraries are left
// out: a race of a test with the code under test is still reported. RocksDB reads a static table by
// instrumented code of ours (an inline function of libstdc++), but the guard of that static is not.
extern "C" const char* __tsan_default_suppressions();   // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __tsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "called_from_lib:libQt6Test.so\ncalled_from_lib:libQt6Core.so\n"
         "race:rocksdb::BlockBasedTable::PrefetchIndexAndFilterBlocks\n";
}
