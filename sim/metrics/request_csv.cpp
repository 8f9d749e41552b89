#include "sim/metrics/request_csv.hpp"

#include <utility>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

void seconds_or_empty(CsvText& text, const std::optional<Duration>& value) {
  if (value) {
    text.seconds(*value);
  } else {
    text.empty();
  }
}

template <class Cells>
const auto& at(const Cells& cells, std::int32_t position) {
  law(position >= 0 && static_cast<std::size_t>(position) < cells.size(),
      "a request names a pool, workload or label that is unknown");
  return cells[static_cast<std::size_t>(position)];
}

const std::string& own_or(const std::vector<std::string>& cells, std::int32_t position, const std::string& fallback) {
  return position < 0 ? fallback : at(cells, position);
}

std::vector<std::string> csv_cells(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const std::string& text : texts) out.push_back(csv_cell(text));
  return out;
}

}  // namespace

RequestCsv::RequestCsv(ByteSink sink, const Names& names) : text_(std::move(sink)) {
  for (const std::string& pool : names.pools) pools_.push_back(csv_cell(pool));
  for (const Names::Workload& workload : names.workloads) {
    const LabelNames& labels = workload.labels;
    workloads_.push_back({csv_cell(workload.model),
                          csv_cell(workload.tenant),
                          csv_cell(workload.class_name),
                          {csv_cells(labels.tenants), csv_cells(labels.classes), csv_cells(labels.adapters)}});
  }
  text_.raw(
      "id,arrival_s,pool,replica,model,tenant,class,session,input_tokens,cached_tokens,output_tokens,queue_s,"
      "first_scheduled_s,ttft_s,tpot_s,e2e_s,preemptions,status,slo_met,adapter,images,deadline_s,"
      "deadline_met,prefill_replica,decode_replica,kv_transfer_s");
  for (const Tier store : cache_stores) text_.raw("loaded_" + std::string(name(store)) + "_tokens");
  text_.end_row();
}

void RequestCsv::row(const RequestRecord& record, const RequestLatency& latency, Met slo) {
  text_.integer(record.id.value).seconds(record.arrival - Time{});
  if (record.pool.value < 0) {
    text_.empty();
  } else {
    text_.raw(at(pools_, record.pool.value));
  }
  if (record.replica.value < 0) {
    text_.empty();
  } else {
    text_.integer(record.replica.value);
  }
  const Names::Workload& workload = at(workloads_, record.workload);
  const RequestLabels& labels = record.labels;
  text_.raw(workload.model).raw(own_or(workload.labels.tenants, labels.tenant, workload.tenant));
  text_.raw(own_or(workload.labels.classes, labels.service_class, workload.class_name));
  if (record.session < 0) {
    text_.empty();
  } else {
    text_.integer(record.session);
  }
  text_.integer(record.input_tokens).integer(record.cached_tokens).integer(record.output_tokens);
  seconds_or_empty(text_, latency.queue);
  if (record.first_scheduled == Time::never()) {
    text_.empty();
  } else {
    text_.seconds(record.first_scheduled - Time{});
  }
  seconds_or_empty(text_, latency.ttft);
  seconds_or_empty(text_, latency.tpot);
  seconds_or_empty(text_, latency.e2e);
  text_.integer(record.preemptions).raw(name(record.status));
  text_.raw(slo == Met::not_asked ? std::string_view{} : slo == Met::yes ? "true" : "false");
  text_.raw(labels.adapter < 0 ? std::string_view{} : at(workload.labels.adapters, labels.adapter));
  text_.integer(labels.images);
  if (labels.deadline == Time::never()) {
    text_.empty().empty();
  } else {
    text_.seconds(labels.deadline - Time{}).raw(deadline_met(record) ? "true" : "false");
  }
  if (record.prefill_replica.value < 0) {
    text_.empty().empty().empty();
  } else {
    text_.integer(record.prefill_replica.value);
    if (record.decode_replica.value < 0) {
      text_.empty().empty();
    } else {
      text_.integer(record.decode_replica.value).seconds(record.kv_transfer);
    }
  }
  for (const std::int64_t tokens : record.loaded_tokens) text_.integer(tokens);
  text_.end_row();
}

}  // namespace memwall
