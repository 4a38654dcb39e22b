#include "data/synthetic/synthetic.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <iomanip>
#include <opencv2/imgproc.hpp>
#include <sstream>
#include <vector>

#include "configs/schema/error.h"
#include "data/images/image_io.h"
#include "data/samples/rng.h"

namespace unet {
namespace {

using Color = cv::Vec3f;  // RGB in [0,1]

/// Turns a sine into a wave between -1 and 1 with steep, soft steps.
double stepped(double sine) { return std::tanh(3 * sine); }

double wave(double position, double period) { return std::sin(2 * CV_PI * position / period); }

// Signed distances, pixels, negative inside; `radius` is about that of a disc of equal area.

double disc_distance(cv::Point2d p, double radius) { return std::hypot(p.x, p.y) - radius; }

double box_distance(cv::Point2d p, double radius) {
  const double half = 0.88 * radius;
  const double x = std::abs(p.x) - half, y = std::abs(p.y) - half;
  return std::hypot(std::max(x, 0.0), std::max(y, 0.0)) + std::min(std::max(x, y), 0.0);
}

double triangle_distance(cv::Point2d p, double radius) {
  const double inradius = 0.75 * radius;
  double furthest = -p.y;
  for (const double side : {-1.0, 1.0}) furthest = std::max(furthest, side * p.x * std::sqrt(0.75) + p.y * 0.5);
  return furthest - inradius;
}

double ring_distance(cv::Point2d p, double radius) {
  return std::abs(std::hypot(p.x, p.y) - 0.85 * radius) - 0.35 * radius;
}

// Textures of mean 0, so that they do not change the mean color.

double stripes(cv::Point2d p, double period, double) { return stepped(wave(p.x, period)); }

double checkers(cv::Point2d p, double period, double) {
  return stepped(2 * wave(p.x, 1.5 * period) * wave(p.y, 1.5 * period));
}

double dots(cv::Point2d p, double period, double) {
  const double x = p.x / period - std::round(p.x / period), y = p.y / period - std::round(p.y / period);
  const double inside = 0.5 - 0.5 * std::tanh(0.9 * period * (std::hypot(x, y) - 0.32));
  return 2 * (inside - 0.33);
}

double spokes(cv::Point2d p, double period, double radius) {
  const double count = std::round(2 * CV_PI * 0.85 * radius / period);
  return stepped(std::sin(count * std::atan2(p.y, p.x)));
}

/// Shape and texture of the objects of one class, in coordinates relative to the object's center.
struct Kind {
  double (*distance)(cv::Point2d p, double radius);
  double (*texture)(cv::Point2d p, double period, double radius);
};

/// Kinds by class index minus one; class 0 is the background.
constexpr std::array<Kind, 4> kKinds{
    {{disc_distance, stripes}, {box_distance, checkers}, {triangle_distance, dots}, {ring_distance, spokes}}};

struct Object {
  int label = 1;
  cv::Point2d center;
  double radius = 0;    // pixels
  double angle = 0;     // radians
  double period = 0;    // of the texture, pixels
  double contrast = 0;  // of the texture, relative to the color
  Color color;

  const Kind& kind() const { return kKinds[static_cast<size_t>(label - 1)]; }
  cv::Point2d local(cv::Point2d p) const {
    const cv::Point2d d = p - center;
    const double c = std::cos(angle), s = std::sin(angle);
    return {c * d.x + s * d.y, c * d.y - s * d.x};
  }
};

/// Draws a color; objects of all classes and the background share this distribution.
Color random_color(Rng& rng) {
  const double hue = rng.uniform(), saturation = rng.uniform(0.25, 0.75), value = rng.uniform(0.45, 0.75);
  Color color;
  for (int channel = 0; channel < 3; ++channel) {
    const double cosine = 0.5 + 0.5 * std::cos(2 * CV_PI * (hue - channel / 3.0));
    color[channel] = static_cast<float>(value * (1 - saturation * (1 - cosine)));
  }
  return color;
}

/// Makes a field of smooth values in about [0,1], with `points` control points along a side.
cv::Mat_<float> smooth_field(int size, int points, Rng& rng) {
  cv::Mat_<float> control(points, points), field;
  for (float& value : control) value = static_cast<float>(rng.uniform());
  cv::resize(control, field, {size, size}, 0, 0, cv::INTER_CUBIC);
  return field;
}

/// Makes a cloudy blend of two colors.
cv::Mat_<Color> background(int size, Rng& rng) {
  const Color from = random_color(rng), to = random_color(rng);
  const cv::Mat_<float> coarse = smooth_field(size, 4, rng), medium = smooth_field(size, 9, rng),
                        fine = smooth_field(size, 20, rng);
  cv::Mat_<Color> image(size, size);
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      const float share = 0.55F * coarse(y, x) + 0.3F * medium(y, x) + 0.15F * fine(y, x);
      image(y, x) = from + (to - from) * share;
    }
  return image;
}

Object random_object(int label, int size, Rng& rng) {
  Object object;
  object.label = label;
  object.center = {rng.uniform(0.1, 0.9) * size, rng.uniform(0.1, 0.9) * size};
  object.radius = rng.uniform(0.13, 0.22) * size;
  object.angle = rng.uniform(0, 2 * CV_PI);
  object.period = std::max(5.0, rng.uniform(5.5, 8) * size / 128);
  object.contrast = rng.uniform(0.35, 0.5);
  object.color = random_color(rng);
  return object;
}

/// Draws two to five objects that barely overlap; the first one's class cycles with the index, so that every class is
/// well represented.
std::vector<Object> random_objects(const SyntheticOptions& options, int64_t index, Rng& rng) {
  const int64_t kinds = options.classes - 1, wanted = 2 + rng.below(4);
  std::vector<Object> objects;
  for (int attempt = 0; attempt < 60 && static_cast<int64_t>(objects.size()) < wanted; ++attempt) {
    const int64_t kind = objects.empty() ? index % kinds : rng.below(kinds);
    const Object object = random_object(static_cast<int>(kind) + 1, static_cast<int>(options.size), rng);
    const bool is_free = std::all_of(objects.begin(), objects.end(), [&object](const Object& other) {
      return cv::norm(object.center - other.center) > 1.15 * (object.radius + other.radius);
    });
    if (is_free) objects.push_back(object);
  }
  return objects;
}

/// Draws the object into the image, with edges one pixel wide and a soft shadow, and its label into the mask.
void draw(const Object& object, cv::Mat_<Color>& image, cv::Mat_<uchar>& mask) {
  const Kind& kind = object.kind();
  const double drop = 0.12 * object.radius;
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x) {
      const cv::Point2d here = object.local(cv::Point2d(x, y));
      const double distance = kind.distance(here, object.radius);
      const double cover = std::clamp(0.5 - distance, 0.0, 1.0);
      const double lift = kind.distance(object.local(cv::Point2d(x - drop, y - drop)), object.radius);
      const double shadow = 0.35 * std::clamp(0.5 - lift / (2 * drop), 0.0, 1.0);
      const double texture = 1 + object.contrast * kind.texture(here, object.period, object.radius);
      image(y, x) = image(y, x) * ((1 - cover) * (1 - shadow)) + object.color * (cover * texture);
      if (distance < 0) mask(y, x) = static_cast<uchar>(object.label);
    }
}

/// Applies uneven light, then sensor noise.
void light(cv::Mat_<Color>& image, Rng& rng) {
  const cv::Mat_<float> brightness = smooth_field(image.rows, 3, rng);
  cv::Mat_<Color> noise(image.size());
  cv::RNG(rng.bits()).fill(noise, cv::RNG::NORMAL, 0, 0.02);
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x) image(y, x) = image(y, x) * (0.75F + 0.4F * brightness(y, x)) + noise(y, x);
}

void check(const SyntheticOptions& options) {
  const auto require = [](const char* what, int64_t got, int64_t low, int64_t high) {
    if (got < low || got > high)
      fail(ErrorKind::usage, what, " out of range: got ", got, ", expected ", low, " to ", high, ".");
  };
  require("number of images", options.count, 3, 1000000);
  require("size", options.size, 32, 8192);
  require("number of classes", options.classes, 2, static_cast<int64_t>(kKinds.size()) + 1);
}

/// Returns the part of an image: 3/4 train, then 1/8 val, then 1/8 test.
std::string part_of(const SyntheticOptions& options, int64_t index) {
  const int64_t eighth = std::max<int64_t>(1, options.count / 8);
  const int64_t val_end = options.count - eighth, train_end = val_end - eighth;
  return index < train_end ? "train" : index < val_end ? "val" : "test";
}

void make_folders(const std::string& dir) {
  namespace fs = std::filesystem;
  std::error_code problem;
  if (fs::exists(dir, problem) && !(fs::is_directory(dir, problem) && fs::is_empty(dir, problem)))
    fail(ErrorKind::cannot_create, dir,
         ": already exists, expected an empty or a new folder. Choose another with --out.");
  for (const char* part : {"train", "val", "test"})
    for (const char* kind : {"images", "masks"}) {
      const fs::path folder = fs::path(dir) / part / kind;
      fs::create_directories(folder, problem);
      if (problem)
        fail(ErrorKind::cannot_create, folder.string(), ": cannot create the folder: ", problem.message(),
             ". Choose another with --out.");
    }
}

std::string file_name(int64_t index) {
  std::ostringstream name;
  name << "shapes_" << std::setw(4) << std::setfill('0') << index << ".png";
  return name.str();
}

}  // namespace

Sample synthetic_sample(const SyntheticOptions& options, int64_t index) {
  check(options);
  Rng rng = Rng::from(options.seed, "synthetic", index);
  cv::Mat_<Color> image = background(static_cast<int>(options.size), rng);
  cv::Mat_<uchar> mask(image.size(), uchar{0});
  for (const Object& object : random_objects(options, index, rng)) draw(object, image, mask);
  light(image, rng);
  Sample sample{{}, mask};
  image.convertTo(sample.image, CV_8U, 255);
  return sample;
}

void write_synthetic(const SyntheticOptions& options, const std::string& dir) {
  check(options);
  make_folders(dir);
  for (int64_t index = 0; index < options.count; ++index) {
    const Sample sample = synthetic_sample(options, index);
    const std::string part = dir + "/" + part_of(options, index), name = file_name(index);
    write_image(part + "/images/" + name, sample.image);
    write_image(part + "/masks/" + name, sample.mask * (255.0 / static_cast<double>(options.classes - 1)));
  }
}

}  // namespace unet
