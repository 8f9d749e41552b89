#include "tools/sweep/database.hpp"

#include <sqlite3.h>

#include "sim/base/error.hpp"

namespace memwall::tools::sweep {
namespace {

/// The reason in words; SQLite's own where it is good enough.
std::string reason(sqlite3* database, int code) {
  switch (code & 0xff) {
    case SQLITE_FULL: return "the disk is full";
    case SQLITE_IOERR: return "the file cannot be written or read (disk full, or larger than this process may write)";
    case SQLITE_READONLY:
    case SQLITE_PERM: return "no permission to write";
    case SQLITE_CANTOPEN: return "cannot be opened or made (no such folder, or no permission)";
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "is in use by another program, such as a sweep that still runs";
    case SQLITE_NOTADB: return "is no SQLite file";
    default: return database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  }
}

void check(int code, sqlite3* database, const std::string& path) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
  // What is wrong with a statement is wrong with the program and not with the user's disk.
  law((code & 0xff) != SQLITE_ERROR && (code & 0xff) != SQLITE_MISUSE && (code & 0xff) != SQLITE_CONSTRAINT &&
          (code & 0xff) != SQLITE_RANGE,
      database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code));
  throw InputError(path + ": " + reason(database, code));
}

}  // namespace

void Statement::Close::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Statement::Statement(sqlite3* database, std::string_view sql, const std::string& path)
    : database_(database), path_(path) {
  sqlite3_stmt* made = nullptr;
  check(sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &made, nullptr), database, path_);
  statement_.reset(made);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), parameter + 1, value), database_, path_);
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  check(sqlite3_bind_double(statement_.get(), parameter + 1, value), database_, path_);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  check(sqlite3_bind_text64(statement_.get(), parameter + 1, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8),
        database_, path_);
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  check(sqlite3_bind_null(statement_.get(), parameter + 1), database_, path_);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  sqlite3_reset(statement_.get());
  check(code, database_, path_);
  return false;
}

void Statement::run() {
  while (step()) {
  }
}

bool Statement::null_at(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
std::int64_t Statement::integer_at(int column) const { return sqlite3_column_int64(statement_.get(), column); }
double Statement::real_at(int column) const { return sqlite3_column_double(statement_.get(), column); }

std::string Statement::text_at(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text), size);
}

Database::Database(const std::string& path, Access access) : path_(access == Access::memory ? ":memory:" : path) {
  // One thread has the database, so that SQLite needs no locks of its own.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (access == Access::create ? SQLITE_OPEN_CREATE : 0);
  sqlite3* made = nullptr;
  const int code = sqlite3_open_v2(path_.c_str(), &made, flags, nullptr);
  database_.reset(made);
  check(code, made, path_);
  sqlite3_extended_result_codes(made, 1);
}

void Database::run(const std::string& sql) {
  check(sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr), database_.get(), path_);
}

Statement Database::prepare(std::string_view sql) { return {database_.get(), sql, path_}; }

std::string Database::pragma(const std::string& name) {
  Statement statement = prepare("PRAGMA " + name);
  return statement.step() ? statement.text_at(0) : std::string();
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.run("ROLLBACK");
  } catch (const std::exception&) {
    // A full disk has ended the transaction already; there is nothing left to undo.
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

}  // namespace memwall::tools::sweep
