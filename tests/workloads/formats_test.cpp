// Every format from a made-up file: what is kept of a row, how rows wait for each other, and how files are found out.
#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/workloads/trace_files.hpp"
#include "workloads/formats/own_trace.hpp"
#include "workloads/replay/trace_stats.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

constexpr std::int64_t second_ps = 1'000'000'000'000;

struct Sample {
  std::string format, name, content;
  std::size_t requests;
  std::int64_t input, output;
};

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = {
      {"azure", "azure.csv",
       "TIMESTAMP,NumImages,ContextTokens,GeneratedTokens\n2024-10-15 00:00:00,2,900,40\n2024-10-15 00:00:01,,120,33\n",
       2, 1020, 73},
      {"burstgpt", "burst.csv",
       "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
       "5,s1,4,GPT-4,100,10,110,Conversation log\n20,s1,1.5,GPT-4,200,20,220,Conversation log\n21,,,ChatGPT,7,3,10,API "
       "log\n",
       3, 307, 33},
      {"bailian", "bailian.jsonl",
       "{\"chat_id\": 1, \"parent_chat_id\": -1, \"timestamp\": 0.5, \"input_length\": 33, \"output_length\": 2, "
       "\"type\": \"text\", \"turn\": 1, \"hash_ids\": [7, 8, 9]}\n"
       "{\"chat_id\": 2, \"parent_chat_id\": 1, \"timestamp\": 2.5, \"input_length\": 48, \"output_length\": 3, "
       "\"type\": \"text\", \"turn\": 2, \"hash_ids\": [7, 8, 10]}\n",
       2, 81, 5},
      {"mooncake", "agents.jsonl",
       "{\"request_id\": \"a\", \"timestamp\": 0, \"input_length\": 10, \"output_length\": 1}\n"
       "{\"request_id\": \"b\", \"wait_for\": [\"a\"], \"delay\": 100, \"tool_wait_ms\": 150, \"input_length\": 20, "
       "\"output_length\": 1}\n"
       "{\"request_id\": 3, \"wait_for\": [\"a\", \"b\"], \"input_length\": 30, \"output_length\": 1, \"priority\": "
       "-2, "
       "\"policy_class\": \"gold\"}\n",
       3, 60, 3},
      {"weka", "weka.json",
       "{\"id\": \"c1\", \"block_size\": 64, \"hash_id_scope\": \"local\", \"tool_tokens\": 100, \"system_tokens\": "
       "28, "
       "\"requests\": [{\"t\": 0, \"type\": \"n\", \"in\": 130, \"out\": 5, \"hash_ids\": [1, 2], \"api_time\": 2}, "
       "{\"t\": 3, \"type\": \"subagent\", \"subagent_type\": \"Explore\", \"duration_ms\": 4000, \"requests\": "
       "[{\"t\": 0, \"type\": \"n\", \"in\": 70, \"out\": 6, \"hash_ids\": [9], \"api_time\": 1}]}, "
       "{\"t\": 10, \"type\": \"s\", \"in\": 200, \"out\": 7, \"hash_ids\": [1, 2, 3], \"think_time\": 3}]}\n",
       3, 400, 18},
      {"vidur", "vidur.csv", "arrived_at,num_prefill_tokens,num_decode_tokens\n0.5,10,2\n1.25,20,3\n", 2, 30, 5},
      {"lengths", "lengths.csv",
       "num_prefill_tokens,num_decode_tokens,num_total_tokens,pd_ratio\n10,2,12,5\n20,4,24,5\n", 2, 30, 6},
      {"splitwise", "splitwise.csv",
       "request_id,request_type,application_id,arrival_timestamp,batch_size,prompt_size,token_size\n0,2,7,1,1,40,3\n"
       "1,2,7,3,1,20,8\n",
       2, 60, 11},
      {"tracelab", "rounds.jsonl",
       "{\"session_id\": \"x\", \"round_index\": 0, \"input_tokens_total\": 100, \"prefix_tokens\": 0, "
       "\"newly_append_tokens\": 100, \"output_tokens\": 8, \"timing_events\": [{\"event_type\": \"user_message\", "
       "\"timestamp\": \"2026-06-01T00:00:00.000Z\"}, {\"event_type\": \"text\", \"timestamp\": "
       "\"2026-06-01T00:00:04.000Z\"}], \"tools\": []}\n"
       "{\"session_id\": \"x\", \"round_index\": 1, \"input_tokens_total\": 130, \"prefix_tokens\": 108, "
       "\"newly_append_tokens\": 22, \"output_tokens\": 9, \"timing_events\": [{\"event_type\": \"tool_result\", "
       "\"timestamp\": \"2026-06-01T00:00:05.000Z\"}, {\"event_type\": \"tool_result\", \"timestamp\": "
       "\"2026-06-01T00:00:06.500Z\"}, {\"event_type\": \"text\", \"timestamp\": \"2026-06-01T00:00:07.000Z\"}], "
       "\"tools\": []}\n",
       2, 230, 17},
      {"tracelab_replay", "replay.csv",
       "session_id,arrival_time,round_idx,prefix_len,input_len,output_len,tool_wait_after_ms\n0,0,0,0,512,64,100\n"
       "0,0,1,576,128,32,0\n1,200,0,0,400,48,80\n",
       3, 1616, 144},
      {"otel", "spans.json",
       "{\"spans\": [{\"start_time\": \"2026-02-25T10:00:02Z\", \"end_time\": \"2026-02-25T10:00:03Z\", "
       "\"attributes\": "
       "{\"gen_ai.usage.input_tokens\": 9, \"gen_ai.usage.output_tokens\": 4, \"session.id\": \"s\"}}, "
       "{\"start_time\": "
       "\"2026-02-25T10:00:00Z\", \"end_time\": \"2026-02-25T10:00:01Z\", \"attributes\": "
       "{\"gen_ai.usage.prompt_tokens\": 5, \"gen_ai.usage.completion_tokens\": 2, \"session.id\": \"s\"}}, "
       "{\"start_time\": \"2026-02-25T10:00:00Z\", \"attributes\": {\"http.method\": \"GET\"}}]}\n",
       2, 14, 6},
      {"exgentic", "exgentic.jsonl",
       "{\"session_id\": \"s\", \"start_time_s\": 10.5, \"end_time_s\": 12, \"input_tokens\": 50, \"output_tokens\": "
       "5}\n"
       "{\"session_id\": \"s\", \"start_time_s\": 14, \"end_time_s\": 15, \"input_tokens\": 60, \"output_tokens\": "
       "6}\n",
       2, 110, 11},
      {"vtc", "vtc.csv", "req_id,adapter_dir,prompt_len,output_len,req_time\n0,lora-13,13,199,0\n1,lora-2,36,137,0.2\n",
       2, 49, 336},
      {"llmservingsim", "simulated.jsonl",
       "{\"input_toks\": 100, \"output_toks\": 50, \"arrival_time_ns\": 2000000}\n"
       "{\"session_id\": \"s0\", \"arrival_time_ns\": 1000000, \"sub_requests\": [{\"input_toks\": 200, "
       "\"output_toks\": "
       "10, \"tool_duration_ns\": 500}, {\"input_toks\": 320, \"output_toks\": 11}]}\n",
       3, 620, 71},
      {"memwall", "own.jsonl",
       "{\"memwall_trace\": 1}\n{\"row\": 0, \"time_ns\": 0, \"input_tokens\": 8, \"output_tokens\": 2, "
       "\"output_limit\": "
       "5, \"deadline_ns\": 1000, \"adapter\": \"l\", \"class\": \"c\", \"tenant\": \"t\"}\n",
       1, 8, 2},
  };
  return all;
}

TraceOptions sample_trace(const std::string& format) {
  for (const Sample& sample : samples()) {
    if (sample.format == format) return trace(written(sample.name, sample.content), format);
  }
  throw InputError("no sample of " + format);
}

std::vector<std::int64_t> arrivals_ps(const std::vector<Request>& requests) {
  std::vector<std::int64_t> out;
  for (const Request& request : requests) out.push_back(request.arrival.ps);
  return out;
}

using Times = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("every format but the drawn one has a sample, which is found out and read") {
  std::size_t tried = 0;
  for (const TraceFormat& format : trace_formats()) {
    INFO(format.name);
    if (format.name == "servegen") continue;
    for (const Sample& sample : samples()) {
      if (sample.format != format.name) continue;
      ++tried;
      const TraceFile file = written(sample.name, sample.content);
      CHECK(detect_format(file).name == format.name);
      const TraceStats stats = trace_stats(trace(file, format.name));
      CHECK(stats.notes.dropped.empty());
      CHECK(stats.input_tokens == sample.input);
      CHECK(stats.output_tokens == sample.output);
      CHECK(replayed(trace(file, format.name)).size() == sample.requests);
    }
  }
  CHECK(tried + 1 == trace_formats().size());
}

TEST_CASE("a file of no known format is refused with its beginning and with what was tried") {
  const TraceFile file = written("unknown.csv", "when,how much\n1,2\n");
  std::string message;
  try {
    static_cast<void>(detect_format(file));
  } catch (const InputError& error) {
    message = error.what();
  }
  CHECK(message.rfind("unknown.csv:1: is of no known trace format; it begins with `when,how much`, and tried were "
                      "memwall, azure, burstgpt,",
                      0) == 0);
  CHECK(message.find("--format") != std::string::npos);
}

TEST_CASE("labels of rows become labels of requests") {
  const auto images = replayed(sample_trace("azure"));
  CHECK(images[0].labels.images == 2);
  CHECK(images[1].labels.images == 0);

  const auto source = replay_trace(sample_trace("vtc"), {});
  CHECK(source->names().adapters == std::vector<std::string>{"lora-13", "lora-2"});
  CHECK(source->names().tenants == source->names().adapters);
  const auto adapters = drained(*source);
  CHECK(adapters[0].labels.adapter == 0);
  CHECK(adapters[1].labels.adapter == 1);

  const auto own = replayed(sample_trace("memwall"));
  CHECK(own[0].labels.deadline == Time{1'000'000});
  CHECK(own[0].labels.service_class == 0);
  CHECK(own[0].output_tokens == 2);
  CHECK(own[0].max_tokens == 5);  // all that the engine was told
  CHECK(own[0].stops_by_eos);

  const auto ranked = replayed(sample_trace("mooncake"));
  CHECK(ranked[2].priority == -2);
  CHECK(ranked[2].labels.service_class == 0);
}

TEST_CASE("a row that names others arrives when all of them have ended and its delays have passed") {
  const auto source = replay_trace(sample_trace("mooncake"), {});
  const auto requests = drained(*source, Duration{second_ps});
  CHECK(arrivals_ps(requests) == Times{0, 1'250'000'000'000, 2'250'000'000'000});
}

TEST_CASE("where ends are recorded, a session's next call keeps its distance from them") {
  // 20 s is 11 s after the end of the first at 5 + 4 s.
  const auto burst = drained(*replay_trace(sample_trace("burstgpt"), {}), Duration{second_ps});
  CHECK(arrivals_ps(burst) == Times{0, 12 * second_ps, 16 * second_ps});
  // 2 s after the end at 12 s.
  CHECK(arrivals_ps(drained(*replay_trace(sample_trace("exgentic"), {}), Duration{second_ps})) ==
        Times{0, 3 * second_ps});
  // Its last tool answered 2.5 s after the round before had ended.
  CHECK(arrivals_ps(drained(*replay_trace(sample_trace("tracelab"), {}), Duration{second_ps})) ==
        Times{0, 3'500'000'000'000});
  CHECK(arrivals_ps(drained(*replay_trace(sample_trace("otel"), {}), Duration{3 * second_ps})) ==
        Times{0, 4 * second_ps});
}

TEST_CASE("where no end is recorded, a child arrives at its time, or when its parent has ended if that is later") {
  const auto at_once = drained(*replay_trace(sample_trace("bailian"), {}), Duration{second_ps});
  CHECK(arrivals_ps(at_once) == Times{0, 2 * second_ps});
  const auto late = drained(*replay_trace(sample_trace("bailian"), {}), Duration{5 * second_ps});
  CHECK(arrivals_ps(late) == Times{0, 5 * second_ps});
}

TEST_CASE("a wait that stands behind a round belongs to the next one") {
  CHECK(arrivals_ps(drained(*replay_trace(sample_trace("tracelab_replay"), {}), Duration{second_ps})) ==
        Times{0, 200'000'000'000, 1'100'000'000'000});
  CHECK(arrivals_ps(drained(*replay_trace(sample_trace("llmservingsim"), {}), Duration{second_ps})) ==
        Times{0, 1'000'000'000, second_ps + 500'000});
}

TEST_CASE("a subagent starts after its parent's request, and the parent goes on when it has ended") {
  // The subagent 1 s after the end of the first request at 2 s; the parent 3 s after the subagent's end at 7 s.
  const auto requests = drained(*replay_trace(sample_trace("weka"), {}), Duration{second_ps});
  CHECK(arrivals_ps(requests) == Times{0, 2 * second_ps, 6 * second_ps});
  CHECK(requests[1].input_tokens == 70);
  CHECK(requests[0].prompt[1].stream == requests[2].prompt[1].stream);
  CHECK(requests[0].prompt[0].stream != requests[1].prompt[0].stream);
}

TEST_CASE("conversations share nothing, unless their tool and system prompts are said to be the same") {
  std::string second = samples()[4].content;
  second.replace(second.find("c1"), 2, "c2");
  const TraceFile file = written("two.jsonl", samples()[4].content + second);
  auto options = trace(file, "weka");
  const auto apart = drained(*replay_trace(options, {}));
  REQUIRE(apart.size() == 6);
  CHECK(apart[0].prompt[0].stream != apart[1].prompt[0].stream);
  read_text(R"({"shared_prompt": 1})", "keys",
            [&](Reader& reader) { options.open = trace_format("weka").read(reader); });
  const auto together = drained(*replay_trace(options, {}));
  CHECK(together[0].prompt[0].stream == together[1].prompt[0].stream);  // 128 tokens: two blocks
  CHECK(together[0].prompt[1].stream == together[1].prompt[1].stream);
  CHECK(together[0].prompt[2].stream != together[1].prompt[2].stream);
}

TEST_CASE("a round repeats the prompt and the answer before it as far as its prefix goes") {
  const auto rounds = replayed(sample_trace("tracelab"));
  REQUIRE(rounds[1].prompt.size() == 2);
  CHECK(rounds[1].prompt[0].stream == rounds[0].prompt[0].stream);
  CHECK(rounds[1].prompt[0].end == 108);  // 100 tokens of the prompt and 8 of the answer
  CHECK(rounds[1].prompt[1].begin == 108);
  CHECK(replay_trace(sample_trace("tracelab"), {})->shares_tokens());
}

TEST_CASE("a trace converted to memwall's own format replays as before") {
  for (const Sample& sample : samples()) {
    INFO(sample.format);
    const auto options = sample_trace(sample.format);
    std::string text;
    const Converted done =
        convert_trace(options.open, options.file, {}, sample.format, [&](std::string_view bytes) { text += bytes; });
    CHECK(done.unreadable == 0);
    const auto own = trace(written("converted_" + sample.format + ".jsonl", text), "memwall");
    const auto source = replay_trace(options, {});
    const auto converted = replay_trace(own, {});
    const auto before = drained(*source, Duration{second_ps});
    const auto after = drained(*converted, Duration{second_ps});
    REQUIRE(before.size() == after.size());
    CHECK(source->names().tenants == converted->names().tenants);
    for (std::size_t i = 0; i < before.size(); ++i) {
      CHECK(before[i].arrival == after[i].arrival);
      CHECK(before[i].input_tokens == after[i].input_tokens);
      CHECK(before[i].output_tokens == after[i].output_tokens);
      CHECK(before[i].max_tokens == after[i].max_tokens);
      CHECK(before[i].session == after[i].session);
      CHECK(before[i].ticket == after[i].ticket);
      CHECK(before[i].labels == after[i].labels);
      REQUIRE(before[i].prompt.size() == after[i].prompt.size());
      for (std::size_t k = 0; k < before[i].prompt.size(); ++k) {
        CHECK(before[i].prompt[k].stream == after[i].prompt[k].stream);
        CHECK(before[i].prompt[k].end == after[i].prompt[k].end);
      }
    }
  }
}

TEST_CASE("rows of memwall's own format that contradict themselves are dropped by reason") {
  const auto options = trace(written("bad_own.jsonl",
                                     "{\"memwall_trace\": 1}\n"
                                     "{\"row\": 4, \"time_ns\": 0, \"input_tokens\": 1, \"output_tokens\": 1}\n"
                                     "{\"row\": 4, \"time_ns\": 0, \"input_tokens\": 1, \"output_tokens\": 1}\n"
                                     "{\"time_ns\": 0, \"input_tokens\": 1, \"output_tokens\": 1, \"blocks\": [1]}\n"
                                     "{\"input_tokens\": 1, \"output_tokens\": 1}\n"
                                     "{\"time_ns\": 0, \"input_tokens\": 1, \"output_tokens\": 1, \"delay_ns\": -1}\n"),
                             "memwall");
  CHECK(replay_trace(options, {})->notes().dropped ==
        std::map<std::string, std::int64_t>{
            {"bad_delay", 1}, {"bad_row_number", 1}, {"missing_block_tokens", 1}, {"missing_time", 1}});
  std::string message;
  try {
    static_cast<void>(survey_trace(trace(written("no_header.jsonl", "{\"time_ns\": 0}\n"), "memwall")));
  } catch (const InputError& error) {
    message = error.what();
  }
  CHECK(message.rfind("no_header.jsonl:1: /memwall_trace: the first line", 0) == 0);
}
