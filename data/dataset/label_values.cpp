#include "data/dataset/label_values.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <unordered_map>
#include <vector>

#include "configs/schema/error.h"

namespace unet {
namespace {

/// Counts values of 8 or 16 bits.
template <class Value>
ValueCounts count_in_table(const cv::Mat& values) {
  std::vector<int64_t> histogram(size_t{std::numeric_limits<Value>::max()} + 1);
  for (int y = 0; y < values.rows; ++y) {
    const Value* row = values.ptr<Value>(y);
    std::for_each(row, row + values.cols, [&](Value value) { ++histogram[value]; });
  }
  ValueCounts counts;
  for (size_t value = 0; value < histogram.size(); ++value)
    if (histogram[value] > 0) counts.emplace_hint(counts.end(), static_cast<int64_t>(value), histogram[value]);
  return counts;
}

}  // namespace

void require_label_type(const cv::Mat& values) {
  for (const int type : {CV_8UC1, CV_16UC1, CV_32SC1, CV_8UC3})
    if (values.type() == type) return;
  fail(ErrorKind::internal, "mask values: got a matrix of type ", values.type(),
       ", expected CV_8UC1, CV_16UC1, CV_32SC1 or CV_8UC3");
}

double label_distance(int64_t a, int64_t b) {
  if (!is_color(a)) return static_cast<double>(std::abs(a - b));
  double squares = 0;
  for (const int shift : {0, 8, 16}) {
    const auto difference =
        static_cast<double>(((a - kFirstColor) >> shift & 0xFF) - ((b - kFirstColor) >> shift & 0xFF));
    squares += difference * difference;
  }
  return std::sqrt(squares);
}

ValueCounts count_values(const cv::Mat& values) {
  if (values.type() == CV_8UC1) return count_in_table<uint8_t>(values);
  if (values.type() == CV_16UC1) return count_in_table<uint16_t>(values);
  std::unordered_map<int64_t, int64_t> counts;
  int64_t* count = nullptr;  // of the latest value: neighbors are mostly equal
  int64_t latest = -1;
  for_each_value(values, [&](int, int, int64_t value) {
    if (count == nullptr || value != latest) {
      count = &counts[value];  // stays valid when the map grows
      latest = value;
      if (counts.size() > kMaxDistinctValues)
        fail(ErrorKind::data, "more than ", kMaxDistinctValues, " different values, expected one for each class. ",
             "This is an image, not a mask");
    }
    ++*count;
  });
  return {counts.begin(), counts.end()};
}

}  // namespace unet
