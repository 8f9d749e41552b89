// No chip, no vendor and no trace is named in the code of sim/, which the tools join with them through tables. Comments
// may name them, because the source of a formula is often a chip's manual.
#include <algorithm>
#include <cctype>

#include "tests/catch.hpp"
#include "tests/tidy/source_text.hpp"

using namespace memwall::tidy;

namespace {

/// Found anywhere inside a word, because no other word contains them.
const std::vector<std::string> telling = {
    "h100",      "h200",        "h800",    "a100",     "a800",     "b200",     "b300",       "v100",
    "l40s",      "mi210",       "mi250",   "mi300",    "mi325",    "mi355",    "nvidia",     "nvlink",
    "nvswitch",  "blackwell",   "groq",    "cerebras", "gaudi",    "trainium", "inferentia", "sambanova",
    "graphcore", "tenstorrent", "furiosa", "azure",    "burstgpt", "mooncake", "sharegpt"};

/// Found only as a whole part of a word (parts end at underscores), because they are short or occur in other words.
const std::vector<std::string> short_names = {"amd",  "tpu",    "wse",  "h20",   "b100",
                                              "sohu", "hopper", "mtia", "intel", "etched"};

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// The forbidden name inside one word of code; empty when there is none. Numbers such as 0xa100 name nothing.
std::string forbidden(const std::string& word) {
  if (std::isdigit(static_cast<unsigned char>(word.front())) != 0) return "";
  const std::string text = lower(word);
  for (const std::string& name : telling) {
    if (text.find(name) != std::string::npos) return name;
  }
  const std::string parts = "_" + text + "_";
  for (const std::string& name : short_names) {
    if (parts.find("_" + name + "_") != std::string::npos) return name;
  }
  return "";
}

std::vector<std::string> named(const std::vector<SourceFile>& files) {
  std::vector<std::string> faults;
  for (const SourceFile& file : files) {
    const auto lines = code_lines(file.text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      for (const std::string& word : words_of(lines[i])) {
        const std::string name = forbidden(word);
        if (!name.empty()) faults.push_back(fault(file, i + 1, "sim/ must not name " + name + " ('" + word + "')"));
      }
    }
  }
  return faults;
}

}  // namespace

TEST_CASE("sim/ names no chip and no trace") {
  const auto files = sources_in(project_files(), {"sim"});
  REQUIRE(!files.empty());
  const auto faults = named(files);
  INFO(listed(faults));
  CHECK(faults.empty());
}

TEST_CASE("a made-up name is told with its place, and what only resembles one is not") {
  CHECK(named({{"sim/hw/x.cpp", "int a;\nif (id == \"h100_sxm\") a = 1;"}}) ==
        std::vector<std::string>{"sim/hw/x.cpp:2: sim/ must not name h100 ('h100_sxm')"});
  CHECK(named({{"sim/hw/x.cpp", "struct TeslaA100Model;"}}).size() == 1);
  CHECK(named({{"sim/hw/x.cpp", "read_tpu(azure);"}}).size() == 2);
  CHECK(named({{"sim/hw/x.cpp", "int a = 0xa100; // the h100's manual\nbrowse(outputs, fetched);"}}).empty());
}
