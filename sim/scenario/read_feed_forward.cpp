#include "sim/scenario/read_feed_forward.hpp"

#include <array>
#include <optional>

namespace memwall {
namespace {

constexpr std::array formats = {Precision::bf16, Precision::fp8};

Precision read_format(Reader& r, std::string_view key, std::string_view doc) {
  return formats[r.choice(key, {{"bf16", "2 bytes a value"}, {"fp8", "1 byte a value"}}, 0, doc)];
}

void read_link(Reader& r, FeedForwardSpec& spec) {
  spec.link_bandwidth = r.quantity<BytesPerSecond>(
      "bandwidth", std::nullopt, "that each device of the attention group reaches to the other one, each direction");
  if (!(spec.link_bandwidth.value > 0)) r.fault("bandwidth", "must be above zero");
  spec.link_latency =
      r.quantity<Seconds>("latency", std::nullopt, "from one group into the other, before the first byte");
  if (spec.link_latency.value < 0) r.fault("latency", "must not be below zero");
  const bool inside = r.choice("domain",
                               {{"scale_out", "Ethernet or InfiniBand between racks"},
                                {"scale_up", "the links that also join the devices of a group"}},
                               0, "which tier its time belongs to") == 1;
  spec.link_tier = inside ? Tier::scale_up : Tier::scale_out;
  spec.there = read_format(r, "dispatch", "format of activations on the way to the feed-forward part");
  spec.back = read_format(r, "combine", "format of its results on the way back");
}

}  // namespace

FeedForwardSpec read_feed_forward(
    Reader& r, const std::function<void(Reader&, std::string_view, const std::string&)>& check_device,
    const std::function<void(Reader&, std::string_view, const std::string&)>& check_interconnect) {
  FeedForwardSpec spec;
  spec.device = r.text("device", std::nullopt, "id of a device of the catalogue, or a path to a device file");
  check_device(r, "device", spec.device);
  spec.count = r.optional_integer("count", {.low = 1, .high = 1 << 20},
                                  "devices of the group, for machines that layers are laid out on; absent: as few as "
                                  "hold the weights and the rows of a cycle");
  r.object("parallelism", false, "how the group divides a layer, for machines that run layers together",
           [&](Reader& p) {
             spec.tensor = static_cast<int>(
                 p.integer("tensor", {.fallback = 1, .low = 1, .high = 1024}, "devices that share every layer"));
           });
  spec.interconnect =
      r.text("interconnect", "", "links between the devices of the group; needed where they share layers");
  check_interconnect(r, "interconnect", spec.interconnect);
  if (spec.tensor > 1 && spec.interconnect.empty()) {
    r.fault("interconnect",
            "missing: " + std::to_string(spec.tensor) + " devices share every layer, and their links must be named");
  }
  spec.micro_batches = r.integer("micro_batches", {.fallback = 2, .low = 1, .high = 64},
                                 "equal parts of a batch that take turns on the two groups");
  r.object("link", true, "what joins the two groups", [&spec](Reader& link) { read_link(link, spec); });
  r.object("what_if", false, "factors on what the devices of the group are",
           [&spec](Reader& factors) { spec.what_if = read_what_if(factors); });
  spec.device_values = read_device_values(r);
  return spec;
}

}  // namespace memwall
