#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "data/dataset/shapes.h"

namespace unet {

using Outline = std::vector<cv::Point2d>;

/// Makes an outline of x0, y0, x1, y1, ... Throws Error(data), beginning with `place`, for an odd count and for
/// coordinates that no image has.
Outline outline_of(const std::vector<double>& numbers, const std::string& place);

/// The same of separate coordinates, which must be equally many.
Outline outline_of(const std::vector<double>& x, const std::vector<double>& y, const std::string& place);

/// A rectangle with two opposite corners, turned clockwise (as seen) about its center.
Outline rectangle_outline(cv::Point2d corner, cv::Point2d opposite, double degrees = 0);

/// An ellipse turned clockwise (as seen). Its outline deviates less than a twentieth of a pixel for radii up to 1000.
Outline ellipse_outline(cv::Point2d center, cv::Point2d radii, double degrees = 0);

/// Whether points enclose an area: there are at least three.
inline bool has_area(const Outline& outline) { return outline.size() >= 3; }

/// Decodes the text of a compressed COCO mask. Throws Error(data), beginning with `place`.
/// Source: rleFrString in pycocotools' maskApi.c.
std::vector<uint32_t> decode_runs(const std::string& text, const std::string& place);

/// Rectangles that cover the ones of a mask: runs of 0 and 1 in turn, row by row of a box at `corner`. Throws
/// Error(data), beginning with `place`, unless the runs fill the box.
std::vector<Outline> run_outlines(const std::vector<double>& runs, cv::Point corner, cv::Size box,
                                  const std::string& place);

/// Reads numbers separated by any of the characters of `separators`. Throws Error(data), beginning with `place`.
std::vector<double> read_numbers(const std::string& text, const char* separators, const std::string& place);

}  // namespace unet
