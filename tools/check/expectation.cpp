#include "tools/check/expectation.hpp"

#include <limits>

#include "sim/config/json_reader.hpp"
#include "sim/config/json_writer.hpp"

namespace memwall::tools::check {
namespace {

constexpr double most = std::numeric_limits<double>::max();

std::optional<double> optional_number(Reader& reader, std::string_view key, std::string_view doc) {
  if (!reader.has(key)) return std::nullopt;
  return reader.number(key, {.fallback = 0, .low = -most, .high = most}, doc);
}

Expectation read_one(Reader& reader) {
  Expectation out;
  out.metric = reader.text("metric", std::nullopt, "a pointer into summary.json, such as /latency/ttft_s/p95");
  if (!out.metric.empty() && out.metric.front() != '/') {
    reader.fault("metric", "must be a pointer, such as \"/latency/ttft_s/p95\"");
  }
  out.is = optional_number(reader, "is", "exactly this number");
  out.near = optional_number(reader, "near", "this number, give or take `within`");
  if (out.near) {
    out.within =
        reader.number("within", {.fallback = std::nullopt, .low = 0, .high = 10}, "relative tolerance of near");
  }
  out.at_least = optional_number(reader, "at_least", "this number or more");
  out.at_most = optional_number(reader, "at_most", "this number or less");
  if (reader.has("text")) out.text = reader.text("text", "", "exactly this text");
  out.why = reader.text("why", "", "why this is expected, for whoever finds it broken");
  if (out.at_least && out.at_most && *out.at_least > *out.at_most) {
    reader.fault("at_least", "is above `at_most`: no number fulfils both");
  }
  if (!out.is && !out.near && !out.at_least && !out.at_most && !out.text) {
    reader.fault("", "says nothing of its metric; give `is`, `near` with `within`, `at_least`, `at_most` or `text`");
  }
  return out;
}

Snapshot read_seen(Reader& reader) {
  Snapshot seen;
  seen.program = reader.text("program", "", "version of the program");
  seen.scenario = reader.text("scenario", "", "hash of the scenario");
  seen.device_data = reader.text("device_data", "", "hash of the data of devices, links and models");
  seen.digest = reader.text("digest", "", "digest of the run");
  reader.list("tiers", false, "critical seconds by tier", [&](Reader& row) {
    const std::string tier = row.text("tier", std::nullopt, "name of a tier");
    seen.tier_seconds[tier] = row.number("seconds", {.fallback = std::nullopt}, "its critical seconds");
  });
  return seen;
}

}  // namespace

Expectations load_expectations(const std::string& path) {
  Expectations out;
  read_document(path, [&](Reader& reader) {
    out = {};
    (void)reader.integer("schema", {.fallback = std::nullopt, .low = 1, .high = 1}, "1");
    const std::size_t statements = reader.list("expect", false, "statements about summary.json",
                                               [&](Reader& row) { out.all.push_back(read_one(row)); });
    out.refused = reader.text("refused", "", "the scenario must be refused with a message that holds this");
    if (statements > 0 && !out.refused.empty()) {
      reader.fault("refused", "a scenario that is refused has no results to expect anything of");
    }
    if (statements == 0 && out.refused.empty()) reader.fault("", "expects nothing; give `expect` or `refused`");
    if (reader.has("seen")) {
      reader.object("seen", false, "the results when this file was last written",
                    [&](Reader& inner) { out.seen = read_seen(inner); });
    }
  });
  return out;
}

std::string expectations_json(const Expectations& expectations) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", 1);
  if (!expectations.refused.empty()) json.member("refused", expectations.refused);
  if (!expectations.all.empty()) {
    json.key("expect").begin_list();
    for (const Expectation& e : expectations.all) {
      json.begin_object().member("metric", e.metric);
      if (e.is) json.member("is", *e.is);
      if (e.near) json.member("near", *e.near).member("within", e.within);
      if (e.at_least) json.member("at_least", *e.at_least);
      if (e.at_most) json.member("at_most", *e.at_most);
      if (e.text) json.member("text", *e.text);
      if (!e.why.empty()) json.member("why", e.why);
      json.end_object();
    }
    json.end_list();
  }
  if (expectations.seen) {
    const Snapshot& seen = *expectations.seen;
    json.key("seen").begin_object().member("program", seen.program).member("scenario", seen.scenario);
    json.member("device_data", seen.device_data).member("digest", seen.digest).key("tiers").begin_list();
    for (const auto& [tier, seconds] : seen.tier_seconds) {
      json.begin_object().member("tier", tier).member("seconds", seconds).end_object();
    }
    json.end_list().end_object();
  }
  json.end_object().finish();
  return text;
}

}  // namespace memwall::tools::check
