// Ways of replaying a trace, files that are packed, and prompts whose blocks are not those of the engine.
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <set>

#include "sim/base/error.hpp"
#include "sim/base/hash.hpp"
#include "sim/serve/kv/content.hpp"
#include "tests/catch.hpp"
#include "tests/workloads/trace_files.hpp"
#include "workloads/formats/servegen.hpp"
#include "workloads/replay/trace_stats.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

constexpr std::int64_t second_ps = 1'000'000'000'000;

/// Sessions of three turns each, 10 ms apart, and single requests between them.
TraceOptions turns(int sessions) {
  std::string content;
  for (int i = 0; i < sessions; ++i) {
    const std::string name = "s" + std::to_string(i);
    content += "{\"session_id\": \"" + name + "\", \"timestamp\": " + std::to_string(10 * i) +
               ", \"input_length\": 10, \"output_length\": 1}\n";
    for (int turn = 1; turn < 3; ++turn) {
      content += "{\"session_id\": \"" + name + "\", \"delay\": 5, \"input_length\": " + std::to_string(10 + turn) +
                 ", \"output_length\": 1}\n";
    }
    content += "{\"timestamp\": " + std::to_string(10 * i) + ", \"input_length\": 99, \"output_length\": 1}\n";
  }
  return trace(written("turns_" + std::to_string(sessions) + ".jsonl", content), "mooncake");
}

std::string gzipped(const std::string& content) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, content.size()) + 64, '\0');
  std::string in = content;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd_packed(const std::string& content) {
  std::string out(ZSTD_compressBound(content.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), content.data(), content.size(), 3));
  return out;
}

std::string error_of(const TraceOptions& options) {
  try {
    static_cast<void>(survey_trace(options));
  } catch (const InputError& error) {
    return error.what();
  }
  return "none";
}

/// Names of the engine's blocks of a prompt, front to back.
std::vector<std::uint64_t> engine_blocks(const Request& request, std::int64_t block_size) {
  std::vector<std::uint64_t> out;
  ContentCursor cursor;
  const std::int64_t blocks = request.input_tokens / block_size;
  for (std::int64_t block = 0; block < blocks;) {
    const ContentRun run = cursor.at(request, block, block_size);
    for (std::int64_t i = 0; i < run.blocks && block < blocks; ++i, ++block) {
      out.push_back(combine(run.run, static_cast<std::uint64_t>(run.index + i)));
    }
  }
  return out;
}

std::int64_t common(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  return std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())), b.begin())
             .first -
         a.begin();
}

}  // namespace

TEST_CASE("a closed loop keeps so many requests or sessions under way, whatever the times of the trace") {
  auto options = turns(20);
  options.concurrency = 3;
  const auto source = replay_trace(options, {});
  CHECK(source->closed_loop());
  std::vector<Request> under_way;
  std::size_t ended = 0;
  Time now;
  while (!source->exhausted() || !under_way.empty()) {
    while (source->next_arrival() != Time::never() && source->next_arrival() <= now) under_way.push_back(source->pop());
    if (!source->exhausted()) {
      // Whoever is not under way is a session between two turns.
      CHECK(under_way.size() <= 3);
    }
    if (under_way.empty()) {
      REQUIRE(source->next_arrival() != Time::never());
      now = source->next_arrival();
      continue;
    }
    now = now + Duration{second_ps};
    const Request first = under_way.front();
    under_way.erase(under_way.begin());
    source->ended(first, now);
    ++ended;
  }
  CHECK(ended == 80);
  CHECK(source->notes().rows_kept == 80);
}

TEST_CASE("thinning keeps or drops whole sessions, and the same ones for a seed") {
  auto options = turns(400);
  options.keep_share = 0.25;
  const auto kept = replayed(options);
  std::map<std::int64_t, int> turns_of;
  int single = 0;
  for (const Request& request : kept) {
    if (request.session >= 0) {
      ++turns_of[request.session];
    } else {
      ++single;
    }
  }
  for (const auto& [session, count] : turns_of) CHECK(count == 3);
  // 400 draws of 0.25: five standard deviations are 43.
  CHECK(std::abs(static_cast<double>(turns_of.size()) - 100) < 44);
  CHECK(std::abs(single - 100) < 44);
  const auto again = replayed(options);
  REQUIRE(again.size() == kept.size());
  for (std::size_t i = 0; i < kept.size(); ++i) CHECK(again[i].ticket == kept[i].ticket);
  const auto others = replayed(options, {.seed = 2, .workload = 0, .base_directory = {}, .search = {}});
  CHECK((others.size() != kept.size() || others[0].ticket != kept[0].ticket || others[9].ticket != kept[9].ticket));
  const auto notes = replay_trace(options, {})->notes();
  CHECK(notes.dropped.at("thinned") == 1600 - static_cast<std::int64_t>(kept.size()));
}

TEST_CASE("open sessions arrive at their own times") {
  const std::string rows =
      "{\"chat_id\": 1, \"parent_chat_id\": -1, \"timestamp\": 0, \"input_length\": 16, \"output_length\": 2, "
      "\"hash_ids\": [7]}\n"
      "{\"chat_id\": 2, \"parent_chat_id\": 1, \"timestamp\": 2, \"input_length\": 16, \"output_length\": 3, "
      "\"hash_ids\": [7]}\n";
  auto options = trace(written("open_sessions.jsonl", rows), "bailian");
  CHECK(drained(*replay_trace(options, {}), Duration{9 * second_ps})[1].arrival == Time{9 * second_ps});
  options.open_sessions = true;
  CHECK(drained(*replay_trace(options, {}), Duration{9 * second_ps})[1].arrival == Time{2 * second_ps});
}

TEST_CASE("gzip and zstd files are read by their endings, several members and unsorted rows included") {
  std::string content;
  for (int i = 0; i < 20'000; ++i) {
    content += "{\"timestamp\": " + std::to_string((i * 7919) % 100'000) +
               ", \"input_length\": " + std::to_string(i % 500 + 1) + ", \"output_length\": 2}\n";
  }
  const auto plain = replayed(trace(written("packed.jsonl", content), "mooncake"));
  const std::string half = content.substr(0, content.size() / 2), rest = content.substr(content.size() / 2);
  const TraceFile files[] = {written("packed.jsonl.gz", gzipped(content)),
                             written("packed2.jsonl.gz", gzipped(half) + gzipped(rest)),
                             written("packed.jsonl.zst", zstd_packed(content)),
                             written("packed2.jsonl.zst", zstd_packed(half) + zstd_packed(rest))};
  for (const TraceFile& file : files) {
    INFO(file.label);
    CHECK(detect_format(file).name == "mooncake");
    const auto unpacked = replayed(trace(file, "mooncake"));
    REQUIRE(unpacked.size() == plain.size());
    CHECK(std::equal(plain.begin(), plain.end(), unpacked.begin(), [](const Request& a, const Request& b) {
      return a.arrival == b.arrival && a.input_tokens == b.input_tokens && a.ticket == b.ticket;
    }));
  }
}

TEST_CASE("packed files that are damaged or no such files are refused") {
  const std::string content(5000, 'x');
  const std::string gz = gzipped(content), zst = zstd_packed(content);
  CHECK(error_of(trace(written("cut.csv.gz", gz.substr(0, gz.size() - 9)), "azure")) ==
        "cut.csv.gz: ends in the middle of its gzip data; it was not copied as a whole");
  CHECK(error_of(trace(written("cut.csv.zst", zst.substr(0, zst.size() - 1)), "azure")) ==
        "cut.csv.zst: ends in the middle of its zstd data; it was not copied as a whole");
  CHECK(error_of(trace(written("no.csv.gz", content), "azure")) ==
        "no.csv.gz: is not a whole gzip file; unpack it by hand, or give it the name that its content has");
  CHECK(error_of(trace(written("no.csv.zst", content), "azure")) ==
        "no.csv.zst: is not a whole zstd file; unpack it by hand, or give it the name that its content has");
}

TEST_CASE("blocks of the trace that are not the engine's are cut anew: whole common engine blocks are shared") {
  // 16-token ids: the second prompt shares 3 of 5 ids, that is 48 tokens, and the third none.
  const std::string rows =
      "{\"chat_id\": 1, \"parent_chat_id\": -1, \"timestamp\": 0, \"input_length\": 80, \"output_length\": 1, "
      "\"hash_ids\": [1, 2, 3, 4, 5]}\n"
      "{\"chat_id\": 2, \"parent_chat_id\": -1, \"timestamp\": 1, \"input_length\": 80, \"output_length\": 1, "
      "\"hash_ids\": [1, 2, 3, 9, 5]}\n"
      "{\"chat_id\": 3, \"parent_chat_id\": -1, \"timestamp\": 2, \"input_length\": 80, \"output_length\": 1, "
      "\"hash_ids\": [2, 1, 3, 4, 5]}\n";
  const auto requests = replayed(trace(written("rechunk.jsonl", rows), "bailian"));
  for (const std::int64_t size : {4, 8, 16, 24, 32, 48, 64}) {
    INFO("engine blocks of " << size);
    const auto first = engine_blocks(requests[0], size);
    CHECK(common(first, engine_blocks(requests[0], size)) == 80 / size);
    CHECK(common(first, engine_blocks(requests[1], size)) == 48 / size);
    CHECK(common(first, engine_blocks(requests[2], size)) == 0);
  }
}

TEST_CASE("ServeGen's distributions and windows are drawn from as they say") {
  ServeGenLengths lengths;
  CHECK(read_servegen_lengths("{18: 0.25, 20: 0.5, 7.5: 0.125, 30: 0.125}", lengths));
  CHECK(lengths.at(0.1) == 7.5);
  CHECK(lengths.at(0.3) == 18);
  CHECK(lengths.at(0.9999) == 30);
  CHECK(read_servegen_lengths("{}", lengths));
  CHECK(lengths.empty());
  for (const char* wrong : {"", "{1: }", "{1 0.5}", "{1: 0.5", "[1]", "{1: 0.5} x", "{-1: 1}", "{1: nan}", "{1: -1}"}) {
    INFO(wrong);
    CHECK_FALSE(read_servegen_lengths(wrong, lengths));
  }

  const TraceFile file = written("c1-trace.csv", "0,2,1,Gamma,0.5,1\n600,0,0,,0,0\n1200,1,1,Weibull,0.8,1\n");
  static_cast<void>(written("c1-dataset.json",
                            R"({"0": {"input_tokens": "{100: 0.5, 300: 0.5}", "output_tokens": "{10: 0.5, 30: 0.5}"},
                                "1200": {"input_tokens": "{}", "output_tokens": "{50: 1.0}"}})"));
  CHECK(detect_format(file).name == "servegen");
  auto options = trace(file, "servegen");
  const auto requests = replayed(options);
  REQUIRE(requests.size() == 1200 + 600);
  double input = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Request& request = requests[i];
    input += static_cast<double>(request.input_tokens);
    if (i < 1200) {
      CHECK(request.output_tokens * 10 == request.input_tokens);  // one draw decides both
    } else {
      CHECK(request.output_tokens == 50);
    }
  }
  CHECK(input / 1800 == Approx(200).margin(12));  // five standard errors
  // The first window ends before 600 s after its start, and the third begins 1,200 s after it.
  CHECK((requests[1199].arrival - requests[0].arrival).seconds() < 600);
  CHECK((requests[1200].arrival - requests[1199].arrival).seconds() > 600);
  const auto again = replayed(options);
  CHECK(std::equal(requests.begin(), requests.end(), again.begin(),
                   [](const Request& a, const Request& b) { return a.arrival == b.arrival; }));

  read_text(R"({"pairing": "independent"})", "keys",
            [&](Reader& reader) { options.open = trace_format("servegen").read(reader); });
  std::set<std::pair<std::int64_t, std::int64_t>> pairs;
  for (const Request& request : replayed(options)) pairs.emplace(request.input_tokens, request.output_tokens);
  CHECK(pairs.size() == 6);
}

TEST_CASE("faults of ServeGen's files name the line or the field, all at once") {
  CHECK(error_of(trace(written("bad-trace.csv", "0,1,1,Normal,1,1\n600,x,1,Gamma,1,1\n1200,1,1\n"), "servegen")) ==
        "bad-trace.csv:1: the family is none of Gamma, Weibull and nothing (an idle window)\n"
        "bad-trace.csv:2: the rate is no number of requests per second between 0 and 10,000\n"
        "bad-trace.csv:3: needs six fields: start, rate, cv, family, shape, scale");
  static_cast<void>(written("odd-dataset.json", R"({"0": {"input_tokens": "18"}, "x": {}})"));
  CHECK(error_of(trace(written("odd-trace.csv", "0,1,1,Gamma,1,1\n"), "servegen")) ==
        "odd-dataset.json: 0/input_tokens: is no text of a dictionary such as \"{18: 0.5, 20: 0.5}\"\n"
        "odd-dataset.json: x: is no number of seconds at which a window starts");
}
