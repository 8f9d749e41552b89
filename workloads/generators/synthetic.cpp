#include "workloads/generators/synthetic.hpp"

#include <utility>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

class Synthetic final : public RequestSource {
 public:
  Synthetic(SyntheticOptions options, const DrawKey& key)
      : begin_(beginnings(options.begin.arrivals, options.begin.extent, key, "requests")),
        maker_(std::move(options.shape), key) {}

  Time next_arrival() const override { return begin_->next(); }
  Request pop() override {
    const Time arrival = begin_->next();
    return maker_.make(issued_ = begin_->take(), arrival);
  }
  void ended(const Request&, Time now) override { begin_->ended(now); }
  bool exhausted() const override { return begin_->exhausted(); }
  bool shares_tokens() const override { return maker_.shares_tokens(); }
  bool closed_loop() const override { return begin_->closed_loop(); }

  SourceNotes notes() const override {
    SourceNotes notes;
    notes.rows_read = notes.rows_kept = issued_ + 1;
    if (maker_.capped() > 0) notes.warnings["capped_by_max_tokens"] = maker_.capped();
    return notes;
  }

 private:
  std::unique_ptr<Beginnings> begin_;
  RequestMaker maker_;
  std::int64_t issued_ = -1;
};

}  // namespace

DrawKey workload_key(const SourceContext& context) {
  return {.seed = context.seed, .stream = static_cast<std::uint64_t>(context.workload), .request = 0};
}

std::unique_ptr<RequestSource> keyed_requests(SyntheticOptions options, const DrawKey& key) {
  return std::make_unique<Synthetic>(std::move(options), key);
}

std::unique_ptr<RequestSource> synthetic_requests(SyntheticOptions options, const SourceContext& context) {
  return keyed_requests(std::move(options), workload_key(context));
}

SyntheticOptions read_synthetic(Reader& reader) {
  SyntheticOptions options;
  options.begin = read_beginnings(reader, "requests");
  reader.object("lengths", true, "how long prompts and answers are",
                [&options](Reader& keys) { options.shape.lengths = read_lengths(keys); });
  options.shape.prefix = read_prefix_groups(reader, "prefix", "prompts that begin alike; absent: all tokens differ");
  options.shape.stop = read_stop_rule(reader);
  return options;
}

std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_synthetic_source(Reader& reader) {
  const SyntheticOptions options = read_synthetic(reader);
  return [options](const SourceContext& context) { return synthetic_requests(options, context); };
}

}  // namespace memwall
