// Independent pieces of work on several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace memwall::tools {

/// Calls work(0) .. work(count - 1), at most `jobs` at a time. What one call does must not depend on another; then the
/// number of threads changes nothing but the time. Once a call has thrown, no further one starts; the exception of the
/// lowest number is thrown again when all that had started are done.
void run_jobs(std::size_t count, std::size_t jobs, const std::function<void(std::size_t)>& work);

}  // namespace memwall::tools
