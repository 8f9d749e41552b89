#include "workloads/generators/clients.hpp"

#include <algorithm>
#include <set>

#include "sim/base/error.hpp"
#include "sim/base/hash.hpp"
#include "sim/des/indexed_heap.hpp"

namespace memwall {
namespace {

class Clients final : public RequestSource {
 public:
  Clients(const std::vector<Client>& clients, const SourceContext& context) {
    next_.resize(clients.size());
    for (const Client& client : clients) {
      DrawKey key = workload_key(context);
      key.stream = Hasher(key.stream).add("client").add(client.name).value();
      names_.tenants.push_back(client.name);
      sources_.push_back(keyed_requests(client.traffic, key));
      refresh(sources_.size() - 1);
    }
  }

  Time next_arrival() const override { return next_.empty() ? Time::never() : next_.top_key(); }

  Request pop() override {
    law(!next_.empty(), "a request is taken only where one is known");
    const std::size_t client = next_.top();
    Request request = sources_[client]->pop();
    request.labels.tenant = static_cast<std::int32_t>(client);
    refresh(client);
    return request;
  }

  void ended(const Request& request, Time now) override {
    const auto client = static_cast<std::size_t>(request.labels.tenant);
    sources_[client]->ended(request, now);
    refresh(client);
  }

  bool exhausted() const override {
    return std::all_of(sources_.begin(), sources_.end(), [](const auto& source) { return source->exhausted(); });
  }
  bool shares_tokens() const override {
    return std::any_of(sources_.begin(), sources_.end(), [](const auto& source) { return source->shares_tokens(); });
  }
  bool closed_loop() const override {
    return std::any_of(sources_.begin(), sources_.end(), [](const auto& source) { return source->closed_loop(); });
  }
  LabelNames names() const override { return names_; }

  SourceNotes notes() const override {
    SourceNotes notes;
    for (const auto& source : sources_) {
      const SourceNotes own = source->notes();
      notes.rows_read += own.rows_read;
      notes.rows_kept += own.rows_kept;
      for (const auto& [warning, rows] : own.warnings) notes.warnings[warning] += rows;
    }
    return notes;
  }

 private:
  void refresh(std::size_t client) {
    const Time next = sources_[client]->next_arrival();
    if (next == Time::never()) {
      next_.remove(client);
    } else {
      next_.set(client, next);
    }
  }

  std::vector<std::unique_ptr<RequestSource>> sources_;
  LabelNames names_;
  IndexedHeap<Time> next_;
};

}  // namespace

std::unique_ptr<RequestSource> client_requests(const std::vector<Client>& clients, const SourceContext& context) {
  return std::make_unique<Clients>(clients, context);
}

std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_client_source(Reader& reader) {
  std::vector<Client> clients;
  std::set<std::string> names;
  std::vector<std::string> twice;
  reader.list("clients", true, "each with traffic of its own", [&](Reader& keys) {
    Client client;
    client.name = keys.text("name", std::nullopt, "column `tenant` of requests.csv; keys its random draws");
    if (!names.insert(client.name).second) twice.push_back(client.name);
    client.traffic = read_synthetic(keys);
    clients.push_back(std::move(client));
  });
  if (!reader.has("clients")) return {};
  if (clients.empty()) reader.fault("clients", "wants one client or more");
  for (const std::string& name : twice) {
    reader.fault("clients", "two clients are called \"" + name + "\"; give each its own name, which keys its draws");
  }
  return [clients](const SourceContext& context) { return client_requests(clients, context); };
}

}  // namespace memwall
