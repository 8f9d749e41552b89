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
  Piece piece{row.start_ps,       row.duration_ps,
              row.duration_ps,    1,
              row.cycles,         row.sequences,
              row.prefill_tokens, row.decode_tokens,
              row.bottleneck,     row.limit ? static_cast<std::int8_t>(*row.limit) : std::int8_t{-1}};
  if (!lane.empty() && lane.back().rows < each_) {
    join(lane.back(), piece);
    return;
  }
  lane.push_back(piece);
  if (++pieces_ > most_) join_pairs();
}

void Pieces::join(Piece& piece, const Piece& next) {
  piece.length_ps = next.start_ps + next.length_ps - piece.start_ps;
  piece.rows += next.rows;
  piece.cycles += next.cycles;
  piece.prefill_tokens += next.prefill_tokens;
  piece.decode_tokens += next.decode_tokens;
  if (next.longest_ps <= piece.longest_ps) return;
  piece.longest_ps = next.longest_ps;
  piece.tier = next.tier;
  piece.limit = next.limit;
  piece.sequences = next.sequences;
}

void Pieces::join_pairs() {
  each_ *= 2;
  pieces_ = 0;
  for (auto& [owner, lane] : lanes_) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < lane.size(); i += 2) {
      lane[kept] = lane[i];
      if (i + 1 < lane.size()) join(lane[kept], lane[i + 1]);
      ++kept;
    }
    lane.resize(kept);
    pieces_ += kept;
  }
}

std::vector<std::int64_t> Pieces::gaps(const Lane& lane) {
  std::vector<std::int64_t> out = {0};
  for (std::size_t i = 1; i < lane.size(); ++i) {
    out.push_back(nanoseconds(lane[i].start_ps) - nanoseconds(lane[i - 1].start_ps + lane[i - 1].length_ps));
  }
  return out;
}

std::string Pieces::json(const Axis& axis, const std::vector<Tier>& tiers, const std::vector<Limit>& limits,
                         const std::string& single_chart) const {
  std::string out = fmt::format(
      "{{\"end\":{},\"unit\":{},\"unit_name\":{},\"joined\":{},\"most_single\":{},\"single\":{},\"tiers\":{},"
      "\"limits\":{},\"lanes\":[",
      axis.end_s, axis.unit, page::json_text(axis.unit_name), each_, most_single, page::json_text(single_chart),
      names(tiers), names(limits));
  const auto place = [](const auto& all, auto member) {
    return std::find(all.begin(), all.end(), member) - all.begin();
  };
  bool first = true;
  for (const auto& [owner, pieces] : lanes_) {
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
