// The team under MPI: the first process hands out pieces one by one and takes answers; every process, the first one
// included, works in threads of its own while its main thread talks. Only main threads call MPI.
#include <fmt/format.h>
#include <mpi.h>

#include <charconv>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <utility>

#include "sim/base/error.hpp"
#include "tools/work/ledger.hpp"
#include "tools/work/local_workers.hpp"
#include "tools/work/mpi.hpp"

namespace memwall::tools {
namespace {

using Clock = std::chrono::steady_clock;

/// How long a main thread sleeps when there is nothing to say. Short against a piece of work (milliseconds and more),
/// long against the microsecond that looking for a message takes.
constexpr std::chrono::microseconds nap{300};

constexpr int leader = 0;
enum Tag : int { tag_begin = 1, tag_task = 2, tag_answer = 3, tag_end = 4, tag_bye = 5 };
enum Outcome : std::size_t { outcome_answer = 0, outcome_input_error = 1, outcome_defect = 2 };

struct Message {
  int process = 0;
  int tag = 0;
  std::string text;
};

/// Messages that are sent and received without waiting for the other side, so that two processes that send at the same
/// time never wait for each other.
class Post {
 public:
  void send(int process, int tag, std::string text) {
    outgoing_.push_back({MPI_REQUEST_NULL, std::move(text)});
    Parcel& parcel = outgoing_.back();
    MPI_Isend(parcel.text.data(), static_cast<int>(parcel.text.size()), MPI_CHAR, process, tag, MPI_COMM_WORLD,
              &parcel.request);
  }

  [[nodiscard]] std::optional<Message> receive() {
    int there = 0;
    MPI_Message handle = MPI_MESSAGE_NULL;
    MPI_Status status;
    MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &handle, &status);
    if (there == 0) return std::nullopt;
    int size = 0;
    MPI_Get_count(&status, MPI_CHAR, &size);
    Message message{status.MPI_SOURCE, status.MPI_TAG, std::string(static_cast<std::size_t>(size), '\0')};
    MPI_Mrecv(message.text.data(), size, MPI_CHAR, &handle, &status);
    return message;
  }

  /// Lets go of what has arrived; whether everything has.
  bool tidy() {
    for (auto at = outgoing_.begin(); at != outgoing_.end();) {
      int gone = 0;
      MPI_Test(&at->request, &gone, MPI_STATUS_IGNORE);
      at = gone != 0 ? outgoing_.erase(at) : std::next(at);
    }
    return outgoing_.empty();
  }

 private:
  struct Parcel {
    MPI_Request request;
    std::string text;
  };
  std::list<Parcel> outgoing_;
};

/// "3 17\n..." : whole numbers, then words.
std::string packed(std::initializer_list<std::size_t> numbers, const std::string& words) {
  std::string out;
  for (const std::size_t number : numbers) out += std::to_string(number) + ' ';
  out.back() = '\n';
  return out + words;
}

std::vector<std::size_t> unpack(std::string& text) {
  std::vector<std::size_t> numbers;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at != end) {
    std::size_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    law(error == std::errc() && next != end, "a message between processes begins with numbers");
    numbers.push_back(number);
    at = next + 1;
    if (*next == '\n') break;
  }
  text.erase(0, static_cast<std::size_t>(at - text.data()));
  return numbers;
}

std::string words_of_failure(const std::exception_ptr& failure, Outcome& outcome) {
  outcome = outcome_defect;
  try {
    std::rethrow_exception(failure);
  } catch (const InputError& error) {
    outcome = outcome_input_error;
    return error.what();
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "something that is no exception was thrown";
  }
}

class MpiTeam final : public Team {
 public:
  MpiTeam(const Prepare& prepare, std::size_t processes) : prepare_(prepare), processes_(processes) {}

  [[nodiscard]] std::size_t processes() const override { return processes_; }

  TeamRun run(const std::string& context, const std::vector<std::string>& tasks, std::size_t threads,
              const Take& take) override {
    ++run_;
    if (tasks.empty()) return {processes_, 0};
    for (std::size_t other = 1; other < processes_; ++other) {
      post_.send(static_cast<int>(other), tag_begin, packed({run_, threads}, context));
    }
    Ledger ledger(tasks.size(), processes_, threads);
    LocalWorkers workers(prepare_(context), threads);
    const auto give = [&](std::size_t process, std::size_t task) {
      if (process == leader) {
        workers.give(task, tasks[task]);
      } else {
        post_.send(static_cast<int>(process), tag_task, packed({task}, tasks[task]));
      }
    };
    const auto fill = [&](std::size_t process) {
      while (const auto task = ledger.next(process, Clock::now())) give(process, *task);
    };
    const auto landed = [&](std::size_t process, std::size_t task, const std::string& answer) {
      const bool counts = ledger.landed(process, task, Clock::now());
      fill(process);
      if (counts) take(task, answer);
    };
    for (std::size_t process = 0; process < processes_; ++process) fill(process);
    while (!ledger.all_answered()) {
      for (const DonePiece& piece : workers.done(nap)) {
        if (piece.failure) std::rethrow_exception(piece.failure);
        landed(leader, piece.task, piece.answer);
      }
      while (std::optional<Message> message = post_.receive()) {
        if (const auto task = answer_of(*message)) {
          landed(static_cast<std::size_t>(message->process), *task, message->text);
        }
      }
      post_.tidy();
      if (const auto repeat = ledger.overdue(Clock::now())) give(repeat->process, repeat->task);
    }
    patience_ = ledger.patience();
    return {processes_, ledger.repeated()};
  }

  /// Sends the others home. Answers whether all have said goodbye; those that have not are lost.
  bool release() {
    for (std::size_t other = 1; other < processes_; ++other) {
      post_.send(static_cast<int>(other), tag_end, packed({run_}, ""));
    }
    const Clock::time_point deadline = Clock::now() + patience_;
    for (std::size_t missing = processes_ - 1; missing > 0 || !post_.tidy();) {
      if (const std::optional<Message> message = post_.receive()) {
        if (message->tag == tag_bye) --missing;
      } else if (Clock::now() > deadline) {
        return false;
      } else {
        std::this_thread::sleep_for(nap);
      }
    }
    return true;
  }

 private:
  /// Which task a message answers, with its words left in the message; nothing for answers of an earlier run.
  std::optional<std::size_t> answer_of(Message& message) const {
    if (message.tag != tag_answer) return std::nullopt;
    const std::vector<std::size_t> numbers = unpack(message.text);
    law(numbers.size() == 3, "an answer names its run, its task and its outcome");
    if (numbers[0] != run_) return std::nullopt;
    if (numbers[2] == outcome_input_error) throw InputError(message.text);
    if (numbers[2] == outcome_defect) {
      throw LogicError(fmt::format("process {}: {}", message.process, message.text));
    }
    return numbers[1];
  }

  const Prepare& prepare_;
  std::size_t processes_;
  Post post_;
  std::size_t run_ = 0;
  Ledger::Span patience_ = std::chrono::seconds(10);  ///< before a process that says nothing is taken for lost
};

/// What every process but the first does: work until it is sent home. It ends with 0 whatever became of the work: a
/// launcher that sees another code ends the whole job at once, the first process among it, which may not have said yet
/// what went wrong.
class Follower {
 public:
  explicit Follower(const Prepare& prepare) : prepare_(prepare) {}

  int serve() {
    while (true) {
      while (std::optional<Message> message = post_.receive()) {
        const std::vector<std::size_t> numbers = unpack(message->text);
        if (message->tag == tag_end) return leave();
        if (message->tag == tag_begin) begin(numbers[0], numbers[1], message->text);
        if (message->tag == tag_task) workers_->give(numbers[0], std::move(message->text));
      }
      if (workers_) {
        for (const DonePiece& piece : workers_->done(nap)) answer(piece);
      } else {
        std::this_thread::sleep_for(nap);
      }
      post_.tidy();
    }
  }

 private:
  void begin(std::size_t run, std::size_t threads, const std::string& context) {
    run_ = run;
    workers_.reset();
    Work work;
    try {
      work = prepare_(context);
    } catch (...) {
      // Told as the answer to the first task, because that is where the first process looks.
      work = [failure = std::current_exception()](const std::string&) -> std::string {
        std::rethrow_exception(failure);
      };
    }
    workers_ = std::make_unique<LocalWorkers>(std::move(work), threads);
  }

  void answer(const DonePiece& piece) {
    Outcome outcome = outcome_answer;
    const std::string words = piece.failure ? words_of_failure(piece.failure, outcome) : piece.answer;
    post_.send(leader, tag_answer, packed({run_, piece.task, outcome}, words));
  }

  int leave() {
    workers_.reset();
    post_.send(leader, tag_bye, "");
    while (!post_.tidy()) std::this_thread::sleep_for(nap);
    return 0;
  }

  const Prepare& prepare_;
  Post post_;
  std::size_t run_ = 0;
  std::unique_ptr<LocalWorkers> workers_;
};

int lead_all(const Prepare& prepare, const std::function<int(Team&)>& lead, int processes) {
  MpiTeam team(prepare, static_cast<std::size_t>(processes));
  int exit_code = 3;
  std::exception_ptr failure;
  try {
    exit_code = lead(team);
  } catch (const InputError&) {
    failure = std::current_exception();
    exit_code = 2;
  } catch (...) {
    failure = std::current_exception();
  }
  if (!team.release()) {
    // Whoever is lost would keep MPI_Finalize waiting for ever. All is written by now; what was thrown is told here.
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      fmt::print(stderr, "memwall: {}\n", error.what());
    }
    fmt::print(stderr, "memwall: some processes are lost; the others did their work\n");
    std::fflush(stdout);
    MPI_Abort(MPI_COMM_WORLD, exit_code);
  }
  if (failure) {
    MPI_Finalize();
    std::rethrow_exception(failure);
  }
  return exit_code;
}

}  // namespace

bool mpi_is_built_in() { return true; }

int with_mpi_team(const Prepare& prepare, const std::function<int(Team&)>& lead) {
  int support = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &support);
  law(support >= MPI_THREAD_FUNNELED, "MPI must let a process have threads of its own");
  int rank = 0;
  int processes = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &processes);
  const int exit_code = rank == leader ? lead_all(prepare, lead, processes) : Follower(prepare).serve();
  MPI_Finalize();
  return exit_code;
}

}  // namespace memwall::tools
