// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/flat_json.h"

#include <QtTest>
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

using namespace nodetune;

namespace {

// With ' for ", which would need a backslash each.
std::string json(std::string text) {
  std::replace(text.begin(), text.end(), '\'', '"');
  return text;
}

// "key=value;" of each member, strings between tildes; "damaged" where it does not end well.
std::string walk(std::string_view text, std::string_view last = {}) {
  std::string all;
  FlatJson members(text, last);
  FlatJson::Member member;
  while (members.next(member)) {
    all += member.key;
    all += member.is_string ? "=~" : "=";
    all += member.value;
    all += member.is_string ? "~;" : ";";
  }
  return members.is_whole() ? all : "damaged";
}

}  // namespace

class FlatJsonTest : public QObject {
  Q_OBJECT
 private slots:
  void members_come_in_their_order() {
    const std::string text =
        json("{'a': 1, 'b':'two','c': [1, {'x': ']'}], 'd': {'e': {}}, 'f': true }");
    const std::string expected = json("a=1;b=~two~;c=[1, {'x': ']'}];d={'e': {}};f=true;");
    QCOMPARE(walk(text), expected);
    QCOMPARE(walk("{}"), std::string());
    QCOMPARE(walk("{ } "), std::string());
    QCOMPARE(walk(" {}"), std::string("damaged"));
  }

  void names_are_taken_as_they_stand() {
    const std::string control = "{\"a\": \"\n\t\x01\xff\"}";
    QCOMPARE(walk(control), std::string("a=~\n\t\x01\xff~;"));
    const std::string quotes = json("{'a': 'say \\'no\\' \\\\'}");
    const std::string expected = json("a=~say \\'no\\' \\\\~;");
    QCOMPARE(walk(quotes), expected);
  }

  void numbers_are_integers_or_nothing() {
    const std::string text =
        json("{'a': -17, 'b': 1.5, 'c': 99999999999999999999, 'd': '4', 'e': 1e3}");
    FlatJson members(text);
    FlatJson::Member member;
    QVERIFY(members.next(member));
    QCOMPARE(member.integer().value(), -17);
    for (int i = 0; i < 4; ++i) QVERIFY(members.next(member) && !member.integer());
    QVERIFY(!members.next(member) && members.is_whole());
    QCOMPARE(parse_integer("999999999999999999").value(), 999'999'999'999'999'999);
    QCOMPARE(parse_integer("9223372036854775807").value(), INT64_MAX);
    QVERIFY(!parse_integer("9223372036854775808") && !parse_integer("12x") && !parse_integer("-"));
    QVERIFY(!parse_integer("") && !parse_integer("1 ") && !parse_integer("+1"));
  }

  // Eight characters are looked at in one step: beside a reading of one by one.
  void integers_of_any_length_are_read_as_a_plain_reading_does() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    constexpr std::string_view kNoise("/:\0\x80\xff-+ .x", 10);
    int whole = 0;
    for (int round = 0; round < 50'000; ++round) {
      std::string text(random() % 21, '0');
      for (auto& c : text) c = static_cast<char>('0' + random() % 10);
      for (auto noise = random() % 3; noise-- > 0 && !text.empty() && random() % 2 == 0;) {
        text[random() % text.size()] = kNoise[random() % kNoise.size()];
      }
      std::int64_t expected = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), expected);
      const bool is_one = error == std::errc() && end == text.data() + text.size();
      const auto value = parse_integer(text);
      QVERIFY2(value.has_value() == is_one, text.c_str());
      if (is_one) QCOMPARE(*value, expected);
      whole += is_one ? 1 : 0;
    }
    QVERIFY(whole > 20'000);
  }

  void strings_of_any_length_end_at_their_quote() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    constexpr std::string_view kFilling = "ab!#\x21\xa2\x22\\\0";
    for (int round = 0; round < 20'000; ++round) {
      std::string value;
      for (auto left = random() % 30; left > 0; --left) {
        const char c = kFilling[random() % kFilling.size()];
        if (c == '"' || c == '\\') value += '\\';
        value += c;
      }
      const auto tail = std::string(random() % 10, ' ');
      const auto text = "{\"" + value + "\": \"" + value + "\"" + tail + "}" + tail;
      FlatJson members(text);
      FlatJson::Member member;
      QVERIFY2(members.next(member), text.c_str());
      QVERIFY2(member.key == value && member.value == value && member.is_string, text.c_str());
      QVERIFY(!members.next(member) && members.is_whole());
    }
  }

  void what_is_not_whole_is_damaged() {
    const std::string whole = json("{'a': 1, 'b': 'x', 'c': [1, 2], 'd': {'e': 1}}");
    for (std::size_t kept = 0; kept < whole.size(); ++kept) {
      QCOMPARE(walk(std::string_view(whole).substr(0, kept)), std::string("damaged"));
    }
    const std::vector<std::string> broken = {"[1]",
                                             "null",
                                             json("{'a' 1}"),
                                             json("{'a': }"),
                                             json("{'a': 1 'b': 2}"),
                                             "{a: 1}",
                                             json("{'a': 1,}"),
                                             json("{'a': ]")};
    for (const auto& text : broken) QCOMPARE(walk(text), std::string("damaged"));
  }

  void what_follows_the_last_wanted_member_is_not_looked_at() {
    const std::string cut = json("{'a': 1, 'big': {'cut");
    QCOMPARE(walk(cut, "big"), std::string("a=1;"));
    const std::string whole = json("{'a': 1, 'b': 2}");
    QCOMPARE(walk(whole, "big"), std::string("a=1;b=2;"));
  }

  void what_stood_in_front_of_a_value_finds_the_next_like_it() {
    // Near the end of the text none is found so.
    const std::string text =
        json("{'a': 1, 'b': 'two', 'c': [3], 'd':  4, 'e': '") + std::string(40, 'x') + json("'}");
    std::vector<ShortText> fronts;
    FlatJson members(text);
    FlatJson::Member member;
    while (members.next(member)) fronts.emplace_back(members.front());
    QCOMPARE(fronts.size(), std::size_t{5});
    FlatJson again(text);
    for (std::size_t i = 0; i < fronts.size(); ++i) {
      QVERIFY(again.next_behind(fronts[i], member));
      FlatJson same(text);
      FlatJson::Member expected;
      for (std::size_t k = 0; k <= i; ++k) QVERIFY(same.next(expected));
      QVERIFY(member.value == expected.value && member.is_string == expected.is_string);
      QVERIFY(member.integer() == expected.integer());
    }
    QVERIFY(!again.next_behind(fronts.back(), member) && !again.next(member) && again.is_whole());
    // Another key, other blanks, another place, none: next() is to be asked.
    FlatJson other(text);
    for (const auto& front : {json("'b': "), json("'a':"), json(", 'a': "), std::string()}) {
      QVERIFY(!other.next_behind(ShortText(front), member));
    }
    QVERIFY(other.next(member) && member.key == "a");
  }

  void lists_give_their_elements() {
    FlatList list("[1, 22 ,3]");
    QCOMPARE(list.next(), std::string_view("1"));
    QCOMPARE(list.next(), std::string_view("22"));
    QCOMPARE(list.next(), std::string_view("3"));
    QVERIFY(list.next().empty());
    for (const auto* text : {"[]", "", "[", "]", "17"}) QVERIFY(FlatList(text).next().empty());
  }

  // Against a library's parser, on objects made at random.
  void agrees_with_a_whole_parser() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    constexpr std::string_view kFilling = "ab[{}],: ";
    for (int round = 0; round < 2'000; ++round) {
      auto object = nlohmann::ordered_json::object();
      const auto members = random() % 8;
      for (std::uint64_t i = 0; i < members; ++i) {
        const auto key = "k" + std::to_string(i);
        switch (random() % 4) {
          case 0:
            object[key] = static_cast<std::int64_t>(random());
            break;
          case 1:
            object[key] = std::string(random() % 9, kFilling[random() % kFilling.size()]);
            break;
          case 2:
            object[key] = std::vector<int>(random() % 5, 7);
            break;
          case 3:
            object[key] = {{"x", "}"}, {"y", {1, 2}}};
            break;
        }
      }
      const auto text = object.dump(random() % 2 == 0 ? -1 : 1);
      FlatJson walked(text);
      for (const auto& [key, value] : object.items()) {
        FlatJson::Member member;
        QVERIFY2(walked.next(member) && member.key == key, text.c_str());
        const auto seen = nlohmann::ordered_json::parse(
            member.is_string ? '"' + std::string(member.value) + '"' : std::string(member.value));
        QVERIFY2(seen == value, text.c_str());
      }
      FlatJson::Member none;
      QVERIFY(!walked.next(none) && walked.is_whole());
    }
  }

  void damage_never_crashes() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    constexpr std::string_view kSigns = "\"\\[]{},: 1";
    const std::string whole = json("{'a': 1, 'b': 'x\\\\', 'c': [1, [2]], 'd': {'e': 1}}");
    for (int round = 0; round < 20'000; ++round) {
      auto text = whole.substr(0, random() % (whole.size() + 1));
      for (int i = 0; i < 3 && !text.empty(); ++i) {
        text[random() % text.size()] = kSigns[random() % kSigns.size()];
      }
      FlatJson members(text);
      std::size_t seen = 0;
      FlatJson::Member member;
      while (members.next(member)) QVERIFY(++seen <= text.size());
    }
  }
};

QTEST_APPLESS_MAIN(FlatJsonTest)
#include "flat_json_test.moc"
