// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/fold.h"

#include <QtTest>

#include "tests/engine/fake_store.h"
#include "tests/engine/random_operations.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

constexpr auto kBoth = {FoldFor::write_batch, FoldFor::table_file};

WriteOperation put(std::string key, std::string value) {
  return WriteOperation::put(Family::accounts, std::move(key), std::move(value));
}
WriteOperation erase(std::string key) {
  return WriteOperation::erase(Family::accounts, std::move(key));
}
WriteOperation single_delete(std::string key) {
  return WriteOperation::single_delete(Family::accounts, std::move(key));
}
WriteOperation range(std::string begin, std::string end) {
  return WriteOperation::delete_range(Family::accounts, std::move(begin), std::move(end));
}
WriteOperation add(std::string key, std::uint64_t addend) {
  return WriteOperation::merge_add(Family::accounts, std::move(key), addend);
}

std::string text(const std::vector<WriteOperation>& operations) {
  std::string result;
  for (const auto& operation : operations) {
    const bool counter = operation.value.size() == sizeof(std::uint64_t);
    result += fmt::format(
        "{}{} {}={}", result.empty() ? "" : "; ", to_string(operation.type), operation.key,
        counter ? std::to_string(decode_counter(operation.value)) : operation.value);
  }
  return result;
}

std::vector<WriteOperation> folded(std::vector<WriteOperation> operations, FoldFor purpose) {
  std::array groups = {WriteGroup{std::move(operations)}};
  return fold(groups, purpose);
}

std::string both(const std::vector<WriteOperation>& operations) {
  const auto batch = text(folded(operations, FoldFor::write_batch));
  const auto table = text(folded(operations, FoldFor::table_file));
  return batch == table ? batch : batch + " / " + table;
}

Contents applied(Contents contents, const std::vector<WriteOperation>& operations) {
  for (const auto& operation : operations) apply_operation(contents, operation);
  return contents;
}

bool is_range(const WriteOperation& operation) {
  return operation.type == OperationType::delete_range;
}

// As KeyValueStore::ingest wants them.
bool in_order(const std::vector<WriteOperation>& operations, FoldFor purpose) {
  for (std::size_t at = 1; at < operations.size(); ++at) {
    const auto& before = operations[at - 1];
    const auto& now = operations[at];
    if (now.family < before.family) return false;
    if (now.family > before.family) continue;
    if (is_range(now) && (!is_range(before) || now.key < before.value)) return false;
    if (is_range(now) || is_range(before)) continue;
    const bool pair = purpose == FoldFor::write_batch && now.key == before.key &&
                      before.type == OperationType::single_delete;
    if (now.key <= before.key && !pair) return false;
  }
  return true;
}

}  // namespace

class FoldTest : public QObject {
  Q_OBJECT
 private slots:
  void puts_are_sorted_by_family_and_key() {
    const std::vector<WriteOperation> operations = {
        WriteOperation::put(Family::storage, "b", ""),
        WriteOperation::put(Family::storage, "a", ""),
        WriteOperation::put(Family::accounts, "c", ""),
        WriteOperation::put(Family::accounts, std::string("abcdefgh\0", 9), ""),
        WriteOperation::put(Family::accounts, "abcdefgh", "")};
    for (const auto purpose : kBoth) {
      const auto result = folded(operations, purpose);
      QCOMPARE(result.size(), std::size_t{5});
      QCOMPARE(result[0].key, std::string("abcdefgh"));
      QCOMPARE(result[1].key, std::string("abcdefgh\0", 9));
      QCOMPARE(result[2].key, std::string("c"));
      QCOMPARE(result[3].key, std::string("a"));
      QCOMPARE(result[4].key, std::string("b"));
    }
  }

  void the_last_write_wins() {
    QCOMPARE(both({put("k", "1"), put("a", "2"), put("k", "3")}), std::string("put a=2; put k=3"));
    QCOMPARE(both({put("k", "1"), erase("k")}), std::string("delete k="));
    QCOMPARE(both({erase("k"), put("k", "1")}), std::string("put k=1"));
  }

  void groups_are_folded_in_their_order() {
    for (const auto purpose : kBoth) {
      std::array groups = {WriteGroup{{put("k", "1"), put("b", "1")}}, WriteGroup{},
                           WriteGroup{{put("k", "2"), erase("b")}}};
      QCOMPARE(text(fold(groups, purpose)), std::string("delete b=; put k=2"));
    }
  }

  void merges_are_summed_into_what_lies_below() {
    QCOMPARE(both({add("k", 1), add("k", 2), add("k", 3)}), std::string("merge k=6"));
    QCOMPARE(both({put("k", encode_counter(40)), add("k", 2)}), std::string("put k=42"));
    QCOMPARE(both({put("k", "no counter"), add("k", 2)}), std::string("put k=2"));
    QCOMPARE(both({erase("k"), add("k", 2), add("k", 3)}), std::string("put k=5"));
    QCOMPARE(both({range("a", "z"), add("k", 2), add("k", 3)}),
             std::string("delete_range a=z; put k=5"));
    QCOMPARE(both({add("k", 7), put("k", "1")}), std::string("put k=1"));
    QCOMPARE(both({add("k", ~std::uint64_t{0}), add("k", 3)}), std::string("merge k=2"));
  }

  void what_a_later_range_covers_vanishes() {
    QCOMPARE(both({put("b", "1"), erase("c"), add("d", 1), put("e", "2"), range("b", "e")}),
             std::string("delete_range b=e; put e=2"));
    QCOMPARE(both({range("b", "e"), put("b", "1"), erase("c"), put("d", "2")}),
             std::string("delete_range b=e; put b=1; put d=2"));
    QCOMPARE(both({put("b", "1"), range("a", "b"), range("b\x01", "c")}),
             std::string("delete_range a=b; delete_range b\x01=c; put b=1"));
  }

  void ranges_are_united() {
    QCOMPARE(both({range("c", "d"), range("a", "b"), range("b", "c"), range("x", "y")}),
             std::string("delete_range a=d; delete_range x=y"));
    QCOMPARE(both({range("a", "m"), put("c", "1"), range("b", "d"), put("b", "2")}),
             std::string("delete_range a=m; put b=2"));
    QCOMPARE(both({range("", "a"), range("b", "b")}), std::string("delete_range =a"));
  }

  void a_range_touches_its_own_family_only() {
    const auto result =
        folded({WriteOperation::put(Family::storage, "k", ""), put("k", ""), range("a", "z")},
               FoldFor::write_batch);
    QCOMPARE(text(result), std::string("delete_range a=z; put k="));
    QCOMPARE(result.back().family, Family::storage);
  }

  // The put that it is meant for must not come back when the new one is single-deleted later.
  void a_single_delete_stays_one() {
    const auto one = "single_delete k= / delete_range k=k" + std::string(1, '\0');
    QCOMPARE(both({single_delete("k")}), one);
    QCOMPARE(both({put("k", "1"), single_delete("k")}), one);
    QCOMPARE(both({single_delete("k"), put("k", "1"), single_delete("k")}), one);
    QCOMPARE(both({range("a", "z"), put("k", "1"), single_delete("k")}),
             std::string("delete_range a=z"));
    const std::vector<WriteOperation> renewed = {range("x", "y"), single_delete("k"), put("k", "1"),
                                                 range("a", "b")};
    QCOMPARE(text(folded(renewed, FoldFor::write_batch)),
             std::string("delete_range a=b; delete_range x=y; single_delete k=; put k=1"));
    QCOMPARE(text(folded(renewed, FoldFor::table_file)), "delete_range a=b; delete_range k=k" +
                                                             std::string(1, '\0') +
                                                             "; delete_range x=y; put k=1");
    QCOMPARE(both({range("a", "z"), single_delete("k"), put("k", "1")}),
             std::string("delete_range a=z; put k=1"));
  }

  void folding_never_changes_the_result() {
    const auto first_seed = std::random_device{}();
    qInfo("seeds from %u", first_seed);
    std::size_t given_count = 0;
    std::size_t folded_count = 0;
    for (std::uint64_t seed = first_seed; seed < first_seed + 5'000ULL; ++seed) {
      RandomOperations random(seed);
      const auto before = applied({}, random.some(20));
      const auto given = random.some(random.number(60));
      for (const auto purpose : kBoth) {
        const auto result = folded(given, purpose);
        QVERIFY2(in_order(result, purpose), qPrintable(QString("seed %1").arg(seed)));
        QVERIFY2(applied(before, result) == applied(before, given),
                 qPrintable(QString("seed %1: %2").arg(seed).arg(text(given).c_str())));
        given_count += given.size();
        folded_count += result.size();
      }
    }
    QVERIFY2(folded_count < given_count * 3 / 4, "hardly anything was folded: nothing was tested");
  }
};

QTEST_APPLESS_MAIN(FoldTest)
#include "fold_test.moc"
