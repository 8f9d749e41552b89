// Both drawings of a roofline: the axes are logarithmic, FLOP a byte to the right and FLOP/s upwards.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/base/math.hpp"
#include "sim/base/units.hpp"
#include "tools/results/markup.hpp"
#include "tools/roofline.hpp"

namespace memwall::tools {
namespace {

// The same digits on every machine, as in every other file that the program writes.
double log10(double x) { return math::log(x) / math::log(10); }
double ten_to(double exponent) { return math::pow(10, exponent); }

struct Axes {
  double left = 0, right = 0;  ///< exponents of ten
  double bottom = 0, top = 0;
};

/// Decades that hold every point and every ridge, with one to spare.
Axes axes_of(const Roofline& roofline) {
  double least = 1, most = 1;
  double slowest = roofline.ceilings.back().rate, fastest = roofline.ceilings.front().rate;
  for (const Slope& slope : roofline.slopes) {
    least = std::min(least, roofline.ceilings.back().rate / slope.bandwidth);
    most = std::max(most, roofline.ceilings.front().rate / slope.bandwidth);
  }
  for (const OperatorPoint& point : roofline.points) {
    least = std::min(least, point.intensity);
    most = std::max(most, point.intensity);
    slowest = std::min(slowest, point.rate);
    fastest = std::max(fastest, point.rate);
  }
  Axes axes;
  axes.left = std::floor(log10(least)) - 0.5;
  axes.right = std::ceil(log10(most)) + 0.5;
  axes.top = std::ceil(log10(fastest));
  axes.bottom = std::min(std::floor(log10(slowest)), axes.top - 3);
  return axes;
}

char letter(std::size_t i) { return static_cast<char>(i < 26 ? 'a' + static_cast<int>(i) : '*'); }

std::string rate_text(double flops_per_second) { return units::format(FlopsPerSecond{flops_per_second}); }

constexpr int columns = 66;
constexpr int rows = 20;

class Canvas {
 public:
  explicit Canvas(Axes axes) : axes_(axes), lines_(rows, std::string(columns, ' ')) {}

  [[nodiscard]] double intensity(int column) const {
    return ten_to(axes_.left + (axes_.right - axes_.left) * column / (columns - 1));
  }
  /// Draws where the place is free or `over` is set.
  void mark(double x, double y, char what, bool over) {
    const int column =
        static_cast<int>(std::lround((log10(x) - axes_.left) / (axes_.right - axes_.left) * (columns - 1)));
    const int row = static_cast<int>(std::lround((axes_.top - log10(y)) / (axes_.top - axes_.bottom) * (rows - 1)));
    if (column < 0 || column >= columns || row < 0 || row >= rows) return;
    char& place = lines_[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
    if (over || place == ' ') place = what;
  }
  [[nodiscard]] std::string text() const {
    std::string out;
    for (int row = 0; row < rows; ++row) {
      const double exponent = axes_.top - (axes_.top - axes_.bottom) * row / (rows - 1);
      const bool labelled = row % 3 == 0;
      std::string line =
          fmt::format("{:>14} |{}", labelled ? rate_text(ten_to(exponent)) : "", lines_[static_cast<std::size_t>(row)]);
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + "\n";
    }
    out += fmt::format("{:>15}+{}\n", "", std::string(columns, '-'));
    std::string labels(columns + 12, ' ');
    for (double e = std::ceil(axes_.left); e <= axes_.right; e += 1) {
      const auto column =
          static_cast<std::size_t>(std::lround((e - axes_.left) / (axes_.right - axes_.left) * (columns - 1)));
      const std::string label = fmt::format("{:g}", ten_to(e));
      labels.replace(column, label.size(), label);
    }
    labels.erase(labels.find_last_not_of(' ') + 1);
    return out + fmt::format("{:>16}{}  FLOP/B\n", "", labels);
  }

 private:
  Axes axes_;
  std::vector<std::string> lines_;
};

}  // namespace

std::string terminal_drawing(const Roofline& roofline) {
  std::string out = roofline.title + "\n";
  if (roofline.ceilings.empty()) return out;
  Canvas canvas(axes_of(roofline));
  for (int column = 0; column < columns; ++column) {
    const double x = canvas.intensity(column);
    for (const Ceiling& ceiling : roofline.ceilings) {
      if (x * roofline.slopes.front().bandwidth >= ceiling.rate) canvas.mark(x, ceiling.rate, '-', false);
    }
    for (const Slope& slope : roofline.slopes) {
      const double y = x * slope.bandwidth;
      if (y <= roofline.ceilings.front().rate) canvas.mark(x, y, &slope == &roofline.slopes.front() ? '/' : '.', false);
    }
  }
  for (std::size_t i = 0; i < roofline.points.size(); ++i) {
    canvas.mark(roofline.points[i].intensity, roofline.points[i].rate, letter(i), true);
  }
  out += canvas.text();
  for (const Ceiling& ceiling : roofline.ceilings)
    out += fmt::format("  -  {:<24}{:>16}\n", ceiling.name, rate_text(ceiling.rate));
  for (const Slope& slope : roofline.slopes) {
    out += fmt::format("  {}  {:<24}{:>16}\n", &slope == &roofline.slopes.front() ? '/' : '.', slope.name,
                       units::format(BytesPerSecond{slope.bandwidth}));
  }
  if (!roofline.points.empty()) {
    out += fmt::format("\n     {:<24}{:>14}{:>16}{:>10}  {}\n", "operator", "FLOP/B", "reached", "of roof", "tier");
  }
  for (std::size_t i = 0; i < roofline.points.size(); ++i) {
    const OperatorPoint& point = roofline.points[i];
    out += fmt::format("  {}  {:<24}{:>14.4g}{:>16}{:>8.0f} %  {}\n", letter(i), point.name, point.intensity,
                       rate_text(point.rate), point.rate / point.roof * 100, name(point.tier));
  }
  return out;
}

std::string svg_drawing(const Roofline& roofline) {
  constexpr double width = 900, height = 560, left = 110, right = 230, top = 50, bottom = 60;
  const Axes axes = axes_of(roofline);
  const auto x_of = [&](double intensity) {
    return left + (log10(intensity) - axes.left) / (axes.right - axes.left) * (width - left - right);
  };
  const auto y_of = [&](double rate) {
    return top + (axes.top - log10(rate)) / (axes.top - axes.bottom) * (height - top - bottom);
  };
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:g} {1:g}\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n<rect width=\"{0:g}\" height=\"{1:g}\" fill=\"white\"/>\n"
      "<text x=\"{2:g}\" y=\"28\" font-size=\"16\">{3}</text>\n",
      width, height, left, escaped(roofline.title));
  const auto line = [&](double x1, double y1, double x2, double y2, const char* style) {
    out += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, y1, x2, y2, style);
  };
  const auto label = [&](double x, double y, const std::string& text, const char* style = "") {
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>\n", x, y, style, escaped(text));
  };
  for (double e = std::ceil(axes.left); e <= axes.right; e += 1) {
    const double x = x_of(ten_to(e));
    line(x, top, x, height - bottom, "stroke=\"#ddd\"");
    label(x, height - bottom + 18, fmt::format("{:g}", ten_to(e)), " text-anchor=\"middle\"");
  }
  for (double e = axes.bottom; e <= axes.top; e += 1) {
    const double y = y_of(ten_to(e));
    line(left, y, width - right, y, "stroke=\"#ddd\"");
    label(left - 8, y + 4, rate_text(ten_to(e)), " text-anchor=\"end\"");
  }
  label((left + width - right) / 2, height - 14, "FLOP for each byte", " text-anchor=\"middle\"");
  const double end = ten_to(axes.right), low = ten_to(axes.bottom);
  for (const Ceiling& ceiling : roofline.ceilings) {
    line(x_of(std::max(ten_to(axes.left), ceiling.rate / roofline.slopes.front().bandwidth)), y_of(ceiling.rate),
         x_of(end), y_of(ceiling.rate), "stroke=\"#b33\" stroke-width=\"2\"");
    label(x_of(end) + 6, y_of(ceiling.rate) + 4, ceiling.name + " " + rate_text(ceiling.rate));
  }
  for (const Slope& slope : roofline.slopes) {
    const double from = std::max(ten_to(axes.left), low / slope.bandwidth);
    const double to = std::min(end, roofline.ceilings.front().rate / slope.bandwidth);
    line(x_of(from), y_of(from * slope.bandwidth), x_of(to), y_of(to * slope.bandwidth),
         &slope == &roofline.slopes.front() ? "stroke=\"#247\" stroke-width=\"2\""
                                            : "stroke=\"#247\" stroke-dasharray=\"5 4\"");
    const double middle = std::sqrt(from * to);
    label(x_of(middle) + 6, y_of(middle * slope.bandwidth) + 14,
          slope.name + " " + units::format(BytesPerSecond{slope.bandwidth}));
  }
  for (std::size_t i = 0; i < roofline.points.size(); ++i) {
    const OperatorPoint& point = roofline.points[i];
    out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"#171\"><title>{}</title></circle>\n",
                       x_of(point.intensity), y_of(point.rate),
                       escaped(fmt::format("{}: {} ({})", point.name, rate_text(point.rate), name(point.tier))));
    label(x_of(point.intensity) + 6, y_of(point.rate) + 4, std::string(1, letter(i)));
    label(width - right + 12, height - bottom - 14.0 * static_cast<double>(roofline.points.size() - i),
          fmt::format("{}  {} ({})", letter(i), point.name, name(point.tier)));
  }
  return out + "</svg>\n";
}

}  // namespace memwall::tools
