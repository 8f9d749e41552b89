#include "workloads/formats/servegen.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>

#include "sim/base/error.hpp"
#include "sim/base/math.hpp"
#include "sim/base/random.hpp"
#include "workloads/formats/json_documents.hpp"
#include "workloads/formats/numbers.hpp"

namespace memwall {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view trace_ending = "-trace.csv";

/// Distributions of one period of a client's dataset.json. What is of one item (image, audio, video) is drawn for each.
struct Period {
  double start_s = 0;
  ServeGenLengths input, output, text;
  struct Items {
    ServeGenLengths count, tokens;
  };
  Items images, audio, video;
};

struct Client {
  std::string name;
  ServeGenWindows trace;
  std::vector<Period> periods;  ///< by start; empty = no dataset
};

void keep(std::string_view key, ServeGenLengths lengths, Period& period) {
  if (lengths.empty()) return;  // an empty dictionary: that of the period before goes on
  const std::pair<std::string_view, ServeGenLengths*> places[] = {
      {"input_tokens", &period.input},         {"output_tokens", &period.output},
      {"text_tokens", &period.text},           {"image_count", &period.images.count},
      {"image_tokens", &period.images.tokens}, {"audio_count", &period.audio.count},
      {"audio_tokens", &period.audio.tokens},  {"video_count", &period.video.count},
      {"video_tokens", &period.video.tokens}};
  for (const auto& [name, place] : places) {
    if (name == key) *place = std::move(lengths);
  }
}

std::vector<Period> read_periods(const TraceFile& file) {
  std::map<double, std::vector<std::pair<std::string, ServeGenLengths>>> entries;
  std::vector<Fault> faults;
  each_document(file, [&](JsonValue document, std::int64_t) {
    document.each_member([&](std::string_view start, JsonValue fields) {
      std::int64_t ns = 0;
      if (!read_ticks(start, 1'000'000'000, ns)) {
        faults.push_back({file.label, 0, std::string(start), "is no number of seconds at which a window starts"});
        return faults.size() < 20;
      }
      auto& entry = entries[static_cast<double>(ns) * 1e-9];
      fields.each_member([&](std::string_view key, JsonValue value) {
        ServeGenLengths lengths;
        const auto text = value.text();
        if (!text || !read_servegen_lengths(*text, lengths)) {
          faults.push_back({file.label, 0, std::string(start) + "/" + std::string(key),
                            "is no text of a dictionary such as \"{18: 0.5, 20: 0.5}\""});
        } else {
          entry.emplace_back(key, std::move(lengths));
        }
        return faults.size() < 20;
      });
      return faults.size() < 20;
    });
  });
  if (!faults.empty()) throw InputError(std::move(faults));
  std::vector<Period> out;
  for (auto& [start, fields] : entries) {
    out.push_back(out.empty() ? Period{} : out.back());
    out.back().start_s = start;
    for (auto& [key, lengths] : fields) keep(key, std::move(lengths), out.back());
  }
  return out;
}

struct Options {
  double rate_scale = 1;
  bool comonotone = true;
};

/// The requests of one client, in order of arrival.
class ClientRows {
 public:
  ClientRows(const Client& client, const Options& options, const TraceDraws& draws)
      : client_(client),
        options_(options),
        draws_(draws),
        stream_(Hasher().add(draws.workload).add(client.name).value()) {
    refill();
  }

  [[nodiscard]] bool exhausted() const { return next_ == times_ns_.size(); }
  [[nodiscard]] std::int64_t time_ns() const { return times_ns_[next_]; }

  void take(TraceRow& row) {
    row.has_time = true;
    row.time_ns = time_ns();
    row.tenant = client_.name;
    draw_lengths(row);
    ++next_;
    if (exhausted()) refill();
  }

 private:
  [[nodiscard]] DrawKey key(std::uint64_t request, Purpose purpose) const {
    return {draws_.seed, stream_, request, purpose};
  }

  /// Draws the arrivals of the next window that has any: the gaps are of the window's family and shape, and are scaled
  /// so that its requests fill it.
  void refill() {
    times_ns_.clear();
    next_ = 0;
    while (times_ns_.empty() && window_ < client_.trace.windows.size()) {
      ServeGenWindow window = client_.trace.windows[window_++];
      window.rate_per_s *= options_.rate_scale;
      const std::int64_t requests = window.requests(client_.trace.seconds);
      first_ = issued_;
      issued_ += static_cast<std::uint64_t>(requests);
      draw_times(window, requests);
    }
  }

  void draw_times(const ServeGenWindow& window, std::int64_t requests) {
    std::vector<double> ends;
    double clock = 0;
    // One gap more than requests: the last ends at the window's end, so that windows join without a seam.
    for (std::int64_t i = 0; i <= requests && requests > 0; ++i) {
      clock += gap(window, first_ + static_cast<std::uint64_t>(i));
      ends.push_back(clock);
    }
    for (std::int64_t i = 0; i < requests; ++i) {
      const double share = clock > 0 ? ends[static_cast<std::size_t>(i)] / clock : 0;
      const double at = window.start_s + share * client_.trace.seconds;
      times_ns_.push_back(static_cast<std::int64_t>(std::floor(at * 1e9 + 0.5)));
    }
  }

  double gap(const ServeGenWindow& window, std::uint64_t request) const {
    const DrawKey draw = key(request, Purpose::servegen_gap);
    if (window.family == ServeGenWindow::Family::gamma) return random_gamma(draw, 1 / std::sqrt(window.shape));
    return math::pow(random_exponential(draw), 1 / window.shape);
  }

  void draw_lengths(TraceRow& row) const {
    const std::uint64_t request = first_ + next_;
    const Period* period = nullptr;
    for (const Period& each : client_.periods) {
      if (period == nullptr || each.start_s * 1e9 <= static_cast<double>(row.time_ns)) period = &each;
    }
    const ServeGenLengths* input = period == nullptr ? nullptr : period->input.empty() ? &period->text : &period->input;
    if (input == nullptr || input->empty() || period->output.empty()) {
      row.problem = "no_dataset";
      return;
    }
    const double u = random_uniform(key(request, Purpose::servegen_length));
    const double v = options_.comonotone ? u : random_uniform(key(request, Purpose::servegen_output));
    std::int64_t tokens = whole(input->at(u));
    std::uint64_t index = 1;
    for (const auto* items : {&period->images, &period->audio, &period->video}) {
      if (items->count.empty() || items->tokens.empty()) continue;
      const double w = options_.comonotone ? u : random_uniform(key(request, Purpose::servegen_length), index++);
      const std::int64_t count = std::min<std::int64_t>(whole(items->count.at(w)), most_items);
      for (std::int64_t i = 0; i < count; ++i) {
        tokens += whole(items->tokens.at(random_uniform(key(request, Purpose::servegen_length), index++)));
      }
      if (items == &period->images) row.images = static_cast<std::int32_t>(count);
    }
    row.input_tokens = std::min(tokens, most_tokens);
    row.output_tokens = whole(period->output.at(v));
  }

  static constexpr std::int64_t most_items = 10'000;
  static std::int64_t whole(double value) { return static_cast<std::int64_t>(std::floor(value + 0.5)); }

  const Client& client_;
  Options options_;
  TraceDraws draws_;
  std::uint64_t stream_;
  std::size_t window_ = 0;
  std::uint64_t first_ = 0;   ///< requests of earlier windows
  std::uint64_t issued_ = 0;  ///< requests up to the window at hand
  std::vector<std::int64_t> times_ns_;
  std::size_t next_ = 0;
};

class ServeGenReader final : public RowReader {
 public:
  ServeGenReader(std::shared_ptr<const std::vector<Client>> clients, Options options, TraceDraws draws)
      : clients_(std::move(clients)), options_(options), draws_(draws) {
    restart();
  }

  bool next(TraceRow& row) override {
    ClientRows* first = nullptr;
    for (ClientRows& client : rows_of_) {
      if (!client.exhausted() && (first == nullptr || client.time_ns() < first->time_ns())) first = &client;
    }
    if (first == nullptr) return false;
    row.clear();
    row.place = {rows_, rows_ + 1, rows_, 0};
    ++rows_;
    first->take(row);
    return true;
  }

  void seek(const RowPlace& place) override {
    TraceRow row;
    if (place.row < rows_) restart();
    while (rows_ < place.row && next(row)) {
    }
  }

  std::vector<std::string> remarks() const override {
    std::int64_t windows = 0, idle = 0, bare = 0;
    for (const Client& client : *clients_) {
      windows += static_cast<std::int64_t>(client.trace.windows.size());
      bare += client.periods.empty() ? 1 : 0;
      for (const ServeGenWindow& window : client.trace.windows) {
        idle += window.family == ServeGenWindow::Family::idle ? 1 : 0;
      }
    }
    return {std::to_string(clients_->size()) + " clients, " + std::to_string(windows) + " windows, " +
            std::to_string(idle) + " of them idle, " + std::to_string(bare) +
            " clients without a dataset; requests are drawn from them"};
  }

 private:
  void restart() {
    rows_of_.clear();
    rows_ = 0;
    for (const Client& client : *clients_) rows_of_.emplace_back(client, options_, draws_);
  }

  std::shared_ptr<const std::vector<Client>> clients_;
  Options options_;
  TraceDraws draws_;
  std::vector<ClientRows> rows_of_;
  std::int64_t rows_ = 0;
};

Client read_client(const TraceFile& trace) {
  Client client;
  client.name = plain_name(trace);
  std::string folder = fs::path(trace.path).parent_path().string();
  if (client.name.ends_with(trace_ending)) client.name.resize(client.name.size() - trace_ending.size());
  client.trace = read_servegen_windows(trace);
  for (const std::string ending : {"", ".gz", ".zst"}) {
    const std::string name = client.name + "-dataset.json" + ending;
    const fs::path path = fs::path(folder) / name;
    std::error_code error;
    if (fs::is_regular_file(path, error)) {
      client.periods = read_periods({path.string(), (fs::path(trace.label).parent_path() / name).string()});
      break;
    }
  }
  return client;
}

std::vector<Client> read_clients(const TraceFile& file) {
  std::error_code error;
  if (!fs::is_directory(file.path, error)) return {read_client(file)};
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(file.path, error)) {
    if (plain_name({entry.path().string(), ""}).ends_with(trace_ending)) {
      names.push_back(entry.path().filename().string());
    }
  }
  if (names.empty()) {
    throw InputError({Fault{file.label, 0, "", "is a folder without clients: files whose names end in -trace.csv"}});
  }
  std::sort(names.begin(), names.end());
  std::vector<Client> clients;
  for (const std::string& name : names) {
    clients.push_back(read_client({(fs::path(file.path) / name).string(), (fs::path(file.label) / name).string()}));
  }
  return clients;
}

}  // namespace

OpenRows read_servegen_keys(Reader& reader) {
  Options options;
  options.rate_scale = reader.number("client_rate_scale", {.fallback = 1.0, .low = 1e-9, .high = 1e6},
                                     "multiplies the rate of every client: more requests, as bursty");
  options.comonotone =
      reader.choice("pairing",
                    {{"comonotone",
                      "one draw decides all lengths of a request, as in ServeGen: long prompts have long "
                      "answers"},
                     {"independent", "each length is a draw of its own"}},
                    0, "how the lengths of one request belong together") == 0;
  struct Kept {
    std::string path;
    std::shared_ptr<const std::vector<Client>> clients;
  };
  return [options, kept = std::make_shared<Kept>()](const TraceFile& file, const TraceDraws& draws) {
    if (!kept->clients || kept->path != file.path) {
      *kept = {file.path, std::make_shared<std::vector<Client>>(read_clients(file))};
    }
    return std::make_unique<ServeGenReader>(kept->clients, options, draws);
  };
}

bool recognise_servegen(std::string_view name, std::string_view beginning) {
  if (name.ends_with(trace_ending)) return true;
  const std::string_view line = beginning.substr(0, std::min(beginning.find_first_of("\r\n"), beginning.size()));
  std::vector<std::string_view> fields;
  for (std::string_view rest = line;;) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    fields.push_back(trimmed(rest.substr(0, comma)));
    if (comma == rest.size()) break;
    rest.remove_prefix(comma + 1);
  }
  std::int64_t start = 0;
  return fields.size() == 6 && read_ticks(fields[0], 1, start) &&
         (fields[3].empty() || fields[3] == "Gamma" || fields[3] == "Weibull");
}

}  // namespace memwall
