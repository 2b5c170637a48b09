// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/operation_order.h"

#include <QtTest>

#include "tests/engine/fake_store.h"
#include "tests/engine/random_operations.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

std::string text(const std::vector<WriteOperation>& operations) {
  std::string result;
  for (const auto& operation : operations) {
    result += fmt::format("{} {} {} ", to_string(operation.type), to_string(operation.family),
                          operation.key);
  }
  return result;
}

Contents applied(const std::vector<WriteOperation>& operations) {
  Contents contents;
  for (const auto& operation : operations) apply_operation(contents, operation);
  return contents;
}

}  // namespace

class OperationOrderTest : public QObject {
  Q_OBJECT
 private slots:
  void puts_are_sorted_by_family_and_key() {
    std::vector<WriteOperation> operations = {
        WriteOperation::put(Family::storage, "b", ""),
        WriteOperation::put(Family::storage, "a", ""),
        WriteOperation::put(Family::accounts, "c", ""),
        WriteOperation::put(Family::accounts, std::string("abcdefgh\0", 9), ""),
        WriteOperation::put(Family::accounts, "abcdefgh", "")};
    order_operations(operations);
    QCOMPARE(operations[0].key, std::string("abcdefgh"));
    QCOMPARE(operations[1].key, std::string("abcdefgh\0", 9));
    QCOMPARE(operations[2].key, std::string("c"));
    QCOMPARE(operations[3].key, std::string("a"));
    QCOMPARE(operations[4].key, std::string("b"));
  }

  void a_deleted_range_divides_its_own_family_only() {
    std::vector<WriteOperation> operations = {
        WriteOperation::put(Family::accounts, "z", ""),
        WriteOperation::put(Family::storage, "z", ""),
        WriteOperation::delete_range(Family::accounts, "a", "zz"),
        WriteOperation::put(Family::accounts, "a", ""),
        WriteOperation::put(Family::storage, "a", "")};
    order_operations(operations);
    QCOMPARE(text(operations), std::string("put accounts z delete_range accounts a put accounts a "
                                           "put storage a put storage z "));
  }

  void operations_on_one_key_keep_their_order() {
    std::vector<WriteOperation> operations;
    for (int i = 0; i < 100; ++i) {
      operations.push_back(WriteOperation::put(Family::own, "key", std::to_string(i)));
      operations.push_back(WriteOperation::put(Family::own, "a", std::to_string(i)));
    }
    order_operations(operations);
    for (std::size_t i = 0; i < 100; ++i) {
      QCOMPARE(operations[i].value, std::to_string(i));
      QCOMPARE(operations[100 + i].value, std::to_string(i));
    }
  }

  void sorting_never_changes_the_result() {
    const auto first_seed = std::random_device{}();
    qInfo("seeds from %u", first_seed);
    int changed = 0;
    for (std::uint64_t seed = first_seed; seed < first_seed + 5'000ULL; ++seed) {
      RandomOperations random(seed);
      const auto given = random.some(random.number(60));
      auto sorted = given;
      order_operations(sorted);
      QCOMPARE(sorted.size(), given.size());
      if (text(sorted) != text(given)) ++changed;
      QVERIFY2(applied(sorted) == applied(given),
               qPrintable(QString("seed %1: %2").arg(seed).arg(text(given).c_str())));
    }
    QVERIFY2(changed > 4'000, "the order was hardly ever changed: nothing was tested");
  }
};

QTEST_APPLESS_MAIN(OperationOrderTest)
#include "operation_order_test.moc"
