// The two kinds of error memwall knows: the user's and ours.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace memwall {

/// One thing that is wrong with an input, told so that its reader can mend it.
struct Fault {
  std::string file;     ///< path as the user wrote it; empty where no file is involved
  int line = 0;         ///< 1-based line in `file`; 0 where no line applies
  std::string pointer;  ///< JSON pointer or column name; empty where none applies
  std::string message;  ///< what is wrong and what would be right

  /// "file:line: pointer: message", leaving out what is absent.
  [[nodiscard]] std::string text() const {
    std::string out;
    if (!file.empty()) {
      out += file;
      if (line > 0) out.append(":").append(std::to_string(line));
      out += ": ";
    }
    if (!pointer.empty()) out += pointer + ": ";
    return out + message;
  }
};

/// The user's input is wrong. Carries every fault that was found, never only the first. Exit code 2.
class InputError : public std::runtime_error {
 public:
  explicit InputError(std::vector<Fault> faults) : std::runtime_error(join(faults)), faults_(std::move(faults)) {}
  explicit InputError(std::string message) : InputError(one(std::move(message))) {}

  [[nodiscard]] const std::vector<Fault>& faults() const { return faults_; }

 private:
  static std::vector<Fault> one(std::string message) {
    std::vector<Fault> faults(1);
    faults.front().message = std::move(message);
    return faults;
  }
  static std::string join(const std::vector<Fault>& faults) {
    std::string out;
    for (const Fault& fault : faults) out.append(out.empty() ? "" : "\n").append(fault.text());
    return out;
  }

  std::vector<Fault> faults_;
};

/// A law of the simulator was broken: a defect of ours, never of the input. Exit code 3.
class LogicError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// States a law that holds whatever the input; checked in every build because a silent break would be a wrong answer.
inline void law(bool holds, const char* what) {
  if (!holds) throw LogicError(what);
}

}  // namespace memwall
