// The project's files as text, and C++ text without its comments, for the tests that read the project itself.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace memwall::tidy {

struct SourceFile {
  std::string path;  ///< relative to the project's root
  std::string text;
};

/// Every file of the project that git tracks or would track, ordered by path; build folders and results are left out.
/// It is read from the disk and not from git, so that it also holds in an unpacked archive.
[[nodiscard]] std::vector<SourceFile> project_files();

/// The .hpp and .cpp files among them that are below one of the folders.
[[nodiscard]] std::vector<SourceFile> sources_in(const std::vector<SourceFile>& files,
                                                 const std::vector<std::string>& folders);

/// Lines of C++ with comments replaced by blanks. String and character literals stay.
[[nodiscard]] std::vector<std::string> code_lines(std::string_view text);

[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);

/// Runs of letters, digits and underscores, in order.
[[nodiscard]] std::vector<std::string> words_of(std::string_view line);

[[nodiscard]] bool holds(std::string_view text, std::string_view part);
[[nodiscard]] bool starts_with(std::string_view text, std::string_view start);
[[nodiscard]] bool ends_with(std::string_view text, std::string_view end);

using Faults = std::vector<std::string>;
using Rule = Faults (*)(const SourceFile&);

/// "path:line: message", the form in which a rule states a fault.
[[nodiscard]] std::string fault(const SourceFile& file, std::size_t line, const std::string& message);

/// A rule about single lines of code: `wrong` answers what is wrong with a line, or nothing.
[[nodiscard]] Faults by_line(const SourceFile& file, const std::function<std::string(const std::string&)>& wrong);

/// The faults of all files under one rule.
[[nodiscard]] Faults over(const std::vector<SourceFile>& files, Rule rule);

/// All faults, one a line, for the message of a failed check.
[[nodiscard]] std::string listed(const Faults& faults);

}  // namespace memwall::tidy
