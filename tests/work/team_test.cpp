// Teams: every piece once, in any order, and errors as what they are.
#include "tools/work/team.hpp"

#include <atomic>
#include <cstdlib>
#include <map>
#include <set>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tools/work/launch.hpp"
#include "tools/work/local_workers.hpp"

using namespace memwall;
using namespace memwall::tools;

namespace {

/// Sets variables of the environment for as long as it lives; all that a launcher could have set are unset before.
class Environment {
 public:
  explicit Environment(const std::map<std::string, std::string>& wanted) {
    for (const char* name :
         {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "PMI_SIZE", "PMI_RANK", "SLURM_NTASKS", "PMIX_RANK"}) {
      if (const char* value = std::getenv(name)) before_[name] = value;
      unsetenv(name);
    }
    for (const auto& [name, value] : wanted) setenv(name.c_str(), value.c_str(), 1);
    for (const auto& [name, value] : wanted) wanted_.insert(name);
  }
  ~Environment() {
    for (const std::string& name : wanted_) unsetenv(name.c_str());
    for (const auto& [name, value] : before_) setenv(name.c_str(), value.c_str(), 1);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::map<std::string, std::string> before_;
  std::set<std::string> wanted_;
};

Work doubled(const std::string& context) {
  return [context](const std::string& task) {
    if (task == "input") throw InputError("wrong input");
    if (task == "defect") throw LogicError("broken law");
    return context + task + task;
  };
}

std::vector<std::string> numbers(int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back(std::to_string(i));
  return out;
}

}  // namespace

TEST_CASE("a team of threads does every piece once and tells its place") {
  const Environment alone({});
  for (const std::size_t threads : {1U, 2U, 7U}) {
    const std::vector<std::string> tasks = numbers(100);
    std::map<std::size_t, std::string> answers;
    const int code = with_team(doubled, [&](Team& team) {
      CHECK(team.processes() == 1);
      const TeamRun run = team.run("c", tasks, threads, [&](std::size_t task, const std::string& answer) {
        CHECK(answers.emplace(task, answer).second);
      });
      CHECK(run.repeated == 0);
      // A second run of the same team.
      team.run("d", {"x"}, threads, [&](std::size_t task, const std::string& answer) { answers[100 + task] = answer; });
      team.run("d", {}, threads, [&](std::size_t, const std::string&) { FAIL("there was no task"); });
      return 17;
    });
    CHECK(code == 17);
    REQUIRE(answers.size() == 101);
    for (std::size_t i = 0; i < tasks.size(); ++i) CHECK(answers[i] == "c" + tasks[i] + tasks[i]);
    CHECK(answers[100] == "dxx");
  }
}

TEST_CASE("what a piece throws ends the run as what it is") {
  const Environment alone({});
  const auto run = [](const std::string& task) {
    std::vector<std::string> tasks = numbers(20);
    tasks[10] = task;
    return with_team(doubled, [&](Team& team) {
      team.run("", tasks, 2, [](std::size_t, const std::string&) {});
      return 0;
    });
  };
  CHECK_THROWS_AS(run("input"), InputError);
  CHECK_THROWS_AS(run("defect"), LogicError);
}

TEST_CASE("what the one who takes answers throws ends the run too, without more work") {
  const Environment alone({});
  std::atomic<int> done{0};
  const Prepare prepare = [&](const std::string&) -> Work {
    return [&](const std::string& task) {
      ++done;
      return task;
    };
  };
  CHECK_THROWS_AS(with_team(prepare,
                            [&](Team& team) {
                              team.run("", numbers(1000), 2,
                                       [](std::size_t, const std::string&) { throw InputError("the disk is full"); });
                              return 0;
                            }),
                  InputError);
  CHECK(done < 20);
}

TEST_CASE("workers that are let go forget what waits") {
  std::atomic<int> done{0};
  {
    LocalWorkers workers(
        [&](const std::string& task) {
          ++done;
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
          return task;
        },
        2);
    for (std::size_t i = 0; i < 100; ++i) workers.give(i, "x");
    while (workers.done(std::chrono::milliseconds(100)).empty()) {
    }
  }
  CHECK(done < 20);
}

TEST_CASE("launchers of MPI are known by what they leave in the environment") {
  {
    const Environment none({});
    CHECK_FALSE(launched_by_mpi().has_value());
  }
  {
    const Environment open_mpi({{"OMPI_COMM_WORLD_SIZE", "4"}, {"OMPI_COMM_WORLD_RANK", "3"}, {"PMIX_RANK", "3"}});
    const auto launch = launched_by_mpi();
    REQUIRE(launch.has_value());
    CHECK(launch->processes == 4);
    CHECK(launch->rank == 3);
    CHECK(launch->variable == "OMPI_COMM_WORLD_RANK");
  }
  {
    const Environment mpich({{"PMI_SIZE", "2"}, {"PMI_RANK", "0"}});
    REQUIRE(launched_by_mpi().has_value());
    CHECK(launched_by_mpi()->processes == 2);
  }
  {
    const Environment slurm({{"SLURM_NTASKS", "8"}, {"PMIX_RANK", "5"}});
    REQUIRE(launched_by_mpi().has_value());
    CHECK(launched_by_mpi()->rank == 5);
    CHECK(launched_by_mpi()->processes == 8);
  }
  // A job script of Slurm has SLURM_NTASKS without being one of several processes.
  const Environment script(std::map<std::string, std::string>{{"SLURM_NTASKS", "8"}});
  CHECK_FALSE(launched_by_mpi().has_value());
}
