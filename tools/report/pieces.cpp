#include "tools/report/pieces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "tools/page/markup.hpp"

namespace memwall::tools::report {
namespace {

constexpr std::size_t most_single = 400;

/// Lengths are differences of rounded boundaries, so that they add up without drift.
std::int64_t nanoseconds(std::int64_t ps) { return (ps + 500) / 1000; }

template <class Member, class Items>
void list(std::string& out, std::string_view key, const Items& pieces, Member member) {
  out += ",\"";
  out += key;
  out += "\":[";
  char digits[24];
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0) out += ',';
    const auto end = std::to_chars(digits, digits + sizeof digits, static_cast<std::int64_t>(member(pieces[i])));
    out.append(digits, end.ptr);
  }
  out += ']';
}

template <class Members>
std::string names(const Members& members) {
  std::string out = "[";
  for (const auto member : members) out += (out.size() > 1 ? "," : "") + page::json_text(name(member));
  return out + "]";
}

}  // namespace

void Pieces::add(const CycleRow& row) {
  Lane& lane = lanes_[{row.replica, std::max<std::int64_t>(row.lane, 0)}];
  lane.push_back({row.start_ps, row.duration_ps, row.cycles, row.sequences, row.prefill_tokens, row.decode_tokens,
                  row.bottleneck, row.limit ? static_cast<std::int8_t>(*row.limit) : std::int8_t{-1}});
  ++rows_;
}

Pieces::Lane Pieces::joined(const Lane& lane, std::size_t each) {
  Lane out;
  for (std::size_t i = 0; i < lane.size(); i += each) {
    Piece piece = lane[i];
    std::int64_t longest = piece.length_ps;
    const std::size_t until = std::min(i + each, lane.size());
    for (std::size_t j = i + 1; j < until; ++j) {
      piece.cycles += lane[j].cycles;
      piece.prefill_tokens += lane[j].prefill_tokens;
      piece.decode_tokens += lane[j].decode_tokens;
      if (lane[j].length_ps <= longest) continue;
      longest = lane[j].length_ps;
      piece.tier = lane[j].tier;
      piece.limit = lane[j].limit;
      piece.sequences = lane[j].sequences;
    }
    piece.length_ps = lane[until - 1].start_ps + lane[until - 1].length_ps - piece.start_ps;
    out.push_back(piece);
  }
  return out;
}

std::vector<std::int64_t> Pieces::gaps(const Lane& lane) {
  std::vector<std::int64_t> out = {0};
  for (std::size_t i = 1; i < lane.size(); ++i) {
    out.push_back(nanoseconds(lane[i].start_ps) - nanoseconds(lane[i - 1].start_ps + lane[i - 1].length_ps));
  }
  return out;
}

std::string Pieces::json(const Axis& axis, const std::vector<Tier>& tiers, const std::vector<Limit>& limits,
                         const std::string& single_chart, std::size_t most) const {
  const std::size_t each = std::max<std::size_t>(1, (rows_ + most - 1) / most);
  std::string out = fmt::format(
      "{{\"end\":{},\"unit\":{},\"unit_name\":{},\"joined\":{},\"most_single\":{},\"single\":{},\"tiers\":{},"
      "\"limits\":{},\"lanes\":[",
      axis.end_s, axis.unit, page::json_text(axis.unit_name), each, most_single, page::json_text(single_chart),
      names(tiers), names(limits));
  const auto place = [](const auto& all, auto member) {
    return std::find(all.begin(), all.end(), member) - all.begin();
  };
  bool first = true;
  for (const auto& [owner, rows] : lanes_) {
    const Lane pieces = joined(rows, each);
    out += first ? "\n" : ",\n";
    first = false;
    const bool one_lane = lanes_.count({owner.first, 1}) == 0;
    const std::string name = one_lane ? fmt::format("replica {}", owner.first)
                                      : fmt::format("replica {}, lane {}", owner.first, owner.second);
    out += fmt::format("{{\"name\":{},\"start_ns\":{}", page::json_text(name), nanoseconds(pieces.front().start_ps));
    list(out, "length_ns", pieces,
         [&](const Piece& p) { return nanoseconds(p.start_ps + p.length_ps) - nanoseconds(p.start_ps); });
    // Rows of one lane follow each other unless the replica has several.
    const std::vector<std::int64_t> between = gaps(pieces);
    if (std::any_of(between.begin(), between.end(), [](std::int64_t gap) { return gap != 0; })) {
      list(out, "gap_ns", between, [](std::int64_t gap) { return gap; });
    }
    list(out, "tiers", pieces, [&](const Piece& p) { return place(tiers, p.tier); });
    list(out, "limits", pieces,
         [&](const Piece& p) { return p.limit < 0 ? -1 : place(limits, static_cast<Limit>(p.limit)); });
    list(out, "cycles", pieces, [](const Piece& p) { return p.cycles; });
    list(out, "sequences", pieces, [](const Piece& p) { return p.sequences; });
    list(out, "prefill", pieces, [](const Piece& p) { return p.prefill_tokens; });
    list(out, "decode", pieces, [](const Piece& p) { return p.decode_tokens; });
    out += '}';
  }
  return out + "]}";
}

}  // namespace memwall::tools::report
