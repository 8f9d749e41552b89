// The text of requests.csv and cycles.csv, to the byte.
#include "sim/metrics/csv.hpp"

#include <string>

#include "sim/base/error.hpp"
#include "sim/metrics/cycle_csv.hpp"
#include "sim/metrics/request_csv.hpp"
#include "tests/catch.hpp"

using namespace memwall;

namespace {

ByteSink into(std::string& text) {
  return [&text](std::string_view bytes) { text += bytes; };
}

std::string without_header(const std::string& text) { return text.substr(text.find('\n') + 1); }

Names some_names() { return {{"chat", "a, \"b\""}, {{"llama", "acme", "gold"}, {"qwen", "", "x,y"}}}; }

Ramp of_ps(std::int64_t first, std::int64_t step) {
  return {static_cast<Int128>(first) << Ramp::fraction_bits, static_cast<Int128>(step) << Ramp::fraction_bits};
}

/// Five cycles in which launch overtakes hbm after the third.
struct Example {
  TierRamps ramps;
  CycleSpan span;

  Example() {
    ramps.critical[Tier::hbm] = of_ps(60, 0);
    ramps.critical[Tier::launch] = of_ps(40, 10);
    ramps.find_used();
    span.replica = {2};
    span.first_cycle = 7;
    span.cycles = 5;
    span.ramps = &ramps;
    span.clock = {Time{1'500'000'000'000}, ramps.duration()};
    span.decode_tokens = 3;
    span.padded_tokens = 4;
    span.sequences = 3;
    span.kv_tokens = 100;
    span.kv_blocks = 9;
    span.limit = Limit::max_seqs;
  }
};

constexpr const char* cycle_header =
    "pool,replica,lane,first_cycle,cycles,start_s,duration_s,latency_s,prefill_tokens,decode_tokens,padded_tokens,"
    "sequences,kv_tokens,kv_blocks,bottleneck,limit,compute_s,vector_s,sram_s,hbm_s,capacity_memory_s,package_s,"
    "scale_up_s,scale_out_s,host_link_s,host_memory_s,nvme_s,object_store_s,disk_s,launch_s,host_cpu_s,pipeline_s,"
    "power_s,idle_s\n";

}  // namespace

TEST_CASE("seconds are printed exactly, with no more decimals than they have") {
  std::string text;
  CsvText csv(into(text));
  for (const std::int64_t ps : {0LL, 1LL, 7316123456LL, 1'000'000'000'000LL, 1'500'000'000'000LL, -1LL,
                                9'223'372'036'854'775'807LL, 100'000'000'000LL}) {
    csv.seconds({ps});
  }
  csv.end_row();
  csv.finish();
  CHECK(text == "0,0.000000000001,0.007316123456,1,1.5,-0.000000000001,9223372.036854775807,0.1\n");
}

TEST_CASE("cells with commas, quotes and line breaks are quoted") {
  CHECK(csv_cell("plain text") == "plain text");
  CHECK(csv_cell("a,b") == "\"a,b\"");
  CHECK(csv_cell("say \"x\"") == "\"say \"\"x\"\"\"");
  CHECK(csv_cell("two\nlines") == "\"two\nlines\"");
}

TEST_CASE("a row of requests.csv holds what happened and leaves the rest empty") {
  std::string text;
  RequestCsv csv(into(text), some_names());
  RequestRecord done;
  done.id = {4};
  done.replica = {1};
  done.arrival = {1'000'000'000'000};
  done.first_scheduled = {1'250'000'000'000};
  done.first_token = {1'500'000'000'000};
  done.finish = {2'500'000'000'000};
  done.input_tokens = 512;
  done.cached_tokens = 64;
  done.loaded_tokens = {32, 16, 0, 8};
  done.output_tokens = 11;
  done.preemptions = 2;
  done.session = 9;
  csv.row(done, latency_of(done), RequestCsv::Met::yes);
  RequestRecord refused;
  refused.id = {5};
  refused.pool = {-1};
  refused.replica = {-1};
  refused.arrival = {2};
  refused.finish = {2};
  refused.workload = 1;
  refused.input_tokens = 99;
  refused.status = Status::rejected;
  csv.row(refused, latency_of(refused), RequestCsv::Met::no);
  refused.pool = {1};
  refused.replica = {3};
  refused.status = Status::unfinished;
  refused.finish = Time::never();
  csv.row(refused, latency_of(refused), RequestCsv::Met::not_asked);
  csv.finish();
  CHECK(text ==
        "id,arrival_s,pool,replica,model,tenant,class,session,input_tokens,cached_tokens,output_tokens,queue_s,"
        "first_scheduled_s,ttft_s,tpot_s,e2e_s,preemptions,status,slo_met,adapter,images,deadline_s,"
        "deadline_met,prefill_replica,decode_replica,kv_transfer_s,loaded_host_memory_tokens,loaded_nvme_tokens,"
        "loaded_object_store_tokens,loaded_disk_tokens\n"
        "4,1,chat,1,llama,acme,gold,9,512,64,11,0.25,1.25,0.5,0.1,1.5,2,completed,true,,0,,,,,,32,16,0,8\n"
        "5,0.000000000002,,,qwen,,\"x,y\",,99,0,0,,,,,,0,rejected,false,,0,,,,,,0,0,0,0\n"
        "5,0.000000000002,\"a, \"\"b\"\"\",3,qwen,,\"x,y\",,99,0,0,,,,,,0,unfinished,,,0,,,,,,0,0,0,0\n");
  refused.workload = 2;
  CHECK_THROWS_AS(csv.row(refused, latency_of(refused), RequestCsv::Met::no), LogicError);
}

TEST_CASE("requests.csv names what a request brings itself before what its workload says") {
  std::string text;
  RequestCsv csv(into(text), {{"chat"}, {{"llama", "acme", "gold", {{"t0", "t,1"}, {"batch"}, {"lora-7"}}}}});
  RequestRecord record;
  record.finish = Time{2'000'000'000'000};
  record.labels = {1, 0, 0, 3, Time{2'000'000'000'000}};
  csv.row(record, latency_of(record), RequestCsv::Met::not_asked);
  record.labels = {-1, -1, -1, 0, Time{1'999'999'999'999}};
  csv.row(record, latency_of(record), RequestCsv::Met::not_asked);
  record.labels.deadline = Time{3'000'000'000'000};
  record.status = Status::timed_out;
  csv.row(record, latency_of(record), RequestCsv::Met::not_asked);
  csv.finish();
  const std::string rows = text.substr(text.find('\n') + 1);
  CHECK(rows ==
        "0,0,chat,0,llama,\"t,1\",batch,,0,0,0,,,,,2,0,completed,,lora-7,3,2,true,,,,0,0,0,0\n"
        "0,0,chat,0,llama,acme,gold,,0,0,0,,,,,2,0,completed,,,0,1.999999999999,false,,,,0,0,0,0\n"
        "0,0,chat,0,llama,acme,gold,,0,0,0,,,,,,0,timed_out,,,0,3,false,,,,0,0,0,0\n");
  record.labels.tenant = 2;
  CHECK_THROWS_AS(csv.row(record, latency_of(record), RequestCsv::Met::not_asked), LogicError);
}

TEST_CASE("cycles.csv has a row for each piece of constant bottleneck and for each idle gap") {
  const Example example;
  std::string text;
  CycleCsv csv(into(text), some_names(), CycleRows::leaps);
  csv.idle({PoolId{0}, ReplicaId{2}, Time{0}, Time{500'000'000'000}});
  csv.idle({PoolId{0}, ReplicaId{2}, Time{500'000'000'000}, Time{1'500'000'000'000}});
  csv.cycles(example.span);
  csv.finish();
  CHECK(text == std::string(cycle_header) +
                    "chat,2,,,0,0,1.5,,0,0,0,0,,,idle,,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1.5\n"
                    "chat,2,0,7,3,1.5,0.00000000033,0.0000000001,0,9,12,3,100,9,hbm,max_seqs,"
                    "0,0,0,0.00000000018,0,0,0,0,0,0,0,0,0,0.00000000015,0,0,0,0\n"
                    "chat,2,0,10,2,1.50000000033,0.00000000027,0.00000000013,0,6,8,3,109,9,launch,max_seqs,"
                    "0,0,0,0.00000000012,0,0,0,0,0,0,0,0,0,0.00000000015,0,0,0,0\n");
}

TEST_CASE("cycles.csv with all cycles has a row for each") {
  const Example example;
  std::string text;
  CycleCsv csv(into(text), some_names(), CycleRows::all);
  csv.cycles(example.span);
  csv.finish();
  CHECK(without_header(text) ==
        "chat,2,0,7,1,1.5,0.0000000001,0.0000000001,0,3,4,3,100,9,hbm,max_seqs,"
        "0,0,0,0.00000000006,0,0,0,0,0,0,0,0,0,0.00000000004,0,0,0,0\n"
        "chat,2,0,8,1,1.5000000001,0.00000000011,0.00000000011,0,3,4,3,103,9,hbm,max_seqs,"
        "0,0,0,0.00000000006,0,0,0,0,0,0,0,0,0,0.00000000005,0,0,0,0\n"
        "chat,2,0,9,1,1.50000000021,0.00000000012,0.00000000012,0,3,4,3,106,9,hbm,max_seqs,"
        "0,0,0,0.00000000006,0,0,0,0,0,0,0,0,0,0.00000000006,0,0,0,0\n"
        "chat,2,0,10,1,1.50000000033,0.00000000013,0.00000000013,0,3,4,3,109,9,launch,max_seqs,"
        "0,0,0,0.00000000006,0,0,0,0,0,0,0,0,0,0.00000000007,0,0,0,0\n"
        "chat,2,0,11,1,1.50000000046,0.00000000014,0.00000000014,0,3,4,3,112,9,launch,max_seqs,"
        "0,0,0,0.00000000006,0,0,0,0,0,0,0,0,0,0.00000000008,0,0,0,0\n");
}

TEST_CASE("a latency that is not the cycle's length has its own column") {
  Example example;
  const Ramp latency = of_ps(777, 1);
  example.span.latency = &latency;
  std::string text;
  CycleCsv csv(into(text), some_names(), CycleRows::leaps);
  csv.cycles(example.span);
  csv.finish();
  CHECK(text.find(",0.00000000033,0.000000000777,") != std::string::npos);
  CHECK(text.find(",0.00000000027,0.00000000078,") != std::string::npos);
}

TEST_CASE("bytes are handed on in large pieces and none is lost") {
  std::string text;
  int pieces = 0;
  CsvText csv([&](std::string_view bytes) {
    text += bytes;
    ++pieces;
  });
  std::string expected;
  for (std::int64_t i = 0; i < 20000; ++i) {
    csv.integer(i).raw("cell").end_row();
    expected += std::to_string(i) + ",cell\n";
  }
  csv.finish();
  csv.finish();
  CHECK(text == expected);
  CHECK(pieces > 1);
  CHECK(pieces < 10);
}
