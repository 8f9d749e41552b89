#include "tools/sweep/design.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "sim/base/error.hpp"
#include "sim/base/random.hpp"
#include "sim/base/suggest.hpp"

namespace memwall::tools::sweep {
namespace {

using Points = std::vector<Parameters>;

constexpr std::int64_t most_points = 1'000'000;
constexpr std::array<std::string_view, 3> names = {"grid", "random", "latin"};

void check_count(double count) {
  if (count > static_cast<double>(most_points)) {
    throw InputError(fmt::format("the sweep has {:.0f} points; at most {} are done", count, most_points));
  }
}

Points grid(const std::vector<Axis>& axes) {
  double count = 1;
  for (const Axis& axis : axes) {
    if (axis.values.empty()) {
      throw InputError(
          fmt::format("--vary {}={}: a grid wants the number of steps, as in lo:hi:n", axis.pointer, axis.written));
    }
    count *= static_cast<double>(axis.values.size());
  }
  check_count(count);
  Points points = {{}};
  for (const Axis& axis : axes) {
    Points longer;
    for (const Parameters& begun : points) {
      for (const std::string& value : axis.values) {
        longer.push_back(begun);
        longer.back().push_back({axis.pointer, value});
      }
    }
    points = std::move(longer);
  }
  return points;
}

/// The numbers 0 .. count - 1 in an order drawn for the axis.
std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed, std::uint64_t axis) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = count; i > 1; --i) {
    const DrawKey key{seed, axis, i, Purpose::sweep_order};
    const std::int64_t other = random_integer(key, 0, static_cast<std::int64_t>(i) - 1);
    std::swap(order[i - 1], order[static_cast<std::size_t>(other)]);
  }
  return order;
}

std::string value_at(const Axis& axis, double share) {
  if (axis.range) return axis.range->at(share);
  const auto place = static_cast<std::size_t>(share * static_cast<double>(axis.values.size()));
  return axis.values[std::min(place, axis.values.size() - 1)];
}

Points drawn(const Design& design, const std::vector<Axis>& axes) {
  for (const Axis& axis : axes) {
    if (axis.range && axis.range->steps != 0) {
      throw InputError(fmt::format("--vary {}={}: --points says how many are drawn; write the range as lo:hi",
                                   axis.pointer, axis.written));
    }
  }
  const auto count = static_cast<std::size_t>(design.points);
  Points points(count);
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const std::vector<std::size_t> strata = design.kind == DesignKind::latin
                                                ? shuffled(count, design.seed, static_cast<std::uint64_t>(a))
                                                : std::vector<std::size_t>();
    for (std::size_t i = 0; i < count; ++i) {
      double share = random_uniform({design.seed, a, i, Purpose::sweep_value});
      if (!strata.empty()) share = (static_cast<double>(strata[i]) + share) / static_cast<double>(count);
      points[i].push_back({axes[a].pointer, value_at(axes[a], share)});
    }
  }
  return points;
}

}  // namespace

std::string Design::name() const {
  const std::string kind_name(names[static_cast<std::size_t>(kind)]);
  return kind == DesignKind::grid ? kind_name : fmt::format("{}, seed {}", kind_name, seed);
}

DesignKind design_kind(const std::string& name) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) {
    const std::vector<std::string> known(names.begin(), names.end());
    throw InputError(fmt::format("--design {}: there is no such design; {}", name, suggestion(name, known)));
  }
  return static_cast<DesignKind>(at - names.begin());
}

Points points_of(const Design& design, const std::vector<Axis>& axes) {
  if (axes.empty()) throw InputError("a sweep of no axis has no points; name one with --vary /json/pointer=a,b,c");
  if (design.kind == DesignKind::grid) {
    if (design.points != 0) throw InputError("--points is for --design random and latin; a grid counts its own");
    return grid(axes);
  }
  if (design.points < 1) {
    throw InputError(fmt::format("--design {}: a sweep of no points; say how many with --points N", design.name()));
  }
  check_count(static_cast<double>(design.points));
  return drawn(design, axes);
}

}  // namespace memwall::tools::sweep
