#include "sim/hw/interconnect.hpp"

#include <algorithm>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/hw/tables.hpp"

namespace memwall {
namespace {

constexpr std::int64_t most_ranks = 1 << 20;

/// Whose methods price an engine's collectives; vLLM is the only kind of engine. Files may hold those of others, which
/// the accuracy of the model is reported for.
bool used_by_engine(const Method& method) { return method.library == "nccl" || method.library == "vllm"; }

/// Methods of groups of the first 2, 3, ... chips, where the rate of a group depends on its size. Beyond eight chips
/// only multiples of eight and the whole are worked out; a group in between has the rate of the next larger one.
std::map<int, std::vector<Method>> methods_of_groups(const Topology& topology, const TopologyGraph& graph,
                                                     LinkFacts facts, int chips) {
  std::map<int, std::vector<Method>> out;
  for (int ranks = 2; ranks <= chips; ++ranks) {
    constexpr int each = 8;
    constexpr int few = 64;
    const bool asked = ranks <= each || (ranks <= few && ranks % each == 0) || ranks == chips;
    if (!asked) continue;
    // A ring runs over the links between neighbours. On a whole torus one ring an axis runs at the same time, each with
    // its share of the buffer; where all chips are joined, all links of a chip work at once.
    double rate = graph.ring(ranks).value;
    const bool whole = ranks == chips && topology.domains == 1;
    if (topology.shape == TopologyShape::torus && whole) rate *= static_cast<double>(topology.extent.size());
    const double spread = graph.all_to_all(ranks).value;
    facts.step = facts.direct ? graph.farthest(ranks) : graph.ring_step(ranks);
    facts.bandwidth = BytesPerSecond{(facts.direct ? spread : rate) * topology.achieved};
    std::vector<Method> methods = plain_methods(facts);
    for (Method& method : methods) {
      if (method.collective != Collective::all_to_all && method.collective != Collective::point_to_point) continue;
      method.step = graph.farthest(ranks);
      if (method.collective == Collective::all_to_all) method.bandwidth = BytesPerSecond{spread * topology.achieved};
    }
    out[ranks] = std::move(methods);
  }
  return out;
}

}  // namespace

Interconnect Interconnect::read(Reader& reader, std::string id) {
  Interconnect link;
  link.id_ = std::move(id);
  const std::string written = reader.text("id", link.id_, "as scenarios name the interconnect");
  if (written != link.id_) reader.fault("id", "is \"" + written + "\" in a file that is read as \"" + link.id_ + "\"");
  (void)reader.text("name", link.id_, "as people name it");
  link.max_ranks_ =
      static_cast<int>(reader.integer("devices", {std::nullopt, 1, most_ranks}, "devices that the links join"));
  link.joins_ = reader.texts("joins", false, "ids of the devices that are built with these links");
  link.domain_ =
      static_cast<int>(reader.integer("domain", {link.max_ranks_, 1, most_ranks},
                                      "devices of a scale-up domain, where several are joined by `scale_out`"));
  link.bandwidth_ = reader.sourced<BytesPerSecond>("bandwidth", "reached by one device in one direction");
  link.latency_ = reader.sourced<Seconds>("step_latency", "of one step of a ring");
  LinkFacts facts;
  facts.bandwidth = link.bandwidth_.value;
  facts.step = link.latency_.value;
  facts.multicast = reader.boolean("multicast", false, "whether switches replicate and reduce");
  facts.direct = reader.boolean("direct", true, "whether every device of a domain reaches every other one in one step");
  if (!(link.bandwidth_.value.value > 0)) {
    reader.fault("bandwidth", "must be above zero");
    facts.bandwidth = BytesPerSecond{1};
  }
  link.read_tables(reader);
  // A collective that a library was measured with needs no guess from latency and bandwidth beside it.
  const std::vector<Method> known = link.methods_;
  for (const Method& method : plain_methods(facts)) {
    const bool measured = std::any_of(known.begin(), known.end(),
                                      [&](const Method& other) { return other.collective == method.collective; });
    if (!measured) link.methods_.push_back(method);
  }
  link.read_scale_out(reader);
  link.provenance_ = reader.provenance();
  return link;
}

void Interconnect::read_tables(Reader& reader) {
  reader.list("all_reduce", false, "measured time against the size of the buffer, one table for each number of devices",
              [&](Reader& entry) {
                const int ranks = static_cast<int>(
                    entry.integer("ranks", {std::nullopt, 2, most_ranks}, "devices that take part in the reduction"));
                (void)entry.sourced_block("all-reduce over " + std::to_string(ranks) + " devices");
                TimeTable table = read_table<Bytes>(entry, "bytes of the buffer on each device, from 0");
                if (ranks > domain_) entry.fault("ranks", "exceeds the number of devices that the links join");
                if (!all_reduce_.emplace(ranks, std::move(table)).second) {
                  entry.fault("ranks", "has a table already; each number of devices needs only one");
                }
              });
  reader.list("methods", false, "how libraries run collectives on these links; the quickest that serves is taken",
              [&](Reader& entry) {
                Method method = read_method(entry);
                library_methods_.push_back(method);
                if (used_by_engine(method)) methods_.push_back(std::move(method));
              });
  reader.list("expert_exchange", false, "how tokens travel to their experts and back",
              [&](Reader& entry) { exchanges_.push_back(read_exchange(entry)); });
}

void Interconnect::read_scale_out(Reader& reader) {
  if (domain_ > max_ranks_ || max_ranks_ % domain_ != 0) {
    reader.fault("domain", "is " + std::to_string(domain_) + ", which does not divide the " +
                               std::to_string(max_ranks_) + " devices");
    domain_ = max_ranks_;
  }
  if (domain_ == max_ranks_) return;
  reader.object("scale_out", true, "between domains", [this](Reader& s) {
    LinkFacts facts;
    facts.bandwidth =
        s.sourced<BytesPerSecond>("bandwidth", "reached by one device's network card in one direction").value;
    facts.step = s.sourced<Seconds>("step_latency", "of one message between domains").value;
    if (!(facts.bandwidth.value > 0)) {
      s.fault("bandwidth", "must be above zero");
      facts.bandwidth = BytesPerSecond{1};
    }
    across_ = plain_methods(facts);
  });
}

Interconnect Interconnect::on(const Topology& topology) {
  Interconnect link;
  link.id_ = topology.id;
  const int chips = static_cast<int>(topology.chips().size());
  link.max_ranks_ = chips;
  link.domain_ = chips / topology.domains;
  link.provenance_ = topology.provenance;
  const TopologyGraph graph(topology);
  const bool switched = topology.shape == TopologyShape::switched || topology.shape == TopologyShape::fat_tree;
  LinkFacts facts;
  facts.multicast = topology.multicast;
  facts.direct = switched || topology.shape == TopologyShape::full_mesh;
  if (switched) {
    // Every chip has its own links to every switch, so that a group of any size has the same rate.
    facts.bandwidth = topology.injection() * topology.achieved;
    if (link.domain_ > 1)
      facts.step =
          graph.route(topology.chips()[0], topology.chips()[static_cast<std::size_t>(link.domain_) - 1]).latency;
    link.methods_ = plain_methods(facts);
  } else {
    link.by_ranks_ = methods_of_groups(topology, graph, facts, link.domain_);
  }
  if (topology.domains > 1) {
    const Route away = graph.route(topology.chips()[0], topology.chips()[static_cast<std::size_t>(link.domain_)]);
    LinkFacts out;
    out.step = away.latency;
    out.bandwidth = topology.card_rate() * topology.achieved;
    link.across_ = plain_methods(out);
  }
  return link;
}

MethodChoice Interconnect::inside(Collective collective, int ranks, Bytes payload) const {
  if (by_ranks_.empty()) return quickest(methods_, collective, ranks, payload);
  const auto group = by_ranks_.lower_bound(ranks);
  law(group != by_ranks_.end(), "the largest group is the whole domain");
  return quickest(group->second, collective, ranks, payload);
}

Seconds Interconnect::inside_time(Collective collective, int ranks, Bytes payload) const {
  if (ranks == 1) return {};
  if (collective == Collective::all_reduce) {
    const auto table = all_reduce_.find(ranks);
    if (table != all_reduce_.end()) return Seconds{table->second.at(payload.value)};
  }
  const MethodChoice choice = inside(collective, ranks, payload);
  law(choice.method != nullptr, "some method serves every collective");
  return choice.time;
}

Cost Interconnect::collective(Collective collective, int ranks, Bytes payload) const {
  law(ranks >= 1 && ranks <= max_ranks_, "an all-reduce runs inside one scale-up domain");
  law(payload.value >= 0, "a buffer has no negative size");
  Cost cost;
  if (ranks == 1) return cost;
  if (ranks <= domain_) {
    return cost.then(Tier::scale_up, time_on(Tier::scale_up, inside_time(collective, ranks, payload).value));
  }
  const int domains = (ranks + domain_ - 1) / domain_;
  const auto between = [&](Collective which, Bytes bytes) {
    return quickest(across_, which, domains, bytes).time.value;
  };
  double up = 0;
  double out = 0;
  const Bytes share = payload / domain_;
  switch (collective) {
    case Collective::all_reduce:
      up = (inside_time(Collective::reduce_scatter, domain_, payload) +
            inside_time(Collective::all_gather, domain_, payload))
               .value;
      out = between(Collective::all_reduce, share);
      break;
    case Collective::all_gather:
    case Collective::reduce_scatter:
      up = inside_time(collective, domain_, payload).value;
      out = between(collective, share);
      break;
    case Collective::all_to_all:
      // First inside, so that each card holds what goes to its own rail, then across (hierarchical all-to-all).
      up = inside_time(collective, domain_, payload).value;
      out = between(collective, payload);
      break;
    case Collective::point_to_point: out = between(collective, payload); break;
  }
  if (up > 0) cost.then(Tier::scale_up, time_on(Tier::scale_up, up));
  return cost.then(Tier::scale_out, time_on(Tier::scale_out, out));
}

Interconnect Interconnect::with_speed(Tier tier, double factor) const {
  Interconnect out = *this;
  out.time_factor_.insert({tier, 1.0}).first->second /= factor;
  return out;
}

Affine Interconnect::time_on(Tier tier, double seconds) const {
  const auto changed = time_factor_.find(tier);
  return Affine::constant(changed == time_factor_.end() ? seconds : seconds * changed->second);
}

Seconds Interconnect::all_reduce_floor(int ranks) const { return Seconds{all_reduce(ranks, Bytes{0}).total().value}; }

std::string Interconnect::priced_by(Collective collective, int ranks, Bytes payload) const {
  if (ranks == 1) return "nothing to do";
  if (ranks > domain_) return "inside, across, and inside again";
  if (collective == Collective::all_reduce && measured(ranks)) return "measured table";
  return inside(collective, ranks, payload).method->name;
}

const ExchangeMethod* Interconnect::exchange_method(ExchangeMode mode, ExchangeDirection direction) const {
  for (const ExchangeMethod& method : exchanges_) {
    if (method.mode == mode && method.direction == direction) return &method;
  }
  return nullptr;
}

Cost Interconnect::expert_exchange(const ExpertExchange& work, double tokens) const {
  Cost cost;
  if (work.ranks == 1 || tokens <= 0) return cost;
  const ExchangeCopies copies = exchange_copies(work, domain_);
  const Bytes unit = work.bytes_per_copy * (tokens * work.fullest);
  const Bytes in = unit * copies.inside;
  const Bytes out = unit * copies.across;
  double start = 0;
  BytesPerSecond up;
  BytesPerSecond card{1};
  if (const ExchangeMethod* method = exchange_method(work.mode, work.direction)) {
    start = method->start.value + method->per_expert.value * work.experts + method->per_rank.value * work.ranks +
            method->per_token.value * tokens;
    up = method->bandwidth;
    if (method->bandwidth_per_expert) up = std::min(up, *method->bandwidth_per_expert * work.experts);
    law(out.value == 0 || method->across.has_value(), "a group beyond the domain needs a way out; the build checks it");
    if (method->across) card = *method->across;
  } else {
    // Nobody measured an exchange on these links: an all-to-all of the same bytes.
    const MethodChoice plain = inside(Collective::all_to_all, std::min(work.ranks, domain_), Bytes{0});
    start = plain.time.value;
    up = plain.method->bandwidth;
    if (out.value > 0) {
      const MethodChoice away = quickest(across_, Collective::all_to_all, 2, Bytes{0});
      start = std::max(start, away.time.value);
      card = away.method->bandwidth;
    }
  }
  const double up_time = (in / up).value;
  const double out_time = out.value > 0 ? (out / card).value : 0;
  const Tier slower =
      cost.race(Tier::scale_up, time_on(Tier::scale_up, up_time), Tier::scale_out, time_on(Tier::scale_out, out_time));
  return cost.then(slower, time_on(slower, start));
}

}  // namespace memwall
