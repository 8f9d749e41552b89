#include "workloads/generators/sessions.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/base/hash.hpp"
#include "workloads/generators/causal_source.hpp"
#include "workloads/generators/conversation.hpp"
#include "workloads/generators/synthetic.hpp"

namespace memwall {
namespace {

/// Tickets of a session: its own number times this, and from there on those of its subagents.
constexpr std::int64_t most_threads = std::int64_t{1} << 20;

/// A request of a conversation.
struct Step {
  std::int64_t ticket = 0;
  std::uint64_t number = 0;
};

/// A session's main conversation, or that of one of its subagents.
struct Thread {
  Thread(const DrawKey& draws, const Prefix& system) : key(draws), conversation(system, draws.stream) {}

  DrawKey key;  ///< its stream; the request is the step
  Conversation conversation;
  std::int64_t turns_left = 0;
  std::int64_t calls_left = 0;       ///< of the turn
  std::int64_t parent = -1;          ///< ticket; -1 = the user
  std::int64_t threads_made = 1;     ///< of a main conversation
  std::int64_t subagents_left = 0;   ///< that it waits for
  std::int64_t reported_tokens = 0;  ///< by those that have ended
  bool summarising = false;          ///< its request under way asks for a summary
  std::vector<Step> after;           ///< whose ends its next request waits for
  Duration delay;                    ///< and for how long then

  [[nodiscard]] DrawKey draw(Purpose purpose) const {
    DrawKey out = key;
    out.purpose = purpose;
    return out;
  }
};

class Sessions final : public CausalSource {
 public:
  Sessions(const SessionOptions& options, const SourceContext& context)
      : options_(options),
        key_(workload_key(context)),
        begin_(beginnings(options.begin.arrivals, options.begin.extent, key_, "sessions")),
        systems_(options.system, key_) {}

  Time next_arrival() const override {
    return std::min(begin_->next(), due_.empty() ? Time::never() : due_.begin()->first);
  }

  Request pop() override {
    const Time arrival = next_arrival();
    law(arrival != Time::never(), "a request is taken only where one is known");
    // What goes on comes before what begins at the same instant.
    if (due_.empty() || due_.begin()->first > arrival) start_session(arrival);
    const std::int64_t ticket = due_.begin()->second;
    due_.erase(due_.begin());
    newest_ = ticket;
    return next_request(ticket, arrival);
  }

  Cause cause() const override {
    const Thread& thread = threads_.at(newest_);
    Cause cause;
    cause.name = name_of({newest_, thread.key.request});
    for (const Step& step : thread.after) cause.after.push_back(name_of(step));
    cause.delay = thread.delay;
    return cause;
  }

  void ended(const Request& request, Time now) override {
    ended_as(request, {now, Status::completed, request.output_tokens});
  }

  void ended_as(const Request& request, const Ending& ending) override {
    const auto place = threads_.find(request.ticket);
    law(place != threads_.end(), "only requests under way end");
    Thread& thread = place->second;
    thread.after = {{request.ticket, thread.key.request}};
    thread.delay = {};
    ++thread.key.request;
    if (ending.status != Status::completed) {
      ++cut_short_;
      end_thread(request.ticket, 0, ending.when);
    } else if (std::exchange(thread.summarising, false)) {
      thread.conversation.summarised(ending.output_tokens);
      due_.emplace(ending.when, request.ticket);
    } else {
      thread.conversation.answered(ending.output_tokens);
      go_on(request.ticket, thread, ending);
    }
  }

  // Sessions that begin when others end do not say which.
  bool tells_all_causes() const override { return !begin_->closed_loop(); }

  bool exhausted() const override { return begin_->exhausted() && threads_.empty(); }
  bool shares_tokens() const override { return true; }
  bool closed_loop() const override { return true; }

  SourceNotes notes() const override {
    SourceNotes notes;
    notes.rows_read = notes.rows_kept = requests_;
    if (capped_ > 0) notes.warnings["capped_by_max_tokens"] = capped_;
    if (summaries_ > 0) notes.warnings["requests_for_a_summary"] = summaries_;
    if (cut_short_ > 0) notes.warnings["conversations_cut_short"] = cut_short_;
    return notes;
  }

 private:
  /// Session, conversation in it, request in that.
  static std::string name_of(const Step& step) {
    return std::to_string(step.ticket / most_threads) + "." + std::to_string(step.ticket % most_threads) + "." +
           std::to_string(step.number);
  }

  DrawKey thread_key(std::int64_t ticket) const {
    DrawKey key = key_;
    key.stream = Hasher(key_.stream).add("thread").add(static_cast<std::uint64_t>(ticket)).value();
    return key;
  }

  void start_session(Time arrival) {
    const std::int64_t number = begin_->take();
    const std::int64_t ticket = number * most_threads;
    const auto [place, is_new] =
        threads_.emplace(ticket, Thread(thread_key(ticket), systems_.pick(static_cast<std::uint64_t>(number))));
    Thread& thread = place->second;
    thread.turns_left = draw_length(options_.turns, thread.draw(Purpose::session_turns));
    begin_turn(thread, options_.first.value_or(options_.user));
    due_.emplace(arrival, ticket);
  }

  void begin_turn(Thread& thread, const Length& message) {
    --thread.turns_left;
    thread.conversation.add(draw_length(message, thread.draw(Purpose::input_length)));
    if (!options_.tools) return;
    const DrawKey key = thread.draw(Purpose::tool_calls);
    // The last index of the decision, which no draw of a length reaches.
    const bool calls = options_.tools->share >= 1 || random_uniform(key, ~std::uint64_t{0}) < options_.tools->share;
    thread.calls_left = calls ? draw_length(options_.tools->calls, key) : 0;
  }

  Request next_request(std::int64_t ticket, Time arrival) {
    Thread& thread = threads_.at(ticket);
    Request request;
    request.arrival = arrival;
    request.ticket = ticket;
    request.session = ticket / most_threads;
    const auto& compaction = options_.compaction;
    thread.summarising =
        compaction && thread.conversation.prompt_tokens() > compaction->limit && thread.conversation.compactable();
    bool capped = false;
    if (thread.summarising) {
      const std::int64_t tokens = draw_length(compaction->summary, thread.draw(Purpose::summary_length));
      capped = thread.conversation.ask_for_summary(tokens, options_.stop, request);
      ++summaries_;
    } else {
      const std::int64_t tokens = draw_length(options_.answer, thread.draw(Purpose::output_length));
      capped = thread.conversation.ask(tokens, options_.stop, request);
    }
    if (capped) ++capped_;
    ++requests_;
    return request;
  }

  /// After an answer: another call, the user's next message, or the end.
  void go_on(std::int64_t ticket, Thread& thread, const Ending& ending) {
    if (thread.calls_left > 0) {
      --thread.calls_left;
      call(ticket, thread, ending.when);
    } else if (thread.turns_left > 0) {
      begin_turn(thread, options_.user);
      thread.delay = draw_delay(options_.think, thread.draw(Purpose::think_time));
      due_.emplace(ending.when + thread.delay, ticket);
    } else {
      end_thread(ticket, ending.output_tokens, ending.when);
    }
  }

  void call(std::int64_t ticket, Thread& thread, Time now) {
    thread.delay = draw_delay(options_.tools->delay, thread.draw(Purpose::tool_delay));
    const Time answered = now + thread.delay;
    const DrawKey key = thread.draw(Purpose::subagents);
    if (options_.subagents && thread.parent < 0 && random_uniform(key, ~std::uint64_t{0}) < options_.subagents->share) {
      start_subagents(ticket, thread, answered, draw_length(options_.subagents->count, key));
      return;
    }
    thread.conversation.add(draw_length(options_.tools->result, thread.draw(Purpose::tool_result)));
    due_.emplace(answered, ticket);
  }

  void start_subagents(std::int64_t parent, Thread& thread, Time when, std::int64_t count) {
    law(thread.threads_made + count <= most_threads, "a session has at most a million subagents");
    Prefix system;
    system.range = {Hasher(key_.seed).add("subagents").add(key_.stream).value(), 0, options_.subagents->system_tokens};
    thread.subagents_left = count;
    thread.reported_tokens = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t ticket = parent + thread.threads_made++;
      Thread child(thread_key(ticket), system);
      child.parent = parent;
      child.after = thread.after;
      child.delay = thread.delay;
      child.calls_left = draw_length(options_.subagents->calls, child.draw(Purpose::tool_calls));
      child.conversation.add(draw_length(options_.subagents->task, child.draw(Purpose::input_length)));
      threads_.emplace(ticket, std::move(child));
      due_.emplace(when, ticket);
    }
    thread.after.clear();
    thread.delay = {};
  }

  /// `report` is what a parent gets of the last answer, in tokens.
  void end_thread(std::int64_t ticket, std::int64_t report, Time now) {
    const std::int64_t parent = threads_.at(ticket).parent;
    const std::vector<Step> last = std::move(threads_.at(ticket).after);
    threads_.erase(ticket);
    if (parent < 0) {
      begin_->ended(now);
      return;
    }
    Thread& thread = threads_.at(parent);
    thread.reported_tokens += report;
    thread.after.insert(thread.after.end(), last.begin(), last.end());
    if (--thread.subagents_left > 0) return;
    // That none had anything to report is told in a token.
    thread.conversation.add(std::max<std::int64_t>(1, thread.reported_tokens));
    due_.emplace(now, parent);
  }

  SessionOptions options_;
  DrawKey key_;
  std::unique_ptr<Beginnings> begin_;
  PrefixPicker systems_;
  std::map<std::int64_t, Thread> threads_;       ///< by ticket
  std::set<std::pair<Time, std::int64_t>> due_;  ///< requests whose moment is known, by ticket
  std::int64_t newest_ = 0;                      ///< ticket of the request that was taken last
  std::int64_t requests_ = 0;
  std::int64_t summaries_ = 0;
  std::int64_t capped_ = 0;
  std::int64_t cut_short_ = 0;
};

}  // namespace

std::unique_ptr<RequestSource> session_requests(const SessionOptions& options, const SourceContext& context) {
  return std::make_unique<Sessions>(options, context);
}

}  // namespace memwall
