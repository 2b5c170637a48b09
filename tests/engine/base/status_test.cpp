// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/base/status.h"

#include <QtTest>
#include <cerrno>
#include <memory>

using namespace nodetune;

class StatusTest : public QObject {
  Q_OBJECT
 private slots:
  void an_errno_becomes_a_code_and_words_that_name_the_path() {
    const auto missing = Status::from_errno(ENOENT, "cannot open", "/data/node");
    QCOMPARE(missing.code(), StatusCode::not_found);
    QVERIFY(missing.message().find("/data/node") != std::string::npos);
    QCOMPARE(Status::from_errno(EACCES, "cannot open", "x").code(), StatusCode::permission_denied);
    QCOMPARE(Status::from_errno(ENOSPC, "cannot write", "x").code(), StatusCode::no_space);
    QCOMPARE(Status::from_errno(EIO, "cannot read", "x").code(), StatusCode::io_error);
  }

  void a_result_is_a_value_or_a_reason() {
    const Result<int> good = 7;
    QVERIFY(good);
    QCOMPARE(*good, 7);
    const Result<int> bad = Status(StatusCode::busy, "later");
    QVERIFY(!bad);
    QCOMPARE(bad.status().message(), std::string("later"));
  }

  void a_result_can_carry_what_only_moves() {
    Result<std::unique_ptr<int>> result = std::make_unique<int>(3);
    const std::unique_ptr<int> taken = std::move(*result);
    QCOMPARE(*taken, 3);
  }
};

QTEST_APPLESS_MAIN(StatusTest)
#include "status_test.moc"
