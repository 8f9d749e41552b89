// SQLite, as far as a sweep needs it. Its C interface stays behind database.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace memwall::tools::sweep {

/// A statement that was compiled once and is run often. Columns and parameters count from 0.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql, const std::string& path);

  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, double value);
  Statement& bind(int parameter, std::string_view text);
  Statement& bind_null(int parameter);

  /// To the next row; false behind the last, and then the statement can be bound and run anew. Throws InputError.
  bool step();
  /// Runs a statement that has no rows.
  void run();

  [[nodiscard]] bool null_at(int column) const;
  [[nodiscard]] std::int64_t integer_at(int column) const;
  [[nodiscard]] double real_at(int column) const;
  [[nodiscard]] std::string text_at(int column) const;

 private:
  struct Close {
    void operator()(sqlite3_stmt* statement) const;
  };
  sqlite3* database_;
  std::string path_;
  std::unique_ptr<sqlite3_stmt, Close> statement_;
};

/// One file, or none: then all is in memory. Every member throws InputError with the path and the reason: no
/// permission, disk full, in use by another program, not a database.
class Database {
 public:
  enum class Access { create, change, memory };

  /// `create` makes the file where there is none; `change` throws.
  Database(const std::string& path, Access access);

  void run(const std::string& sql);
  [[nodiscard]] Statement prepare(std::string_view sql);
  /// Runs "PRAGMA name" and answers what it says.
  std::string pragma(const std::string& name);

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  std::string path_;
  std::unique_ptr<sqlite3, Close> database_;
};

/// Several changes of a database as one: all of them, or none where it goes out of scope before `commit`.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) { database_.run("BEGIN IMMEDIATE"); }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace memwall::tools::sweep
