// The built program as a user starts it: words in; exit code, stdout, stderr and files out.
#pragma once

#include <fcntl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "tests/catch.hpp"

namespace memwall::test {

using Path = std::filesystem::path;

inline std::string read_text(const Path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

inline void write_text(const Path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
}

/// An empty folder of its own for each test, inside the build.
inline Path scratch(const std::string& name) {
  const Path folder = Path(MEMWALL_BINARY_DIR) / "program_tests" / name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

/// Names in a folder, sorted; nothing where it does not exist.
inline std::vector<std::string> names_in(const Path& folder) {
  std::vector<std::string> names;
  if (!std::filesystem::is_directory(folder)) return names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

struct Ended {
  int code = -1;    ///< of the exit; -1 where a signal ended it
  int signal = 0;   ///< that ended it
  std::string out;  ///< stdout
  std::string err;  ///< stderr
};

/// Runs any command, looked for as a shell does. With `kill_after` it is killed then, unless it has ended before.
inline Ended run_command(const std::vector<std::string>& words, const Path& folder = MEMWALL_SOURCE_DIR,
                         std::chrono::milliseconds kill_after = {}) {
  static int runs = 0;
  const Path prefix = std::filesystem::temp_directory_path() /
                      ("memwall_run_" + std::to_string(getpid()) + "_" + std::to_string(++runs));
  const std::string out = prefix.string() + ".out";
  const std::string err = prefix.string() + ".err";
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC;
    const bool ready = chdir(folder.c_str()) == 0 && dup2(open(out.c_str(), flags, 0600), STDOUT_FILENO) >= 0 &&
                       dup2(open(err.c_str(), flags, 0600), STDERR_FILENO) >= 0;
    if (ready) execvp(arguments[0], arguments.data());
    _exit(127);
  }
  if (kill_after.count() > 0) {
    std::this_thread::sleep_for(kill_after);
    kill(child, SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  Ended ended;
  if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  ended.out = read_text(out);
  ended.err = read_text(err);
  std::filesystem::remove(out);
  std::filesystem::remove(err);
  return ended;
}

/// Runs the program with these words.
inline Ended run_program(const std::vector<std::string>& words, const Path& folder = MEMWALL_SOURCE_DIR,
                         std::chrono::milliseconds kill_after = {}) {
  std::vector<std::string> all = {MEMWALL_PROGRAM};
  all.insert(all.end(), words.begin(), words.end());
  return run_command(all, folder, kill_after);
}

}  // namespace memwall::test
