// A page for a browser from a list of sections: one file that needs no network.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tools/page/chart.hpp"

namespace memwall::tools::page {

struct Paragraph {
  std::string text;
};

/// Text as a terminal shows it.
struct Printed {
  std::string text;
};

/// Numbers that come first, large.
struct Tiles {
  struct Tile {
    std::string label;
    std::string value;    ///< as a person reads it, with its unit
    std::string note;     ///< basis, range, objective; may be empty
    std::string pointer;  ///< of the number in summary.json, for whoever checks the page; may be empty
    double number = 0;    ///< what stands at `pointer`
  };
  std::vector<Tile> tiles;
};

struct Table {
  std::string caption;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  ///< as many cells as there are columns
  std::size_t text_columns = 1;                ///< the first ones are set left, numbers behind them right
  bool folded = false;                         ///< closed until somebody opens it
};

/// A picture that is drawn already: an SVG element whose texts are escaped.
struct Picture {
  std::string svg;
  std::string caption;
};

/// Stretches of time that a reader can move and zoom through. `pieces` is JSON as page.js reads it (see
/// tools/report/pieces.hpp); the charts are drawn anew for each stretch that is looked at.
struct Explorer {
  Chart overview;  ///< of the whole time, with an interval parameter "window" over x
  Chart shares;    ///< bars over bins of the stretch: data set "bins" of {t0, t1, tier, share}
  Chart limits;    ///< the same by limit: data set "bins" of {t0, t1, limit, share}
  Chart single;    ///< single pieces: data set "pieces" of {t0, t1, lane, tier, limit, ...}
  std::string pieces;
};

using Block = std::variant<Paragraph, Printed, Tiles, Table, Chart, Picture, Explorer>;

struct Section {
  std::string id;  ///< letters, digits and hyphens
  std::string heading;
  std::vector<Block> blocks;
};

struct Page {
  std::string title;
  std::string subtitle;
  std::vector<Section> sections;
};

/// The whole page. Every text is escaped. Throws InputError in a program that was built without the libraries of
/// charts.
[[nodiscard]] std::string html(const Page& page);

/// Every chart by its id with its specification, for notebooks.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> specifications(const Page& page);

/// Throws InputError, with what to do, where this program cannot make pages.
void require_pages();

}  // namespace memwall::tools::page
