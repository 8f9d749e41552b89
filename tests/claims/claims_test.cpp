// docs/claims.md: what the simulator makes of public claims. Every number and verdict of the page is computed here;
// MEMWALL_UPDATE=1 writes it anew.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/claims/machines.hpp"
#include "tests/claims/memory_wall.hpp"
#include "tests/claims/vendors.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

const std::string page_path = project_file("docs/claims.md");

std::string row(const Claim& claim) {
  std::string numbers = claim.numbers;
  std::replace(numbers.begin(), numbers.end(), '\n', ' ');
  return fmt::format("| {} | {} | {} | {} | {} |\n", claim.claim, claim.source, numbers, text(claim.says), claim.how);
}

std::string table(const Section& section) {
  std::string out = fmt::format("\n## {}\n\n", section.title);
  if (!section.preface.empty()) out += section.preface + "\n\n";
  out += "| claim | source | memwall | verdict | shown by |\n|---|---|---|---|---|\n";
  for (const Claim& claim : section.claims) out += row(claim);
  return out;
}

std::string page(const std::vector<Section>& sections, const std::optional<Claim>& measured) {
  std::map<Says, int> count;
  for (const Section& section : sections) {
    for (const Claim& claim : section.claims) ++count[claim.says];
  }
  std::string out =
      "# Public claims against simulation\n\n"
      "Each row runs scenarios of `scenarios/seed/` or reads device files; `tests/claims` computes numbers and "
      "verdicts and "
      "fails when this page differs. `memwall run scenarios/seed/NAME.json` shows a run with its tiers. "
      "*Essay* and *lecture* are public texts about the economics of inference that many of these claims come from; "
      "data "
      "sheets and press are named.\n\n";
  out += fmt::format("Of {} claims {} hold, {} hold under stated conditions, {} fail, {} cannot be checked.\n",
                     count[Says::holds] + count[Says::conditions] + count[Says::fails] + count[Says::open],
                     count[Says::holds], count[Says::conditions], count[Says::fails], count[Says::open]);
  for (const Section& section : sections) out += table(section);
  out +=
      "\nRows of others that are no part of the project:\n\n| claim | source | memwall | verdict | shown by "
      "|\n|---|---|---|---|---|\n";
  // Without the rows the page keeps what it says of them.
  if (measured) return out + row(*measured);
  std::ifstream file(page_path);
  for (std::string line; std::getline(file, line);) {
    if (line.find("| Argonne, ") != std::string::npos) out += line + "\n";
  }
  return out;
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

const Claim& claim_called(const std::vector<Section>& sections, const std::string& part) {
  for (const Section& section : sections) {
    for (const Claim& claim : section.claims) {
      if (claim.claim.find(part) != std::string::npos) return claim;
    }
  }
  throw LogicError("no claim says " + part);
}

}  // namespace

TEST_CASE("docs/claims.md is what runs of the seeds come to") {
  const std::vector<Section> sections = {memory_wall(), machines(), vendors()};
  const std::string wanted = page(sections, independent_rows());
  if (std::getenv("MEMWALL_UPDATE") != nullptr) std::ofstream(page_path) << wanted;
  INFO("MEMWALL_UPDATE=1 writes docs/claims.md anew");
  CHECK(read(page_path) == wanted);

  // What must stay true of the machines whatever else moves.
  CHECK(claim_called(sections, "600 first-generation LPUs").says == Says::holds);
  CHECK(claim_called(sections, "no jitter").says == Says::holds);
  CHECK(claim_called(sections, "Below the ridge batch").says == Says::holds);
  CHECK(claim_called(sections, "less room to manoeuvre").says == Says::holds);
  CHECK(claim_called(sections, "KV capacity forbids").says == Says::holds);
  CHECK(claim_called(sections, "widens with every generation").says == Says::conditions);
  CHECK(claim_called(sections, "Corsair, 8 cards").says == Says::fails);
}

TEST_CASE("every seed is run by a claim") {
  const std::string shown = read(page_path);
  int seeds = 0;
  for (const auto& file : std::filesystem::directory_iterator(project_file("scenarios/seed"))) {
    if (file.path().extension() != ".json") continue;
    ++seeds;
    INFO(file.path().filename().string());
    CHECK(shown.find("seed/" + file.path().filename().string()) != std::string::npos);
  }
  CHECK(seeds >= 15);
}
