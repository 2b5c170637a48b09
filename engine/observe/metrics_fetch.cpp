// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/metrics_fetch.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <mutex>

#include "engine/base/format.h"

namespace nodetune {
namespace {

constexpr std::size_t kUrlBytesMax = 2'048;
constexpr int kPollMilliseconds = 200;

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;
using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

// Empty where the address has no such part.
std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool is_loopback(const std::string& url) {
  const Url parsed(curl_url(), &curl_url_cleanup);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return false;
  const auto host = part_of(parsed.get(), CURLUPART_HOST);
  return host == "localhost" || host.starts_with("127.") || host == "[::1]";
}

struct Body {
  std::string text;
  std::size_t bytes_max = 0;
  bool too_long = false;
};

std::size_t take_bytes(char* data, std::size_t, std::size_t count, void* user) {
  auto& body = *static_cast<Body*>(user);
  body.too_long = count > body.bytes_max - body.text.size();
  if (body.too_long) return 0;
  body.text.append(data, count);
  return count;
}

long milliseconds(Duration duration) {
  return static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

Status refusal(const std::string& url, long code) {
  std::string why;
  if (code >= 300 && code < 400) {
    why = "it points elsewhere, which is not followed: give the address that answers";
  } else if (code == 401 || code == 403) {
    why = "it lets not everybody in";
  } else if (code == 404) {
    why = "there is nothing at this path: most nodes serve /metrics";
  } else {
    why = "an answer with figures is 200";
  }
  return {StatusCode::failed, fmt::format("{} answers {}: {}", url, code, why)};
}

}  // namespace

Result<std::string> metrics_url(std::string_view given) {
  const auto wrong = [&given](std::string_view what) {
    return Status(StatusCode::invalid_argument,
                  fmt::format("'{}' is no address of metrics: {} (an example is "
                              "http://127.0.0.1:9545/metrics)",
                              escape_name(given.substr(0, 80)), what));
  };
  if (given.empty()) return wrong("it is empty");
  if (given.size() > kUrlBytesMax) return wrong("it is too long");
  const bool printable =
      std::all_of(given.begin(), given.end(), [](char c) { return c > ' ' && c != '\x7f'; });
  if (!printable) return wrong("there are blanks or control characters in it");
  auto text = std::string(given);
  if (text.find("://") == std::string::npos) text = "http://" + text;
  const Url url(curl_url(), &curl_url_cleanup);
  const auto error = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0);
  const auto scheme = part_of(url.get(), CURLUPART_SCHEME);
  if (!scheme.empty() && scheme != "http" && scheme != "https") {
    return wrong("only http and https are asked");
  }
  if (error != CURLUE_OK) {
    return wrong(error == CURLUE_UNSUPPORTED_SCHEME ? "only http and https are asked"
                                                    : curl_url_strerror(error));
  }
  curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
  if (part_of(url.get(), CURLUPART_PATH) == "/") {
    curl_url_set(url.get(), CURLUPART_PATH, "/metrics", 0);
  }
  return part_of(url.get(), CURLUPART_URL);
}

std::string shown_url(const std::string& url) {
  const Url parsed(curl_url(), &curl_url_cleanup);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return "(no address)";
  for (const auto part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY}) {
    curl_url_set(parsed.get(), part, nullptr, 0);
  }
  return escape_name(part_of(parsed.get(), CURLUPART_URL));
}

struct MetricsFetch::Handles {
  CURLM* multi = curl_multi_init();
  CURL* easy = curl_easy_init();

  void ask_for(const std::string& url, const Limits& limits, Body& body, curl_slist* headers) const;
};

void MetricsFetch::Handles::ask_for(const std::string& url, const Limits& limits, Body& body,
                                    curl_slist* headers) const {
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  if (is_loopback(url)) curl_easy_setopt(easy, CURLOPT_PROXY, "");  // whatever the environment says
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);    // other threads have their own signals
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a slow name server holds nobody at the end
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(limits.connect));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(limits.total));
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "NodeTune/" NODETUNE_VERSION);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &take_bytes);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
}

MetricsFetch::MetricsFetch(const Limits& limits)
    : limits_(limits), handles_([] {
        static std::once_flag once;
        std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
        return std::make_unique<Handles>();
      }()) {}

MetricsFetch::~MetricsFetch() {
  curl_easy_cleanup(handles_->easy);
  curl_multi_cleanup(handles_->multi);
}

void MetricsFetch::cancel() {
  cancelled_.store(true, std::memory_order_relaxed);
  curl_multi_wakeup(handles_->multi);
}

Result<MetricsAnswer> MetricsFetch::get(const std::string& url) {
  const auto shown = shown_url(url);
  Body body;
  body.bytes_max = limits_.body_bytes_max;
  const Headers headers(curl_slist_append(nullptr, "Accept: text/plain;version=0.0.4"),
                        &curl_slist_free_all);
  handles_->ask_for(url, limits_, body, headers.get());
  auto* const easy = handles_->easy;
  curl_multi_add_handle(handles_->multi, easy);
  int running = 1;
  while (running > 0 && !is_cancelled()) {
    if (curl_multi_perform(handles_->multi, &running) != CURLM_OK) break;
    if (running > 0) curl_multi_poll(handles_->multi, nullptr, 0, kPollMilliseconds, nullptr);
  }
  CURLcode code = CURLE_ABORTED_BY_CALLBACK;
  int queued = 0;
  while (const auto* message = curl_multi_info_read(handles_->multi, &queued)) {
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  }
  curl_off_t microseconds = 0;
  long answer = 0;
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &microseconds);
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer);
  curl_multi_remove_handle(handles_->multi, easy);
  if (is_cancelled()) {
    return Status(StatusCode::cancelled, fmt::format("{} is no longer asked", shown));
  }
  if (body.too_long) {
    return Status(StatusCode::failed,
                  fmt::format("{} answers with more than {}: that is no node's metrics", shown,
                              format_bytes(static_cast<double>(limits_.body_bytes_max))));
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return Status(StatusCode::failed, fmt::format("{} does not answer within {}", shown,
                                                  format_seconds(to_seconds(limits_.total))));
  }
  if (code != CURLE_OK) {
    return Status(StatusCode::failed, fmt::format("{}: {}", shown, curl_easy_strerror(code)));
  }
  if (answer != 200) return refusal(shown, answer);
  return MetricsAnswer{std::move(body.text), static_cast<double>(microseconds) / 1e6};
}

}  // namespace nodetune
