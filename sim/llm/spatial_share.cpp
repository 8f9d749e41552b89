#include "sim/llm/spatial_share.hpp"

#include "sim/base/error.hpp"

namespace memwall {
namespace {

struct Share {
  double devices;

  Gemm operator()(Gemm work) const {
    work.weights = work.weights / devices;
    work.activations_per_row = work.activations_per_row / devices;
    work.flops_per_row = work.flops_per_row / devices;
    return work;
  }
  Experts operator()(Experts work) const {
    work.weights_per_expert = work.weights_per_expert / devices;
    work.activations_per_row = work.activations_per_row / devices;
    work.flops_per_row = work.flops_per_row / devices;
    return work;
  }
  Attention operator()(Attention work) const {
    work.kv_per_token = work.kv_per_token / devices;
    work.flops_per_pair = work.flops_per_pair / devices;
    work.flops_per_decode_pair = work.flops_per_decode_pair / devices;
    return work;
  }
  Recurrence operator()(Recurrence work) const {
    work.state = work.state / devices;
    work.activations_per_row = work.activations_per_row / devices;
    work.flops_per_row = work.flops_per_row / devices;
    return work;
  }
  Elementwise operator()(Elementwise work) const {
    work.bytes_per_row = work.bytes_per_row / devices;
    return work;
  }
  AllReduce operator()(const AllReduce&) const {
    throw LogicError("a model that is laid out in space is not divided into ranks");
  }
  ExpertExchange operator()(const ExpertExchange&) const {
    throw LogicError("a model that is laid out in space is not divided into ranks");
  }
};

}  // namespace

Work share_of(const Work& work, double devices) {
  return std::visit([devices](const auto& whole) { return Work(Share{devices}(whole)); }, work);
}

}  // namespace memwall
