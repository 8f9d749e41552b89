// The keys of sessions.
#include "workloads/generators/sessions.hpp"

namespace memwall {
namespace {

double read_share(Reader& reader, std::optional<double> fallback, std::string_view doc) {
  return reader.number("share", {.fallback = fallback, .low = 0, .high = 1}, doc);
}

ToolLoop read_tools(Reader& keys) {
  ToolLoop tools;
  tools.share = read_share(keys, 1, "of the turns that use tools");
  tools.calls = read_length(keys, "calls", "of tools in such a turn");
  tools.result = read_length(keys, "result", "tokens that a call adds to the context");
  tools.delay = read_delay(keys, "delay", "from the answer that calls to the request with the result");
  return tools;
}

Subagents read_subagents(Reader& keys) {
  Subagents subagents;
  subagents.share = read_share(keys, std::nullopt, "of the calls that start subagents in place of a tool");
  subagents.count = read_length(keys, "count", "subagents side by side; all must end before their parent goes on");
  subagents.system_tokens = keys.integer("system", {.fallback = 0, .low = 0, .high = most_tokens},
                                         "tokens of a system prompt that all subagents share");
  subagents.task = read_length(keys, "task", "tokens that a subagent begins with, its own");
  subagents.calls = read_length(keys, "calls", "of tools by a subagent");
  return subagents;
}

Compaction read_compaction(Reader& keys) {
  Compaction compaction;
  compaction.limit = keys.integer("limit", {.fallback = std::nullopt, .low = 1, .high = most_tokens},
                                  "tokens of a prompt above which the context is summarised first");
  compaction.summary = read_length(keys, "summary", "tokens that are left of the context");
  return compaction;
}

SessionOptions read_sessions(Reader& reader) {
  SessionOptions options;
  options.begin = read_beginnings(reader, "sessions");
  options.system = read_prefix_groups(reader, "system", "system prompts, one for each session; absent: none");
  options.turns = read_length(reader, "turns", "messages of the user in a session");
  if (reader.has("first"))
    options.first = read_length(reader, "first", "tokens of the first message; absent: as `user`");
  options.user = read_length(reader, "user", "tokens of a message");
  options.answer = read_length(reader, "answer", "tokens of every answer, those that call tools among them");
  options.think = read_delay(reader, "think", "from an answer to the user's next message");
  if (reader.has("tools")) {
    reader.object("tools", false,
                  "what an agent does between a message and its last answer; absent: it answers at once",
                  [&options](Reader& keys) { options.tools = read_tools(keys); });
  }
  if (reader.has("subagents")) {
    reader.object("subagents", false, "conversations that an agent starts and waits for; absent: none",
                  [&options](Reader& keys) { options.subagents = read_subagents(keys); });
    if (!options.tools) reader.fault("subagents", "needs `tools`: a subagent is started by a call, and calls tools");
  }
  if (reader.has("compaction")) {
    reader.object("compaction", false, "what happens when a context grows too long; absent: it grows on",
                  [&options](Reader& keys) { options.compaction = read_compaction(keys); });
  }
  options.stop = read_stop_rule(reader);
  return options;
}

}  // namespace

std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_session_source(Reader& reader) {
  const SessionOptions options = read_sessions(reader);
  return [options](const SourceContext& context) { return session_requests(options, context); };
}

}  // namespace memwall
