#include "data/samples/boundary_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "configs/schema/ignore_label.h"

namespace unet {
namespace {

constexpr int kNoObject = 0;
constexpr int kInfinite = std::numeric_limits<int>::max();

/// The nearest and the second nearest object of a pixel, with a measure of their distances.
struct NearestObjects {
  int first = kNoObject, second = kNoObject;
  int first_distance = kInfinite, second_distance = kInfinite;

  void add(int object, int distance) {
    if (distance >= second_distance) return;
    if (object == first) {
      first_distance = std::min(first_distance, distance);
    } else if (distance < first_distance) {
      second = first;
      second_distance = first_distance;
      first = object;
      first_distance = distance;
    } else {
      second = object;
      second_distance = distance;
    }
  }
};

/// Numbers the objects of a mask from 1; returns how many there are.
int label_objects(const cv::Mat& mask, cv::Mat& objects) {
  objects = cv::Mat(mask.size(), CV_32S, cv::Scalar(kNoObject));
  std::array<bool, 256> is_present{};
  for (int y = 0; y < mask.rows; ++y)
    for (int x = 0; x < mask.cols; ++x) is_present[mask.at<uchar>(y, x)] = true;
  is_present[0] = is_present[kIgnoreLabel] = false;
  int count = 0;
  for (size_t label = 0; label < is_present.size(); ++label) {
    if (!is_present[label]) continue;
    const cv::Mat pixels = mask == static_cast<double>(label);
    cv::Mat parts;
    const int found = cv::connectedComponents(pixels, parts, 8, CV_32S) - 1;
    parts += count;
    parts.copyTo(objects, pixels);
    count += found;
  }
  return count;
}

/// Finds the two nearest objects of each pixel within its column, up to `reach` pixels away.
std::vector<NearestObjects> nearest_in_columns(const cv::Mat& objects, int reach) {
  const int height = objects.rows, width = objects.cols;
  std::vector<NearestObjects> nearest(static_cast<size_t>(height) * static_cast<size_t>(width));
  const auto sweep = [&](int begin, int end, int step) {
    struct Seen {
      int object = kNoObject, row = 0;
    };
    std::vector<std::array<Seen, 2>> seen(static_cast<size_t>(width));  // the last two objects of each column
    for (int y = begin; y != end; y += step) {
      const int* const row = objects.ptr<int>(y);
      NearestObjects* const out = &nearest[static_cast<size_t>(y) * static_cast<size_t>(width)];
      for (int x = 0; x < width; ++x) {
        auto& [last, before] = seen[static_cast<size_t>(x)];
        if (row[x] != kNoObject) {
          if (row[x] != last.object) before = last;
          last = {row[x], y};
        }
        for (const Seen& found : {last, before})
          if (found.object != kNoObject && std::abs(y - found.row) <= reach)
            out[x].add(found.object, std::abs(y - found.row));
      }
    }
  };
  sweep(0, height, 1);
  sweep(height - 1, -1, -1);
  return nearest;
}

/// Finds the two nearest objects of a pixel among those nearest in the columns of its row; squared distances. Columns
/// hold two objects each, which suffices: an object with two others nearer in its column is not the second nearest.
/// Objects whose distances sum to more than `reach` may be missed.
NearestObjects nearest_in_row(const NearestObjects* row, int width, int x, int reach) {
  NearestObjects nearest;
  const auto add_column = [&](int column, int offset) {
    const NearestObjects& found = row[column];
    const int square = offset * offset;
    if (found.first != kNoObject) nearest.add(found.first, found.first_distance * found.first_distance + square);
    if (found.second != kNoObject) nearest.add(found.second, found.second_distance * found.second_distance + square);
  };
  add_column(x, 0);
  const int last = std::min(reach, std::max(x, width - 1 - x));
  for (int offset = 1; offset <= last && offset * offset < nearest.second_distance; ++offset) {
    const int rest = reach - offset;  // what is found from here on is at least `offset` away
    if (rest * rest < std::min(nearest.first_distance, offset * offset)) break;
    if (x >= offset) add_column(x - offset, offset);
    if (x + offset < width) add_column(x + offset, offset);
  }
  return nearest;
}

}  // namespace

cv::Mat boundary_map(const cv::Mat& mask, const BoundaryWeights& weights) {
  cv::Mat map(mask.size(), CV_32F, cv::Scalar(1)), objects;
  if (label_objects(mask, objects) < 2) return map;
  constexpr double kReach = 6;  // standard deviations; farther terms are below exp(-18)
  const int reach = static_cast<int>(std::min(std::ceil(kReach * weights.sigma), 1.0 * std::max(mask.rows, mask.cols)));
  const std::vector<NearestObjects> columns = nearest_in_columns(objects, reach);
  const double scale = -1 / (2 * weights.sigma * weights.sigma);
  for (int y = 0; y < mask.rows; ++y) {
    const NearestObjects* const row = &columns[static_cast<size_t>(y) * static_cast<size_t>(mask.cols)];
    auto* const out = map.ptr<float>(y);
    for (int x = 0; x < mask.cols; ++x) {
      const NearestObjects nearest = nearest_in_row(row, mask.cols, x, reach);
      if (nearest.second == kNoObject) continue;
      const double sum = std::sqrt(nearest.first_distance) + std::sqrt(nearest.second_distance);
      out[x] = static_cast<float>(1 + weights.w0 * std::exp(scale * sum * sum));
    }
  }
  return map;
}

}  // namespace unet
