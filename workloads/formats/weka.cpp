#include "workloads/formats/weka.hpp"

#include <algorithm>
#include <optional>

#include "sim/base/error.hpp"
#include "sim/base/hash.hpp"
#include "workloads/formats/json_documents.hpp"
#include "workloads/formats/table_rows.hpp"

namespace memwall {
namespace {

constexpr std::int64_t second = 1'000'000'000;

/// Whole seconds in most files: an end that lies so little behind a beginning still came before it.
constexpr std::int64_t coarse_ns = second;

/// Times beyond 290 years are mistakes, and sums of the rest fit.
std::int64_t within(std::int64_t ns) { return std::clamp<std::int64_t>(ns, 0, std::int64_t{1} << 61); }

/// One conversation: its own requests are a chain, and so are those of each subagent.
class Conversation {
 public:
  Conversation(JsonValue document, std::int64_t line, double shared_prompt, RowTable& table)
      : table_(table), line_(line), shared_prompt_(shared_prompt) {
    std::string number;
    const auto id = document.member("id");
    const auto requests = document.member("requests");
    const auto block = document.member("block_size");
    if (!id || !requests || !requests->list()) {
      throw InputError("document " + std::to_string(line) +
                       " is no conversation: `id` or the list `requests` is missing");
    }
    session_ = id->name(number);
    if (block && (!block->tokens(block_tokens_).empty() || block_tokens_ < 1)) {
      throw InputError("conversation " + session_ + ": `block_size` is not a whole number of tokens, at least 1");
    }
    const auto scope = document.member("hash_id_scope");
    global_ = scope && scope->text() == "global";
    chain(document, *requests, Agent{}, nullptr);
  }

 private:
  /// Where a chain begins: a subagent is started by its parent's request before it.
  struct Agent {
    std::string kind;
    std::vector<std::int64_t> after;
    std::int64_t start_ns = 0;
    std::int64_t parent_end_ns = 0;
  };
  /// A subagent that its parent may still wait for.
  struct Running {
    std::int64_t last_row = -1;
    std::int64_t end_ns = 0;
  };
  struct Last {
    std::int64_t row = -1;
    std::int64_t end_ns = 0;  ///< as far as it is recorded
  };

  void chain(JsonValue owner, JsonValue requests, const Agent& agent, Last* out) {
    Last last;
    std::vector<Running> running;
    const std::int64_t prompt = prompt_tokens(owner);
    requests.each([&](JsonValue request) {
      const auto type = request.member("type");
      if (out == nullptr && type && type->text() == "subagent") {
        running.push_back(subagent(request, last));
      } else {
        take(request, agent, prompt, last, running);
      }
      return true;
    });
    if (out != nullptr) *out = last;
  }

  Running subagent(JsonValue marker, const Last& last) {
    Running out;
    std::string number;
    Agent agent;
    if (const auto kind = marker.member("subagent_type")) agent.kind = kind->name(number);
    if (last.row >= 0) agent.after.push_back(last.row);
    agent.parent_end_ns = last.end_ns;
    if (const auto t = marker.member("t")) static_cast<void>(t->ticks(second, agent.start_ns));
    agent.start_ns = within(agent.start_ns);
    const auto requests = marker.member("requests");
    Last own;
    if (requests) chain(marker, *requests, agent, &own);
    out.last_row = own.row;
    std::int64_t duration = 0;
    const auto recorded = marker.member("duration_ms");
    const bool known = recorded && recorded->ticks(1'000'000, duration) && duration >= 0;
    out.end_ns = known ? agent.start_ns + within(duration) : own.end_ns;
    return out;
  }

  void take(JsonValue request, const Agent& agent, std::int64_t prompt, Last& last, std::vector<Running>& running) {
    StoredRow row;
    row.line = line_;
    row.session = session_;
    row.service_class = agent.kind;
    row.problem = read(request, prompt, row);
    std::int64_t think = -1, server = -1;
    if (const auto value = request.member("think_time")) static_cast<void>(value->ticks(second, think));
    if (const auto value = request.member("api_time")) static_cast<void>(value->ticks(second, server));
    if (server >= 0) row.service_ns = within(server);
    std::int64_t first_token = -1;
    if (const auto value = request.member("ttft")) static_cast<void>(value->ticks(second, first_token));
    if (first_token >= 0) row.first_token_ns = within(first_token);
    if (prompt > 0) row.fixed_tokens = prompt;
    // Times of a subagent count from its start in one release and from the conversation's in another.
    const bool opens = last.row < 0;
    if (opens) relative_ = row.time_ns < agent.start_ns;
    if (relative_) row.time_ns += agent.start_ns;
    if (opens) {
      row.after = agent.after;
      row.has_delay = !agent.after.empty();
      row.delay_ns = std::max<std::int64_t>(0, row.time_ns - agent.parent_end_ns);
    } else {
      follow(row, last, think, running);
    }
    const auto position = static_cast<std::int64_t>(table_.rows.size());
    if (row.problem.empty()) last = {position, row.time_ns + std::max<std::int64_t>(0, row.service_ns)};
    table_.rows.push_back(std::move(row));
  }

  /// It waits for the request before it, and for the subagents that had ended when it was sent.
  static void follow(StoredRow& row, const Last& last, std::int64_t think, std::vector<Running>& running) {
    row.after = {last.row};
    std::int64_t end = last.end_ns;
    std::erase_if(running, [&](const Running& agent) {
      if (agent.end_ns > row.time_ns + coarse_ns) return false;
      if (agent.last_row >= 0) row.after.push_back(agent.last_row);
      end = std::max(end, agent.end_ns);
      return true;
    });
    row.has_delay = true;
    row.delay_ns = row.after.size() == 1 && think >= 0 ? within(think) : std::max<std::int64_t>(0, row.time_ns - end);
  }

  std::string_view read(JsonValue request, std::int64_t prompt, StoredRow& row) const {
    const auto t = request.member("t");
    const auto input = request.member("in");
    const auto output = request.member("out");
    if (!t || !input || !output) return "missing_field";
    if (!t->ticks(second, row.time_ns)) return "bad_time";
    row.time_ns = within(row.time_ns);
    if (const auto problem = input->tokens(row.input_tokens); !problem.empty()) return problem;
    if (const auto problem = output->tokens(row.output_tokens); !problem.empty()) return problem;
    return read_blocks(request, prompt, row);
  }

  /// Whole blocks only in this release, and a partial last one in that of SemiAnalysis.
  std::string_view read_blocks(JsonValue request, std::int64_t prompt, StoredRow& row) const {
    row.block_tokens = block_tokens_;
    row.id_key = global_ ? 0 : Hasher().add("conversation").add(session_).value();
    const auto ids = request.member("hash_ids");
    std::vector<std::uint64_t> read;
    if (ids && !ids->null() && !ids->ids(read)) return "bad_hash_ids";
    const std::int64_t whole = row.input_tokens / block_tokens_;
    const std::int64_t most = (row.input_tokens + block_tokens_ - 1) / block_tokens_;
    const auto given = static_cast<std::int64_t>(read.size());
    if (given == 0 && whole > 0) {
      row.warnings.emplace_back("no_hash_ids");
    } else if (given < whole) {
      row.warnings.emplace_back("hash_ids_short");
    } else if (given > most) {
      row.warnings.emplace_back("hash_ids_long");
      read.resize(static_cast<std::size_t>(most));
    }
    for (const std::uint64_t id : read) append_id(row.ids, id);
    row.common_blocks = static_cast<std::int64_t>(shared_prompt_ * static_cast<double>(prompt)) / block_tokens_;
    row.common_key = Hasher().add("tools and system").add(static_cast<std::uint64_t>(prompt)).value();
    return {};
  }

  static std::int64_t prompt_tokens(JsonValue owner) {
    std::int64_t tools = 0, system = 0;
    if (const auto value = owner.member("tool_tokens")) static_cast<void>(value->tokens(tools));
    if (const auto value = owner.member("system_tokens")) static_cast<void>(value->tokens(system));
    return tools + system;
  }

  RowTable& table_;
  std::int64_t line_;
  double shared_prompt_;
  std::string session_;
  std::int64_t block_tokens_ = 64;
  bool global_ = false;
  bool relative_ = false;  ///< whether times of the chain at hand count from its start
};

RowTable read_weka(const TraceFile& file, double shared_prompt) {
  RowTable table;
  std::int64_t conversations = 0;
  try {
    each_document(file, [&](JsonValue document, std::int64_t line) {
      Conversation(document, line, shared_prompt, table);
      ++conversations;
    });
  } catch (const InputError& error) {
    auto faults = error.faults();
    for (Fault& fault : faults) {
      if (fault.file.empty()) fault.file = file.label;
    }
    throw InputError(std::move(faults));
  }
  if (conversations > 1) {
    table.remarks.push_back("all " + std::to_string(conversations) +
                            " conversations begin at once, because their times count from their own starts; "
                            "`concurrency` lets so many be under way");
  }
  return table;
}

}  // namespace

OpenRows read_weka_keys(Reader& reader) {
  const double shared = reader.number("shared_prompt", {.fallback = 0.0, .low = 0.0, .high = 1.0},
                                      "share of the tool and system prompt that conversations with equally long ones "
                                      "have in common; ids of the trace are local to a conversation");
  return rows_of_document([shared](const TraceFile& file) { return read_weka(file, shared); });
}

bool recognise_weka(std::string_view, std::string_view beginning) {
  const auto has = [&](std::string_view key) { return beginning.find(key) != std::string_view::npos; };
  return beginning.find_first_not_of(" \t\r\n\xef\xbb\xbf") == beginning.find('{') && has("\"requests\"") &&
         has("\"id\"") && (has("\"hash_id_scope\"") || has("\"block_size\""));
}

}  // namespace memwall
