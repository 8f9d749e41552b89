#include "workloads/generators/rollouts.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/base/hash.hpp"
#include "workloads/generators/synthetic.hpp"

namespace memwall {
namespace {

struct Sample {
  std::int64_t total = 1;  ///< tokens of the response
  std::int64_t done = 0;   ///< of these, how many have been generated
  bool complete = false;
  bool under_way = false;
};

/// A prompt with its samples.
struct Group {
  std::int64_t input_tokens = 1;
  std::vector<Sample> samples;
  std::int64_t under_way = 0;
};

class Rollouts final : public RequestSource {
 public:
  Rollouts(const RolloutOptions& options, const SourceContext& context)
      : options_(options), key_(workload_key(context)) {
    start_batch(Time{});
  }

  Time next_arrival() const override { return due_.empty() ? Time::never() : due_.begin()->first; }

  Request pop() override {
    law(!due_.empty(), "a request is taken only where one is known");
    const auto [arrival, ticket] = *due_.begin();
    due_.erase(due_.begin());
    ++requests_;
    return request_of(ticket, arrival);
  }

  void ended(const Request& request, Time now) override {
    ended_as(request, {now, Status::completed, request.output_tokens});
  }

  void ended_as(const Request& request, const Ending& ending) override {
    const std::int64_t prompt = request.ticket / options_.samples;
    Group& group = groups_.at(prompt);
    Sample& sample = group.samples[static_cast<std::size_t>(request.ticket % options_.samples)];
    sample.done += ending.output_tokens;
    sample.complete = sample.done >= sample.total;
    if (ending.status == Status::aborted) ++cancelled_;
    if (ending.status != Status::completed && ending.status != Status::aborted) {
      // What the engine refuses would be refused again: it is as complete as it can be.
      ++failed_;
      sample.complete = true;
    }
    leave(prompt, group, sample);
    go_on(ending.when);
  }

  bool cancels() const override { return true; }
  std::vector<std::int64_t> take_cancelled() override { return std::exchange(unwanted_, {}); }

  bool exhausted() const override { return batch_ == options_.batches && due_.empty() && under_way_ == 0; }
  bool shares_tokens() const override { return true; }
  bool closed_loop() const override { return true; }

  SourceNotes notes() const override {
    SourceNotes notes;
    notes.rows_read = notes.rows_kept = requests_;
    if (cancelled_ > 0) notes.warnings["samples_cancelled"] = cancelled_;
    if (failed_ > 0) notes.warnings["samples_failed"] = failed_;
    if (refused_ > 0) notes.warnings["prompts_not_accepted"] = refused_;
    if (!groups_.empty()) notes.warnings["prompts_left_unfinished"] = static_cast<std::int64_t>(groups_.size());
    return notes;
  }

 private:
  DrawKey draw_key(std::int64_t prompt) const {
    DrawKey key = key_;
    key.request = static_cast<std::uint64_t>(prompt);
    return key;
  }

  void start_batch(Time when) {
    kept_ = 0;
    for (auto& [prompt, group] : groups_) send(prompt, group, when);
    send_new(options_.oversample - static_cast<std::int64_t>(groups_.size()), when);
  }

  void send_new(std::int64_t prompts, Time when) {
    for (std::int64_t i = 0; i < prompts; ++i) {
      const std::int64_t prompt = prompts_made_++;
      send(prompt, groups_.emplace(prompt, made(prompt)).first->second, when);
    }
  }

  /// The samples of a prompt have a stream of draws each; the first one's draw of the prompt's length is that of all.
  Group made(std::int64_t prompt) const {
    Group group;
    for (std::int64_t i = 0; i < options_.samples; ++i) {
      DrawKey key = draw_key(prompt);
      key.stream = Hasher(key.stream).add("sample").add(static_cast<std::uint64_t>(i)).value();
      const DrawnLengths lengths = draw_lengths(options_.lengths, key);
      if (i == 0) group.input_tokens = lengths.input;
      Sample sample;
      sample.total = std::min(lengths.output, options_.cap);
      group.samples.push_back(sample);
    }
    return group;
  }

  void send(std::int64_t prompt, Group& group, Time when) {
    for (std::int64_t i = 0; i < options_.samples; ++i) {
      Sample& sample = group.samples[static_cast<std::size_t>(i)];
      if (sample.complete) continue;
      sample.under_way = true;
      ++group.under_way;
      due_.emplace(when, prompt * options_.samples + i);
    }
    if (group.under_way > 0) ++under_way_;
  }

  Request request_of(std::int64_t ticket, Time arrival) const {
    const std::int64_t prompt = ticket / options_.samples;
    const Group& group = groups_.at(prompt);
    const Sample& sample = group.samples[static_cast<std::size_t>(ticket % options_.samples)];
    Request request;
    request.arrival = arrival;
    request.ticket = ticket;
    request.session = prompt;
    request.input_tokens = group.input_tokens + sample.done;
    request.max_tokens = std::min(options_.cap - sample.done, options_.partial_tokens.value_or(options_.cap));
    request.output_tokens = std::min(sample.total - sample.done, request.max_tokens);
    request.stops_by_eos = request.output_tokens < request.max_tokens;
    request.prompt.push_back({stream("prompt", prompt), 0, group.input_tokens});
    if (sample.done > 0) request.prompt.push_back({stream("response", ticket), 0, sample.done});
    return request;
  }

  std::uint64_t stream(std::string_view what, std::int64_t which) const {
    return Hasher(key_.seed)
        .add(what)
        .add(key_.stream)
        .add(static_cast<std::uint64_t>(which))
        .add(static_cast<std::uint64_t>(batch_))
        .value();
  }

  void leave(std::int64_t prompt, Group& group, Sample& sample) {
    sample.under_way = false;
    if (--group.under_way > 0) return;
    --under_way_;
    const bool complete =
        std::all_of(group.samples.begin(), group.samples.end(), [](const Sample& s) { return s.complete; });
    if (complete) {
      if (accepted(prompt)) {
        ++kept_;
      } else {
        ++refused_;
      }
    }
    // What is cut off is lost, unless rollouts may be partial.
    if (complete || !options_.partial_tokens) groups_.erase(prompt);
  }

  bool accepted(std::int64_t prompt) const {
    DrawKey key = draw_key(prompt);
    key.purpose = Purpose::accepted_prompt;
    return options_.accepted >= 1 || random_uniform(key) < options_.accepted;
  }

  void go_on(Time now) {
    if (kept_ >= options_.prompts) {
      if (under_way_ > 0 && !closing_) close();
    } else if (!options_.partial_tokens && kept_ + under_way_ < options_.prompts) {
      send_new(options_.oversample, now);
    }
    if (under_way_ > 0) return;
    closing_ = false;
    if (++batch_ == options_.batches) return;
    start_batch(now + draw_delay(options_.update, update_key()));
  }

  DrawKey update_key() const {
    DrawKey key = draw_key(batch_);
    key.purpose = Purpose::think_time;
    return key;
  }

  /// Enough is complete: what was not sent yet is not, and what is under way is cancelled.
  void close() {
    closing_ = true;
    for (const auto& [when, ticket] : std::exchange(due_, {})) {
      const std::int64_t prompt = ticket / options_.samples;
      Group& group = groups_.at(prompt);
      leave(prompt, group, group.samples[static_cast<std::size_t>(ticket % options_.samples)]);
    }
    for (const auto& [prompt, group] : groups_) {
      for (std::int64_t i = 0; i < options_.samples; ++i) {
        if (group.samples[static_cast<std::size_t>(i)].under_way) unwanted_.push_back(prompt * options_.samples + i);
      }
    }
  }

  RolloutOptions options_;
  DrawKey key_;
  std::int64_t batch_ = 0;
  std::map<std::int64_t, Group> groups_;         ///< by prompt: under way, or carried over to the next batch
  std::set<std::pair<Time, std::int64_t>> due_;  ///< samples that are not sent yet
  std::vector<std::int64_t> unwanted_;
  std::int64_t prompts_made_ = 0;
  std::int64_t under_way_ = 0;  ///< prompts
  std::int64_t kept_ = 0;       ///< prompts of this batch that can be trained on
  bool closing_ = false;
  std::int64_t requests_ = 0;
  std::int64_t cancelled_ = 0;
  std::int64_t failed_ = 0;
  std::int64_t refused_ = 0;
};

RolloutOptions read_rollouts(Reader& reader) {
  constexpr std::int64_t most = 10'000'000;
  const IntegerRule wanted{.fallback = std::nullopt, .low = 1, .high = most};
  RolloutOptions options;
  options.batches = reader.integer("batches", wanted, "training steps");
  options.prompts = reader.integer("prompts", wanted, "that a step trains on, with all their samples");
  options.samples = reader.integer("samples", wanted, "responses to each prompt, which share all of it");
  options.oversample =
      reader
          .optional_integer("oversample", {.low = 1, .high = most},
                            "prompts sent at a time; those still under way when enough are complete are cancelled; "
                            "absent: as many as `prompts`")
          .value_or(options.prompts);
  if (options.oversample < options.prompts) {
    reader.fault("oversample", "must not be below `prompts`");
    options.oversample = options.prompts;
  }
  options.accepted = reader.number("accepted", {.fallback = 1, .low = 0.01, .high = 1},
                                   "of complete prompts, the share that can be trained on: others are filtered away, "
                                   "and more are sent in their place");
  reader.object("lengths", true, "how long prompts and responses are; responses before `cap`",
                [&options](Reader& keys) { options.lengths = read_lengths(keys); });
  options.cap = reader.integer("cap", {.fallback = std::nullopt, .low = 1, .high = most_tokens},
                               "tokens at which a response ends at the latest");
  options.partial_tokens = reader.optional_integer(
      "partial_tokens", {.low = 1, .high = most_tokens},
      "tokens at which a batch cuts a response, which goes on in the next one, as do cancelled ones; absent: cancelled "
      "responses are lost and no other is cut");
  options.update = read_delay(reader, "update", "from the end of a batch to the start of the next");
  if (options.prompts * options.samples > most) {
    reader.fault("samples", "times `prompts` is more than 10,000,000 requests at once");
    options.prompts = options.samples = options.oversample = 1;
  }
  return options;
}

}  // namespace

std::unique_ptr<RequestSource> rollout_requests(const RolloutOptions& options, const SourceContext& context) {
  return std::make_unique<Rollouts>(options, context);
}

std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_rollout_source(Reader& reader) {
  const RolloutOptions options = read_rollouts(reader);
  return [options](const SourceContext& context) { return rollout_requests(options, context); };
}

}  // namespace memwall
