#pragma once

#include <opencv2/core.hpp>

#include "data/samples/sample_source.h"

namespace unet {

/// A map from output pixels to source positions, by which a sample is interpolated once:
///   source = center + linear * (q / (1 + perspective . q) + displacement),  q = output - output center.
/// Pixel centers have integer coordinates. Any homography has this form. The displacement is in output pixels, whatever
/// linear steps are composed. Steps are composed in the order linear, projective, displacements.
struct Warp {
  cv::Size output;     ///< size of the crop, pixels
  cv::Point2d center;  ///< in the source, pixels
  cv::Matx22d linear = cv::Matx22d::eye();
  cv::Mat displacement = {};       ///< CV_32FC2 of the output's size, pixels; empty: none
  cv::Vec2d perspective = {0, 0};  ///< 1/pixel; 0: the warp is affine but for the displacement
  cv::Size source = {};            ///< size of the image; 0x0 if unknown
};

/// Center of an image of this size, where pixel centers have integer coordinates.
inline cv::Point2d center_of(cv::Size size) { return {(size.width - 1) / 2.0, (size.height - 1) / 2.0}; }

/// Applies a homography of offsets from the output center before the linear steps composed so far. `step` maps (0,0) to
/// a finite point. The warp has neither perspective nor displacement yet.
void compose_projective(Warp& warp, const cv::Matx33d& step);

/// Adds a field of displacements, CV_32FC2 of the output's size, to those composed so far.
void add_displacement(Warp& warp, const cv::Mat& field);

/// Returns the source position of each output pixel, CV_32FC2.
cv::Mat source_positions(const Warp& warp);

/// Returns the part of a source of this size that the warp reads, mirrored at the borders.
cv::Rect needed_part(const Warp& warp, cv::Size source);

/// Warps `sample` at the image's own depth: image linear and mirrored outside the source, mask by nearest neighbor and
/// kIgnoreLabel outside. Exact, without interpolation, where output pixels fall on input pixels: integer shifts, flips
/// and quarter turns. Only the needed part is read. Shares no memory with `sample`.
Sample apply_warp(const Warp& warp, const SampleSource& sample);

inline Sample apply_warp(const Warp& warp, const Sample& sample) { return apply_warp(warp, DecodedSample(sample)); }

}  // namespace unet
