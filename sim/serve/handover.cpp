#include "sim/serve/handover.hpp"

namespace memwall {

void HandoverSink::request(const RequestRecord& record) {
  const auto place = handovers.find(record.id);
  if (place == handovers.end()) {
    next_.request(record);
    return;
  }
  const Handover& handover = place->second;
  RequestRecord whole = record;
  whole.prefill_replica = handover.prefill;
  whole.input_tokens = handover.request.input_tokens;
  if (record.replica == handover.decode && handover.computed_all) {
    const RequestRecord& before = handover.prefill_part;
    whole.decode_replica = handover.decode;
    whole.first_scheduled = before.first_scheduled;
    whole.cached_tokens = before.cached_tokens;
    whole.preemptions += before.preemptions;
    if (handover.last_byte != Time::never()) {
      whole.kv_transfer_begin = handover.first_byte;
      whole.kv_transfer = handover.last_byte - handover.first_byte;
    }
    if (!rules_.first_token_at_decode && record.status != Status::rejected) {
      whole.first_token = before.first_token;
      whole.output_tokens += 1;
      if (record.first_token != Time::never())
        next_.token_gap(record.replica, static_cast<Int128>((record.first_token - before.first_token).ps)
                                            << Ramp::fraction_bits);
    }
  } else if (rules_.first_token_at_decode) {
    // Its client has not seen the token of the prefill side.
    whole.first_token = Time::never();
    whole.output_tokens = 0;
  }
  next_.request(whole);
}

}  // namespace memwall
