#include "sim/llm/key_walks.hpp"

#include <algorithm>
#include <variant>

namespace memwall {
namespace {

constexpr double activation_bytes = 2;

Flops flops(double amount) { return Flops{amount}; }

class Walks {
 public:
  explicit Walks(const CacheTreatment& treatment) : t_(treatment), b_(bytes_per_weight(treatment.format)) {}

  void operator()(const GroupedAttention& a) {
    const double pair = static_cast<double>(2 * a.heads * (a.head_dim + a.values()));
    KeyWalk walk{"attention", a.reach, {}, {}, flops(pair), flops(pair)};
    walk.stored = walk.read = Bytes{static_cast<double>(a.kv_heads * (a.head_dim + a.values())) * b_};
    if (a.indexer) index(*a.indexer, walk);
    add(walk);
  }

  void operator()(const LatentAttention& a) {
    const auto expanded = static_cast<double>(2 * a.heads * (a.nope_dim + a.rope_dim + a.value_dim));
    const auto absorbed = static_cast<double>(2 * a.heads * (2 * a.kv_rank + a.rope_dim));
    KeyWalk walk{"attention", {}, {}, {}, flops(expanded), flops(absorbed)};
    walk.stored = walk.read = Bytes{static_cast<double>(a.kv_rank + a.rope_dim) * b_};
    if (a.indexer) {
      index(*a.indexer, walk);
      // Kernels of sparse latent attention work on the latent in both phases (FlashMLA), and their 8-bit cache has a
      // 4-byte scale for each 128 values and keeps the rotary part in 16 bits: 656 bytes for 512 + 64.
      walk.per_prefill_pair = walk.per_decode_pair;
      if (t_.format == Precision::fp8) {
        walk.stored = walk.read = Bytes{static_cast<double>(a.kv_rank + a.kv_rank / 32 + 2 * a.rope_dim)};
      }
    } else if (!t_.absorbed) {
      // Every decode expands the whole context by the up projection, writes it and reads it back.
      const auto expansion = static_cast<double>(2 * a.kv_rank * a.heads * (a.nope_dim + a.value_dim));
      walk.per_decode_pair = flops(expanded + expansion);
      walk.read += Bytes{static_cast<double>(2 * a.heads * (a.nope_dim + a.value_dim)) * activation_bytes};
    }
    add(walk);
  }

  /// One latent is key and value at once, so a pair costs 2 d for the key and 2 d for the value in every head.
  void operator()(const CompressedAttention& a) {
    const auto pair = static_cast<double>(4 * a.heads * a.head_dim);
    const double entry = static_cast<double>(a.head_dim) * b_;
    if (a.window > 0) {
      KeyWalk walk{"window", {ReachKind::window, a.window}, Bytes{entry}, Bytes{entry}, flops(pair), flops(pair)};
      add(walk);
    }
    if (a.ratio == 0) return;
    // One entry for `ratio` tokens, as if each token had its part of it: at most one entry off.
    const auto ratio = static_cast<double>(a.ratio);
    KeyWalk walk{"compressed entries", {}, Bytes{entry / ratio}, Bytes{entry / ratio}, flops(pair / ratio),
                 flops(pair / ratio)};
    if (a.indexer) {
      walk.reach = {ReachKind::selected, a.indexer->tokens * a.ratio};
      const Bytes key{static_cast<double>(a.indexer->dim) * b_ / ratio};
      const Flops score = flops(static_cast<double>(2 * a.indexer->heads * a.indexer->dim) / ratio);
      walks_.push_back({"indexer", {}, key, key, score, score});
    }
    add(walk);
  }

  void operator()(const RecurrentMixer&) {}
  void operator()(const NoMixer&) {}

  std::vector<KeyWalk> take() { return std::move(walks_); }

 private:
  void index(const Indexer& indexer, KeyWalk& walk) {
    walk.reach = {ReachKind::selected, indexer.tokens};
    if (!indexer.owned) return;
    const Bytes key{indexer.key_bytes > 0 ? indexer.key_bytes : static_cast<double>(indexer.dim) * b_};
    const Flops score = flops(static_cast<double>(2 * indexer.heads * indexer.dim));
    walks_.push_back({"indexer", {}, key, key, score, score});
  }

  /// Adds a pass over keys and values, to which the levers of the deployment apply.
  void add(KeyWalk walk) {
    walk.stored = walk.stored / t_.compression;
    walk.read = walk.read / t_.compression;
    walk.per_decode_pair += t_.expand;
    const bool cut = t_.budget > 0 && (walk.reach.kind == ReachKind::all ||
                                       (walk.reach.kind == ReachKind::selected && walk.reach.tokens > t_.budget));
    if (cut && walk.name == "attention") {
      if (walk.reach.kind == ReachKind::all && (t_.selector.value > 0 || t_.selector_work.value > 0)) {
        walks_.push_back({"selector", {}, t_.selector, t_.selector, t_.selector_work, t_.selector_work});
      }
      walk.reach = {ReachKind::selected, t_.budget};
    }
    walks_.push_back(walk);
  }

  const CacheTreatment& t_;
  double b_;
  std::vector<KeyWalk> walks_;
};

template <class Amount>
Bytes sum_of_walks(const ModelShape& model, const CacheTreatment& treatment, Amount&& amount) {
  Bytes sum;
  for (const LayerGroup& group : model.layers) {
    for (const KeyWalk& walk : key_walks(group.attention, treatment)) {
      sum += amount(walk) * static_cast<double>(group.count);
    }
  }
  return sum;
}

}  // namespace

std::vector<KeyWalk> key_walks(const AttentionShape& attention, const CacheTreatment& treatment) {
  Walks walks(treatment);
  std::visit(walks, attention);
  return walks.take();
}

Bytes kv_bytes_per_token_and_layer(const AttentionShape& attention, const CacheTreatment& treatment) {
  Bytes sum;
  for (const KeyWalk& walk : key_walks(attention, treatment)) sum += walk.stored;
  return sum;
}

Bytes kv_bytes_per_token(const ModelShape& model, const CacheTreatment& treatment) {
  return sum_of_walks(model, treatment, [](const KeyWalk& walk) { return walk.stored; });
}

Bytes kv_bytes_beyond_windows(const ModelShape& model, const CacheTreatment& treatment) {
  return sum_of_walks(model, treatment,
                      [](const KeyWalk& walk) { return walk.reach.forgets() ? Bytes{} : walk.stored; });
}

Bytes window_bytes_of_sequence(const ModelShape& model, const CacheTreatment& treatment, std::int64_t tokens) {
  return sum_of_walks(model, treatment, [tokens](const KeyWalk& walk) {
    if (!walk.reach.forgets()) return Bytes{};
    return walk.stored * static_cast<double>(std::min(tokens, walk.reach.tokens));
  });
}

Bytes kv_bytes_of_sequence(const ModelShape& model, const CacheTreatment& treatment, std::int64_t tokens) {
  return kv_bytes_beyond_windows(model, treatment) * static_cast<double>(tokens) +
         window_bytes_of_sequence(model, treatment, tokens);
}

Bytes state_bytes_of_layer(const RecurrentMixer& m) {
  const std::int64_t state = m.value_heads * m.key_dim * m.value_dim * m.state_bytes;
  const std::int64_t remembered = m.kernel > 0 ? m.channels() * (m.kernel - 1) * 2 : 0;
  return Bytes{static_cast<double>(state + remembered)};
}

Bytes state_bytes_per_sequence(const ModelShape& model) {
  Bytes sum;
  for (const LayerGroup& group : model.layers) {
    if (const auto* mixer = std::get_if<RecurrentMixer>(&group.attention)) {
      sum += state_bytes_of_layer(*mixer) * static_cast<double>(group.count);
    }
  }
  return sum;
}

Flops recurrence_flops(const RecurrentMixer& m) {
  const bool delta_rule = m.kind == RecurrentKind::gated_delta || m.kind == RecurrentKind::kimi_delta;
  const std::int64_t state = m.value_heads * m.key_dim * m.value_dim;
  return Flops{static_cast<double>((delta_rule ? 6 : 4) * state + 2 * m.kernel * m.channels())};
}

}  // namespace memwall
