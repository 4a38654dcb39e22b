#include "data/convert/regions.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace unet {
namespace {

/// Sets of provisional numbers that turned out to be one region. The smallest number stands for the set.
class NumberSets {
 public:
  int add() {
    parents_.push_back(static_cast<int>(parents_.size()));
    return parents_.back();
  }
  int find(int number) {
    while (parent(number) != number) number = parent(number) = parent(parent(number));
    return number;
  }
  int join(int a, int b) {
    const auto [low, high] = std::minmax({find(a), find(b)});
    return parent(high) = low;
  }
  size_t size() const { return parents_.size(); }

 private:
  int& parent(int number) { return parents_[static_cast<size_t>(number)]; }
  std::vector<int> parents_{0};
};

/// Numbers pixels so that neighbors of one id have numbers of one set.
cv::Mat provisional_numbers(const cv::Mat& ids, NumberSets& sets) {
  cv::Mat numbers(ids.size(), CV_32SC1, cv::Scalar(0));
  for (int y = 0; y < ids.rows; ++y)
    for (int x = 0; x < ids.cols; ++x) {
      const int id = ids.at<int>(y, x);
      if (id == 0) continue;
      const int left = x > 0 && ids.at<int>(y, x - 1) == id ? numbers.at<int>(y, x - 1) : 0;
      const int above = y > 0 && ids.at<int>(y - 1, x) == id ? numbers.at<int>(y - 1, x) : 0;
      numbers.at<int>(y, x) = left != 0 && above != 0 ? sets.join(left, above)
                              : left != 0             ? left
                              : above != 0            ? above
                                                      : sets.add();
    }
  return numbers;
}

/// Follows a border from the left end of the upper edge of a pixel, with the region on the right. Where two pixels of
/// the region touch by a corner only, it stays at the same pixel. Marks the upper edges that it passes in `seen`.
std::vector<cv::Point> follow_border(const cv::Mat& numbers, const cv::Point& start, cv::Mat& seen) {
  // East, south, west, north: a step along an edge, and the pixel ahead on the right of its end.
  static const cv::Point kSteps[] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
  static const cv::Point kRight[] = {{0, 0}, {-1, 0}, {-1, -1}, {0, -1}};
  const int number = numbers.at<int>(start);
  const cv::Rect image({}, numbers.size());
  const auto is_inside = [&](const cv::Point& pixel) {
    return image.contains(pixel) && numbers.at<int>(pixel) == number;
  };
  std::vector<cv::Point> corners;
  cv::Point at = start;
  size_t direction = 0;
  do {
    if (direction == 0) seen.at<uint8_t>(at) = 1;
    at += kSteps[direction];
    const bool right = is_inside(at + kRight[direction]), left = is_inside(at + kRight[(direction + 3) % 4]);
    const size_t turn = !right ? 1 : left ? 3 : 0;
    if (turn != 0) corners.push_back(at);
    direction = (direction + turn) % 4;
  } while (at != start || direction != 0);
  return corners;
}

/// An outline to which the borders of holes are added.
class JoinedBorder {
 public:
  explicit JoinedBorder(const std::vector<cv::Point>& outer) { add_loop(outer, 0); }

  /// Adds a hole by a slit that leads west from `corner`, one of its leftmost corners, to the outline.
  void add_hole(const std::vector<cv::Point>& hole, size_t corner, int slit_end) {
    const cv::Point end(slit_end, hole[corner].y);
    const size_t before = node_at(end), after = nodes_[before].next;
    const size_t first = nodes_.size();
    add_loop(hole, corner);
    const size_t last = add_node(hole[corner]), back = add_node(end);
    nodes_[before].next = first;
    nodes_[last - 1].next = last;
    nodes_[last].next = back;
    nodes_[back].next = after;
    note_edge(back);
  }

  std::vector<cv::Point> corners() const {
    std::vector<cv::Point> all;
    size_t node = 0;
    do {
      all.push_back(nodes_[node].at);
      node = nodes_[node].next;
    } while (node != 0);
    return all;
  }

 private:
  struct Node {
    cv::Point at;
    size_t next;
  };

  size_t add_node(const cv::Point& at) {
    nodes_.push_back({at, 0});
    return nodes_.size() - 1;
  }

  /// Adds the corners of a closed border, beginning with one of them.
  void add_loop(const std::vector<cv::Point>& corners, size_t begin) {
    const size_t first = nodes_.size();
    for (size_t i = 0; i < corners.size(); ++i) {
      add_node(corners[(begin + i) % corners.size()]);
      nodes_.back().next = i + 1 < corners.size() ? nodes_.size() : first;
    }
    for (size_t i = first; i < nodes_.size(); ++i) note_edge(i);
  }

  /// Makes a vertical edge, from this node to the next, findable.
  void note_edge(size_t node) {
    if (nodes_[node].at.x == nodes_[nodes_[node].next].at.x) edges_[nodes_[node].at.x].push_back(node);
  }

  /// Returns a node at this point of a vertical edge, a new one if it is not a corner.
  size_t node_at(const cv::Point& point) {
    for (const size_t node : edges_[point.x]) {
      const size_t next = nodes_[node].next;
      const cv::Point from = nodes_[node].at, to = nodes_[next].at;
      const auto [low, high] = std::minmax(from.y, to.y);
      if (to.x != point.x || point.y < low || point.y > high) continue;
      if (from == point) return node;
      if (to == point) return next;
      const size_t middle = add_node(point);
      nodes_[middle].next = next;
      nodes_[node].next = middle;
      note_edge(middle);
      return middle;
    }
    return 0;
  }

  std::vector<Node> nodes_;
  std::unordered_map<int, std::vector<size_t>> edges_;  ///< nodes where vertical edges begin, by x
};

}  // namespace

Regions find_regions(const cv::Mat& ids) {
  NumberSets sets;
  Regions regions{provisional_numbers(ids, sets), {}};
  std::vector<int> final_numbers(sets.size(), 0);
  cv::Mat seen(ids.size(), CV_8UC1, cv::Scalar(0));
  for (int y = 0; y < ids.rows; ++y)
    for (int x = 0; x < ids.cols; ++x) {
      int& number = regions.numbers.at<int>(y, x);
      if (number == 0) continue;
      int& final_number = final_numbers[static_cast<size_t>(sets.find(number))];
      if (final_number == 0) {
        regions.items.push_back({{x, y}, {x, y, 1, 1}, 0, {}});
        final_number = static_cast<int>(regions.items.size());
      }
      number = final_number;
      Region& region = regions.items[static_cast<size_t>(number - 1)];
      region.box |= cv::Rect(x, y, 1, 1);
      ++region.pixels;
    }
  for (int y = 0; y < ids.rows; ++y)
    for (int x = 0; x < ids.cols; ++x) {
      const int number = regions.numbers.at<int>(y, x);
      if (number == 0 || seen.at<uint8_t>(y, x) != 0) continue;
      if (y > 0 && regions.numbers.at<int>(y - 1, x) == number) continue;
      regions.items[static_cast<size_t>(number - 1)].borders.push_back(follow_border(regions.numbers, {x, y}, seen));
    }
  return regions;
}

std::vector<cv::Point> joined_border(const Region& region) {
  struct Hole {
    const std::vector<cv::Point>* border;
    size_t corner;
    cv::Point at;
  };
  if (region.borders.size() == 1) return region.borders[0];
  std::vector<Hole> holes;
  for (size_t i = 1; i < region.borders.size(); ++i) {
    const std::vector<cv::Point>& border = region.borders[i];
    const auto leftmost = std::min_element(border.begin(), border.end(),
                                           [](const cv::Point& a, const cv::Point& b) { return a.x < b.x; });
    holes.push_back({&border, static_cast<size_t>(leftmost - border.begin()), *leftmost});
  }
  // A slit to the west ends at the outer border or at a hole that begins further west, which is already joined.
  std::sort(holes.begin(), holes.end(),
            [](const Hole& a, const Hole& b) { return a.at.x != b.at.x ? a.at.x < b.at.x : a.at.y < b.at.y; });
  // Where the borders cross or touch each horizontal line between pixels.
  std::unordered_map<int, std::vector<int>> stops;
  for (const Hole& hole : holes) stops[hole.at.y];
  for (const std::vector<cv::Point>& border : region.borders)
    for (size_t i = 0; i < border.size(); ++i) {
      const cv::Point &a = border[i], &b = border[(i + 1) % border.size()];
      if (a.x != b.x) continue;
      for (int y = std::min(a.y, b.y); y <= std::max(a.y, b.y); ++y)
        if (const auto line = stops.find(y); line != stops.end()) line->second.push_back(a.x);
    }
  for (auto& [y, line] : stops) std::sort(line.begin(), line.end());
  JoinedBorder joined(region.borders[0]);
  for (const Hole& hole : holes) {
    const std::vector<int>& line = stops[hole.at.y];
    const auto here = std::lower_bound(line.begin(), line.end(), hole.at.x);
    joined.add_hole(*hole.border, hole.corner, *std::prev(here));
  }
  return joined.corners();
}

std::vector<uint32_t> run_lengths(const cv::Mat& numbers, int number, const cv::Rect& box) {
  std::vector<uint32_t> runs;
  int64_t end = 0;  // of the last run that has the number
  for (int x = box.x; x < box.x + box.width; ++x)
    for (int y = box.y; y < box.y + box.height; ++y) {
      if (numbers.at<int>(y, x) != number) continue;
      const int64_t position = int64_t{x} * numbers.rows + y;
      if (position == end && !runs.empty()) {
        ++runs.back();
      } else {
        runs.push_back(static_cast<uint32_t>(position - end));
        runs.push_back(1);
      }
      end = position + 1;
    }
  const int64_t rest = static_cast<int64_t>(numbers.total()) - end;
  if (rest > 0) runs.push_back(static_cast<uint32_t>(rest));
  return runs;
}

}  // namespace unet
