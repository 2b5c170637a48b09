// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/anonymise.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <map>
#include <set>
#include <string_view>

#include "engine/observe/client_profile.h"

namespace nodetune {
namespace {

constexpr std::size_t kNameBytesMin = 2;  // shorter ones are letters, not names
constexpr std::size_t kHostBytesMax = 256;

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
}

bool tells_nothing(std::string_view name) {
  static constexpr std::array<std::string_view, 16> kCommon = {
      "root", "nobody", "user",   "ubuntu", "debian",  "admin",     "ethereum", "node",
      "besu", "geth",   "erigon", "bsc",    "default", "localhost", "nodetune", "this program"};
  return name.size() < kNameBytesMin ||
         std::find(kCommon.begin(), kCommon.end(), name) != kCommon.end();
}

void replace_words(std::string& text, std::string_view word, std::string_view by) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
    const auto end = at + word.size();
    const bool whole = (at == 0 || !is_word(text[at - 1]) || !is_word(word.front())) &&
                       (end == text.size() || !is_word(text[end]) || !is_word(word.back()));
    if (whole) {
      text.replace(at, word.size(), by);
      at += by.size();
    } else {
      at = end;
    }
  }
}

// What may stand before a path's first slash. A slash behind a digit, letter or ")" divides.
bool may_begin_path(std::string_view text, std::size_t at) {
  if (at == 0) return true;
  const char before = text[at - 1];
  return !is_word(before) && before != ')' && before != '<' && before != '/' && before != '.';
}

bool ends_path(char c) {
  static constexpr std::string_view kEnds = " \t\r\n\"'`,;:|<>(){}[]=";
  return kEnds.find(c) != std::string_view::npos;
}

// "/srv/chain", "~/chain", "../chain/db", "ssh://user@host/db": from the first slash, or what leads
// to it, to the next character that ends a path. A lone "/" between blanks divides.
void replace_paths(std::string& text) {
  std::size_t at = 0;
  while ((at = text.find('/', at)) != std::string::npos) {
    std::size_t begin = at;
    const bool scheme = at >= 2 && text[at - 1] == ':' && at + 1 < text.size() &&
                        text[at + 1] == '/' && is_word(text[at - 2]);
    if (scheme) {
      begin = at - 1;
      while (begin > 0 && is_word(text[begin - 1])) --begin;
    } else {
      while (begin > 0 && (text[begin - 1] == '.' || text[begin - 1] == '~')) --begin;
    }
    const bool starts = scheme || may_begin_path(text, begin);
    std::size_t end = at + 1 + (scheme ? 1 : 0);
    while (end < text.size() && !(ends_path(text[end]) && !(scheme && text[end] == ':'))) ++end;
    if (!starts || end - at < 2) {
      at = end;
      continue;
    }
    constexpr std::string_view kPath = "<path>";
    text.replace(begin, end - begin, kPath);
    at = begin + kPath.size();
  }
}

// Four numbers up to 255 with dots between: a network address. Versions have three.
void replace_addresses(std::string& text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (std::isdigit(static_cast<unsigned char>(text[at])) == 0) {
      ++at;
      continue;
    }
    std::size_t end = at;
    int dots = 0;
    while (end < text.size() && (std::isdigit(static_cast<unsigned char>(text[end])) != 0 ||
                                 (text[end] == '.' && end + 1 < text.size() &&
                                  std::isdigit(static_cast<unsigned char>(text[end + 1])) != 0))) {
      dots += text[end] == '.' ? 1 : 0;
      ++end;
    }
    if (dots == 3) {
      constexpr std::string_view kAddress = "<address>";
      text.replace(at, end - at, kAddress);
      end = at + kAddress.size();
    }
    at = end;
  }
}

std::set<std::string, std::less<>> public_families() {
  std::set<std::string, std::less<>> names = {"default"};
  for (const auto family : kFamilies) names.emplace(to_string(family));
  for (const auto& profile : client_profiles()) {
    for (const auto& family : profile.families) {
      names.emplace(family_title(&profile, family.name));
      names.emplace(family.name);
    }
  }
  return names;
}

class Scrubber {
 public:
  Scrubber(const Report& report, const Identity& identity) {
    add_secret(report.node.path, "<path>");
    for (const auto& path : report.node.databases) add_secret(path, "<path>");
    for (const auto& host : identity.hosts) add_secret(host, "<host>");
    for (const auto& user : identity.users) add_secret(user, "<user>");
    for (const auto& fact : report.node.facts) {
      if (fact.name.find("ost name") != std::string::npos) add_secret(fact.value, "<host>");
    }
    const auto known = public_families();
    for (const auto& name : report.node.column_families) add_family(name, known);
    for (const auto& family : report.last.families) add_family(family.name, known);
    for (const auto& level : report.last.levels) add_family(level.family, known);
    for (const auto& event : report.events) add_family(event.family, known);
    for (const auto& job : report.jobs) add_family(job.family, known);
    // The longest first, so that no secret is cut by a shorter one inside it.
    std::stable_sort(secrets_.begin(), secrets_.end(),
                     [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  }

  void text(std::string& value) const {
    if (value.empty()) return;
    for (const auto& [secret, by] : secrets_) replace_words(value, secret, by);
    replace_paths(value);
    replace_addresses(value);
  }
  void family(std::string& value) const {
    const auto found = families_.find(value);
    if (found != families_.end()) value = found->second;
  }

 private:
  void add_secret(const std::string& secret, const std::string& by) {
    if (!tells_nothing(secret)) secrets_.emplace_back(secret, by);
  }
  void add_family(const std::string& name, const std::set<std::string, std::less<>>& known) {
    if (name.empty() || known.contains(name) || families_.contains(name)) return;
    const auto alias = "family-" + std::to_string(families_.size() + 1);
    families_.emplace(name, alias);
    add_secret(name, alias);
  }

  std::vector<std::pair<std::string, std::string>> secrets_;
  std::map<std::string, std::string> families_;
};

void scrub_node(const Scrubber& scrub, NodeDescription& node) {
  node.path = "<path>";
  for (auto& path : node.databases) path = "<path>";
  scrub.text(node.reason);
  scrub.text(node.data_set);
  if (node.locked_by) scrub.text(node.locked_by->name);
  for (auto& family : node.column_families) scrub.family(family);
  for (auto& fact : node.facts) {
    scrub.text(fact.value);
    scrub.text(fact.origin);
  }
  for (auto& row : node.options) {
    scrub.text(row.section);
    scrub.text(row.value);
  }
  for (auto& change : node.option_changes) {
    scrub.text(change.section);
    scrub.text(change.before);
    scrub.text(change.after);
  }
  for (auto& option : node.client_options) scrub.text(option.current);
}

void scrub_recommendation(const Scrubber& scrub, Recommendation& item) {
  scrub.text(item.proposal.expected);
  scrub.text(item.proposal.risk);
  scrub.text(item.proposal.reversibility);
  for (auto& evidence : item.proposal.evidence) scrub.text(evidence.text);
  if (item.proposal.contradiction) scrub.text(item.proposal.contradiction->text);
  scrub.text(item.apply);
  scrub.text(item.line);
  if (item.follow_up) {
    scrub.text(item.follow_up->text);
    for (auto& hint : item.follow_up->hints) scrub.text(hint);
  }
  for (auto& change : item.history) scrub.text(change.note);
}

void add_user(std::vector<std::string>& users, const char* name) {
  if (name != nullptr && *name != 0) users.emplace_back(name);
}

}  // namespace

Identity this_machine() {
  Identity identity;
  std::array<char, kHostBytesMax> host{};
  if (::gethostname(host.data(), host.size() - 1) == 0) {
    const std::string whole = host.data();
    identity.hosts.push_back(whole);
    identity.hosts.push_back(whole.substr(0, whole.find('.')));
  }
  add_user(identity.users, std::getenv("USER"));
  add_user(identity.users, std::getenv("LOGNAME"));
  add_user(identity.users, std::getenv("SUDO_USER"));
  std::array<char, 4096> memory{};
  struct passwd entry {};
  struct passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, memory.data(), memory.size(), &found) == 0 &&
      found != nullptr) {
    add_user(identity.users, found->pw_name);
  }
  return identity;
}

Report anonymised(const Report& report, const Identity& identity) {
  Report copy = report;
  if (report.anonymised) return copy;
  const Scrubber scrub(report, identity);
  copy.anonymised = true;
  scrub_node(scrub, copy.node);
  scrub.text(copy.health.sentence);
  scrub.text(copy.workload.text);
  scrub.text(copy.batches.failure);
  scrub.text(copy.batches.flow_text);
  for (auto& level : copy.last.levels) scrub.family(level.family);
  for (auto& family : copy.last.families) scrub.family(family.name);
  for (auto& knob : copy.knobs) {
    scrub.text(knob.current_text);
    scrub.text(knob.origin);
    scrub.text(knob.why_not);
  }
  for (auto& part : copy.memory_parts) {
    scrub.text(part.note);
    scrub.text(part.origin);
  }
  for (auto& item : copy.recommendations) scrub_recommendation(scrub, item);
  for (auto& entry : copy.audit) {
    scrub.text(entry.what);
    scrub.text(entry.from);
    scrub.text(entry.to);
    scrub.text(entry.outcome);
    scrub.text(entry.reason);
  }
  for (auto& event : copy.events) {
    scrub.family(event.family);
    scrub.text(event.text);
  }
  for (auto& job : copy.jobs) {
    scrub.family(job.family);
    scrub.text(job.reason);
  }
  for (auto& line : copy.stall_log.lines) scrub.text(line);
  for (auto& file : copy.stall_log.files) scrub.text(file);
  for (auto& fact : copy.machine) scrub.text(fact.value);
  return copy;
}

}  // namespace nodetune
