// The ledger of a team: work goes to whoever is free, and what a lost process had is done again.
#include "tools/work/ledger.hpp"

#include <map>
#include <set>

#include "sim/base/random.hpp"
#include "tests/catch.hpp"

using namespace memwall;
using namespace memwall::tools;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const Ledger::Instant start{};

}  // namespace

TEST_CASE("pieces go out in order, one more to each process than it works on, until few are left") {
  Ledger ledger(10, 2, 1);
  CHECK(ledger.next(0, start) == 0U);
  CHECK(ledger.next(0, start) == 1U);
  CHECK_FALSE(ledger.next(0, start).has_value());
  CHECK(ledger.next(1, start) == 2U);
  CHECK(ledger.next(1, start) == 3U);
  CHECK(ledger.landed(0, 0, start));
  CHECK(ledger.next(0, start) == 4U);
  CHECK(ledger.landed(0, 1, start));
  CHECK(ledger.next(0, start) == 5U);
  // Four are left, two for each: nobody gets one that would have to wait.
  CHECK(ledger.landed(0, 4, start));
  CHECK_FALSE(ledger.next(0, start).has_value());
  CHECK(ledger.landed(0, 5, start));
  CHECK(ledger.next(0, start) == 6U);
  CHECK_FALSE(ledger.next(0, start).has_value());
}

TEST_CASE("what a silent process has is done by another after ten seconds and four times the longest") {
  Ledger ledger(3, 2, 1);
  CHECK(ledger.next(0, start) == 0U);
  CHECK(ledger.next(1, start) == 1U);
  CHECK(ledger.landed(0, 0, start + seconds(2)));
  CHECK(ledger.next(0, start + seconds(2)) == 2U);
  CHECK(ledger.landed(0, 2, start + seconds(4)));
  CHECK(ledger.patience() == seconds(18));
  CHECK_FALSE(ledger.overdue(start + seconds(18)).has_value());
  const auto repeat = ledger.overdue(start + seconds(18) + milliseconds(1));
  REQUIRE(repeat.has_value());
  CHECK(repeat->process == 0);
  CHECK(repeat->task == 1);
  CHECK(ledger.repeated() == 1);
  CHECK_FALSE(ledger.overdue(start + seconds(19)).has_value());
  CHECK(ledger.landed(0, 1, start + seconds(20)));
  CHECK(ledger.all_answered());
  // It was only slow: its answer comes second and does not count.
  CHECK_FALSE(ledger.landed(1, 1, start + seconds(21)));
}

TEST_CASE("a piece is not given to the process that has lost it, and can be lost twice") {
  Ledger ledger(1, 3, 1);
  CHECK(ledger.next(0, start) == 0U);
  const auto first = ledger.overdue(start + seconds(11));
  REQUIRE(first.has_value());
  CHECK(first->process == 1);
  const auto second = ledger.overdue(start + seconds(22));
  REQUIRE(second.has_value());
  CHECK(second->process == 2);
  // Now nobody is left who has not gone silent.
  CHECK_FALSE(ledger.overdue(start + seconds(33)).has_value());
  CHECK(ledger.landed(1, 0, start + seconds(34)));
  CHECK(ledger.all_answered());
}

TEST_CASE("whatever the speeds and whoever is lost, every piece is answered once while one process lives") {
  for (std::uint64_t trial = 0; trial < 200; ++trial) {
    std::uint64_t draws = 0;
    const auto draw = [&](std::int64_t low, std::int64_t high) {
      return random_integer({trial, 0, draws++, Purpose::test}, low, high);
    };
    const auto tasks = static_cast<std::size_t>(draw(0, 60));
    const auto processes = static_cast<std::size_t>(draw(1, 6));
    const auto threads = static_cast<std::size_t>(draw(1, 3));
    std::vector<bool> dies(processes);
    for (std::size_t i = 1; i < processes; ++i) dies[i] = draw(0, 2) == 0;
    Ledger ledger(tasks, processes, threads);
    std::vector<std::size_t> answers(tasks);
    struct Answer {
      std::size_t process;
      std::size_t task;
    };
    std::multimap<Ledger::Instant, Answer> coming;
    const auto give = [&](std::size_t process, std::size_t task, Ledger::Instant now) {
      if (dies[process] && draw(0, 4) == 0) return;
      coming.emplace(now + milliseconds(draw(1, 30000)), Answer{process, task});
    };
    const auto fill = [&](std::size_t process, Ledger::Instant now) {
      while (const auto task = ledger.next(process, now)) give(process, *task, now);
    };
    Ledger::Instant now = start;
    for (std::size_t i = 0; i < processes; ++i) fill(i, now);
    for (int step = 0; step < 100000 && !ledger.all_answered(); ++step) {
      now += milliseconds(250);
      while (!coming.empty() && coming.begin()->first <= now) {
        const Answer answer = coming.begin()->second;
        coming.erase(coming.begin());
        if (ledger.landed(answer.process, answer.task, now)) ++answers[answer.task];
        fill(answer.process, now);
      }
      if (const auto repeat = ledger.overdue(now)) give(repeat->process, repeat->task, now);
    }
    CHECK(ledger.all_answered());
    CHECK(std::set<std::size_t>(answers.begin(), answers.end()).count(0) == 0);
    for (const std::size_t count : answers) CHECK(count == 1);
  }
}
