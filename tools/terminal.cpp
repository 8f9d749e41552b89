#include "tools/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "tools/results/time_text.hpp"

namespace memwall::tools {
namespace {

/// The level of a colour's part in the cube of 6 x 6 x 6: 0, 95, 135, 175, 215, 255.
int level(std::string_view hex) {
  const int value = std::stoi(std::string(hex), nullptr, 16);
  return value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40;
}

}  // namespace

bool colours_wanted(int descriptor) {
  const char* refused = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  if (refused != nullptr && *refused != 0) return false;
  if (terminal == nullptr || std::string_view(terminal) == "dumb") return false;
  return isatty(descriptor) != 0;
}

std::string painted(std::string_view text, std::string_view colour) {
  const int place = 16 + 36 * level(colour.substr(1, 2)) + 6 * level(colour.substr(3, 2)) + level(colour.substr(5, 2));
  return fmt::format("\033[38;5;{}m{}\033[0m", place, text);
}

std::string progress_line(Time now, std::int64_t ended, std::optional<std::int64_t> total, double wall_s) {
  std::string out = fmt::format("  {} simulated, {}", time_text(now.seconds()), ended);
  if (total) out += fmt::format(" of {}", *total);
  out += " requests";
  if (wall_s <= 0 || ended <= 0) return out;
  const double rate = static_cast<double>(ended) / wall_s;
  out += rate < 10 ? fmt::format(", {:.2g}/s", rate) : fmt::format(", {:.0f}/s", rate);
  if (total && *total >= ended) out += fmt::format(", {} left", time_text(static_cast<double>(*total - ended) / rate));
  return out;
}

Progress::Progress(bool wanted, std::optional<std::int64_t> total)
    : wanted_(wanted && isatty(STDERR_FILENO) != 0), total_(total), begin_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (shown_) fmt::print(stderr, "\r{:79}\r", "");
}

void Progress::show(Time now, std::int64_t ended) {
  if (!wanted_) return;
  const auto wall = std::chrono::steady_clock::now();
  if (wall - last_ < std::chrono::milliseconds(100)) return;
  last_ = wall;
  shown_ = true;
  const std::string line = progress_line(now, ended, total_, std::chrono::duration<double>(wall - begin_).count());
  fmt::print(stderr, "\r{:<79}", line.substr(0, 79));
}

}  // namespace memwall::tools
