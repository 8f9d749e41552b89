#include "tools/price/point.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace memwall::tools::price {
namespace {

/// The steady state at a batch, with the prices of its cycles.
struct Running {
  SteadyState state;
  Cost mixed;    ///< a cycle with prompt tokens
  Cost decodes;  ///< the decoding sequences of that cycle, alone
  Cost decode;   ///< a cycle without prompt tokens

  [[nodiscard]] double interval() const {
    return mixed.total().value * state.mixed_share + decode.total().value * (1 - state.mixed_share);
  }
  [[nodiscard]] double requests_per_s() const { return state.rate / interval(); }
  /// A sum over the cycles of one request, of what `of` says of a cycle's cost.
  template <class Of>
  double prefill(Of of) const {
    return (of(mixed) - of(decodes)) * state.mixed_share / state.rate;
  }
  template <class Of>
  double decoding(Of of) const {
    return (of(decodes) * state.mixed_share + of(decode) * (1 - state.mixed_share)) / state.rate;
  }
};

Running running(const Engine& engine, const MeanRequest& request, double batch) {
  const auto budget = static_cast<double>(engine.pool.engine.scheduler.max_num_batched_tokens);
  const auto& reaches = engine.program().reaches();
  Running out;
  out.state = steady_at_batch(batch, budget, request);
  out.mixed = engine.price(mixed_cycle(out.state, request, reaches));
  out.decodes = engine.price(decodes_of_mixed_cycle(out.state, request, reaches));
  out.decode = engine.price(decode_cycle(out.state, request, reaches));
  return out;
}

MeanRequest request_of(const Demand& demand, std::int64_t context) {
  MeanRequest request;
  request.input = static_cast<double>(context);
  request.uncached = std::max(1.0, request.input * (1 - demand.cached));
  request.output = demand.output;
  return request;
}

/// Blocks that prompts take between two uses: requests a second x seconds of rest x blocks (Little's law).
double resting_blocks(const Engine& engine, const Demand& demand, const Running& at, const MeanRequest& request) {
  const double blocks =
      (request.input - request.uncached) / static_cast<double>(engine.pool.engine.scheduler.block_size);
  return at.requests_per_s() * demand.hold_s * blocks;
}

/// Why the batch cannot run, or nothing.
std::optional<Held> obstacle(const Engine& engine, const Demand& demand, const MeanRequest& request, const Running& at,
                             double batch) {
  const double taken = batch * engine.blocks_of(request.context()) + resting_blocks(engine, demand, at, request);
  if (taken > engine.usable_blocks()) return Held::cache;
  if (demand.tpot_s && at.interval() > *demand.tpot_s) return Held::objective;
  return std::nullopt;
}

std::string refusal_of(const Engine& engine, const Demand& demand, const MeanRequest& request, const Running& one) {
  const double whole = engine.blocks_of(request.input + request.output);
  if (whole > engine.usable_blocks()) {
    return fmt::format("one sequence of {:.0f} tokens takes {:.0f} of {:.0f} cache blocks",
                       request.input + request.output, whole, engine.usable_blocks());
  }
  const auto held = obstacle(engine, demand, request, one, 1);
  if (!held) return "";
  if (*held == Held::objective) {
    return fmt::format("one sequence alone takes {:.4g} ms a token, above the objective of {:.4g} ms",
                       one.interval() * 1e3, *demand.tpot_s * 1e3);
  }
  return fmt::format("prompts that rest for {:.4g} s fill the cache before one sequence can run", demand.hold_s);
}

/// The largest whole batch that nothing forbids, and what forbids the next one. A cycle does not get shorter and
/// caches do not get fewer when the batch grows, so halving finds it.
std::pair<double, Held> largest_batch(const Engine& engine, const Demand& demand, const MeanRequest& request) {
  auto low = std::int64_t{1};
  auto high = engine.pool.engine.scheduler.max_num_seqs + 1;
  Held held = Held::slots;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    const Running at = running(engine, request, static_cast<double>(middle));
    const auto why = obstacle(engine, demand, request, at, static_cast<double>(middle));
    if (why) {
      high = middle;
      held = *why;
    } else {
      low = middle;
    }
  }
  return {static_cast<double>(low), held};
}

double watts_joules(const Money& money, const Cost& cost, double devices) {
  const double seconds = cost.total().value;
  if (!money.busy_w) return money.board_w * seconds;
  return cost.energy().value * devices + *money.busy_w * seconds;
}

/// Capital over the time that the request takes of the engine, what rests in its memory apart, and energy.
CostParts busy_parts(const Engine& engine, const Running& at, double resting_share) {
  const Money& money = engine.money;
  const auto cost = [&](const Cost& cycle) {
    return money.capital * (1 - resting_share) * cycle.total().value +
           money.usd_per_joule * watts_joules(money, cycle, engine.devices);
  };
  CostParts parts;
  parts.prefill = at.prefill(cost);
  parts.decode = at.decoding(cost);
  parts.storage = money.capital * resting_share / at.requests_per_s();
  return parts;
}

/// For each busy second of a day there are (1 - load) / load idle ones.
void add_idle(const Engine& engine, const Demand& demand, double requests_per_s, CostParts& parts) {
  const double idle_seconds = (1 / demand.load - 1) / requests_per_s;
  parts.idle = idle_seconds * (engine.money.capital + engine.money.usd_per_joule * engine.money.idle_w);
}

double first_token(const Engine& engine, const Running& at, const MeanRequest& request) {
  BatchShape last = mixed_cycle(at.state, request, engine.program().reaches());
  last.padded = engine.pool.engine.padding.rows(last.tokens);
  return at.state.chunks * at.mixed.total().value + engine.program().lateness(last).value;
}

}  // namespace

std::string_view name(Held held) {
  constexpr std::array<std::string_view, 5> names = {"max_seqs", "kv_capacity", "tpot", "token_budget", "asked"};
  return names[static_cast<std::size_t>(held)];
}

Point price_point(const Engine& engine, const Demand& demand, std::int64_t context) {
  Point out;
  out.context = context;
  out.request = request_of(demand, context);
  out.refusal = refusal_of(engine, demand, out.request, running(engine, out.request, 1));
  if (!out.refusal.empty()) return out;
  double batch = 0;
  if (demand.batch) {
    batch = *demand.batch;
    out.held = Held::asked;
    const auto why = obstacle(engine, demand, out.request, running(engine, out.request, batch), batch);
    if (why) {
      out.refusal = fmt::format("a batch of {:.0f} is more than {} allows", batch, name(*why));
      return out;
    }
  } else {
    std::tie(batch, out.held) = largest_batch(engine, demand, out.request);
  }
  const Running at = running(engine, out.request, batch);
  if (at.state.batch < batch * (1 - 1e-9)) out.held = Held::tokens;
  out.batch = at.state.batch;
  out.tpot_s = at.interval();
  out.ttft_s = first_token(engine, at, out.request);
  out.requests_per_s = at.requests_per_s();
  out.resting_share = resting_blocks(engine, demand, at, out.request) / engine.usable_blocks();
  out.cache_byte_seconds = engine.blocks_of(out.request.context()) * engine.block_bytes() * out.tpot_s;
  out.usd_per_byte_second = engine.money.capital / (engine.usable_blocks() * engine.block_bytes());
  out.at_rate = busy_parts(engine, at, out.resting_share);
  out.at_load = out.at_rate;
  add_idle(engine, demand, out.requests_per_s, out.at_load);
  return out;
}

CostParts cost_in(const Engine& engine, const Demand& demand, const Point& shared, double cached) {
  Demand own = demand;
  own.cached = cached;
  own.hold_s = 0;
  own.tpot_s.reset();
  own.batch = shared.batch;
  const MeanRequest request = request_of(own, shared.context);
  const Running at = running(engine, request, shared.batch);
  CostParts parts = busy_parts(engine, at, 0);
  parts.decode = shared.at_rate.decode;
  const double block = engine.block_bytes() / static_cast<double>(engine.pool.engine.scheduler.block_size);
  parts.storage = (request.input - request.uncached) * block * demand.hold_s * shared.usd_per_byte_second;
  // Idle time falls on requests by what they cost the engine while it is busy.
  parts.idle = shared.at_load.idle * (parts.prefill + parts.decode + parts.storage) / shared.at_rate.total();
  return parts;
}

}  // namespace memwall::tools::price
