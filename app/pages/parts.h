#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/pages/html.h"

namespace unet {

// Parts that pages are made of; style.cpp has their style.

/// A chapter under a heading. `id` is its anchor.
Html chapter(const std::string& id, const std::string& title, const Html& content);

/// Links to chapters: anchors and texts.
Html contents(const std::vector<std::pair<std::string, std::string>>& chapters);

/// Names with their values, side by side where there is room.
using FactList = std::vector<std::pair<std::string, Html>>;
Html facts_list(const FactList& facts);

/// A table whose first column names its rows. Cells of the other columns are aligned to the right. Wide tables scroll.
struct PageTable {
  std::string caption;
  std::vector<std::string> head;
  std::vector<std::vector<Html>> rows;
};
Html table_html(const PageTable& table);

/// A share in [0,1] as a bar with its text.
Html share_bar(double share, const std::string& text);

/// A bar from `low` to `high` on a scale of [0,1], with a mark at `middle`.
Html range_bar(double low, double middle, double high);

/// A square in the color of a class, "#rrggbb".
Html swatch(const std::string& color);

/// Commands to copy, one per line.
Html command_lines(const std::vector<std::string>& lines);

/// A message of the program: its further lines become a list, and settings to type stand out.
Html message(const std::string& text);

/// A list whose rest, after the first `shown` items, is folded away.
Html folded_list(const std::vector<Html>& items, size_t shown);

/// A picture with a caption.
struct Figure {
  std::string uri;  ///< data URI; "" if there is no picture
  std::string alt;
  Html caption;
  bool is_marked = false;  ///< framed as suspicious
};
Html figure_html(const Figure& figure);

/// Figures side by side, as many as there is room for.
Html gallery(const std::vector<Figure>& figures);

}  // namespace unet
