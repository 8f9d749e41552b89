#include "tools/accuracy/window.hpp"

#include <utility>

namespace memwall::accuracy {
namespace {

class Watched final : public RequestSource {
 public:
  Watched(std::unique_ptr<RequestSource> inner, std::shared_ptr<WindowTimes> times)
      : inner_(std::move(inner)), times_(std::move(times)) {
    if (times_->opens_after == 0) times_->open = Time{};
  }

  Time next_arrival() const override { return inner_->next_arrival(); }
  Request pop() override {
    Request request = inner_->pop();
    if (times_->closes && inner_->exhausted()) times_->close = request.arrival;
    return request;
  }
  void ended(const Request& request, Time now) override {
    if (++ended_ == times_->opens_after) times_->open = now;
    inner_->ended(request, now);
  }
  bool exhausted() const override { return inner_->exhausted(); }
  bool shares_tokens() const override { return inner_->shares_tokens(); }
  SourceNotes notes() const override { return inner_->notes(); }

 private:
  std::unique_ptr<RequestSource> inner_;
  std::shared_ptr<WindowTimes> times_;
  std::int64_t ended_ = 0;
};

}  // namespace

std::unique_ptr<RequestSource> watched(std::unique_ptr<RequestSource> inner, std::shared_ptr<WindowTimes> times) {
  return std::make_unique<Watched>(std::move(inner), std::move(times));
}

bool WindowSink::holds(Time begin, Time end) const { return begin >= times_->open && end <= times_->close; }

void WindowSink::cycles(const CycleSpan& span) {
  inside_ = holds(span.begin(), span.end());
  if (!inside_) return;
  const Duration length = span.end() - span.begin();
  duration_ = duration_ + length;
  cycles_ += span.cycles;
  decoded_ += span.decode_tokens * span.cycles;
  batch_seconds_ += static_cast<double>(span.sequences) * length.seconds();
  collector_.cycles(span);
}

void WindowSink::idle(const IdleSpan& span) {
  if (!holds(span.begin, span.end)) return;
  duration_ = duration_ + (span.end - span.begin);
  collector_.idle(span);
}

void WindowSink::request(const RequestRecord& record) {
  if (record.first_token != Time::never() && holds(record.first_token, record.first_token)) ++first_tokens_;
  if (holds(record.arrival, record.arrival)) collector_.request(record);
}

void WindowSink::token_gap(ReplicaId replica, Int128 gap) {
  if (inside_) collector_.token_gap(replica, gap);
}

double WindowSink::mean_batch() const { return duration_.ps > 0 ? batch_seconds_ / duration_.seconds() : 0; }

}  // namespace memwall::accuracy
