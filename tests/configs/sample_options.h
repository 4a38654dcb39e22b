#pragma once

#include "configs/schema/options.h"

namespace unet {

/// Base class of a table with two rows.
class Shape : public Options {
 public:
  double weight = 1;
  void fields(FieldVisitor& visit) override { visit("weight", weight, "weight of the shape", at_least(0)); }
};

class Circle : public Shape {
 public:
  double radius = 2;
  void fields(FieldVisitor& visit) override {
    Shape::fields(visit);
    visit("radius", radius, "radius in pixels", above(0));
  }
};

class Square : public Shape {
 public:
  int64_t side = 3;
  void fields(FieldVisitor& visit) override {
    Shape::fields(visit);
    visit("side", side, "side in pixels", in_range(1, 9));
  }
};

inline const Registry<Shape>& shapes() {
  static const Registry<Shape> table{
      "shape", {{"circle", "round", make_row<Shape, Circle>}, {"square", "not round", make_row<Shape, Square>}}};
  return table;
}

enum class Fill { none, striped };
template <>
struct EnumNames<Fill> {
  static constexpr EnumName<Fill> table[] = {{"none", Fill::none}, {"striped", Fill::striped}};
};

enum class Weighting { none, automatic };
template <>
struct EnumNames<Weighting> {
  static constexpr EnumName<Weighting> table[] = {{"none", Weighting::none}, {"auto", Weighting::automatic}};
};

struct TrainSample : Options {
  double lr = 1e-3;
  int64_t batch_size = 8;

  void fields(FieldVisitor& visit) override {
    visit("lr", lr, "learning rate", above(0));
    visit("batch_size", batch_size, "images in a step", in_range(1, 4096), kHostOnly);
  }
};

/// One field of every kind.
struct SampleOptions : Options {
  bool flag = false;
  int64_t count = 4;
  double ratio = 0.5;
  std::string word = "any text";
  std::string policy = "crop";
  Fill fill = Fill::none;
  std::optional<int64_t> channels;
  PerAxis padding{1, 1};
  std::optional<PerAxis> stride;
  Range scale{0.5, 1.5};
  std::vector<int64_t> size;
  std::vector<double> mean;
  std::vector<double> betas{0.9, 0.999};
  std::vector<std::string> names;
  LabelClasses labels;
  ModeOrList<Weighting> weights = Weighting::none;
  std::optional<Duration> limit;
  std::optional<std::string> file;
  TrainSample train;
  ChoiceOf<Shape> shape{shapes(), "circle"};
  ChoicesOf<Shape> shapes_drawn{shapes(), {"square"}};

  void fields(FieldVisitor& visit) override {
    visit("flag", flag, "yes or no");
    visit("count", count, "how many", in_range(1, 10));
    visit("ratio", ratio, "share", in_range(0, 1));
    visit("word", word, "free text");
    visit("policy", policy, "size policy", one_of({"crop", "resize"}));
    visit("fill", fill, "pattern", kResumable, formerly("filling"));
    visit("channels", channels, "channels of the images", in_range(1, 64));
    visit("padding", padding, "padding of height and width", in_range(0, 9));
    visit("stride", stride, "stride of height and width", in_range(1, 9));
    visit("scale", scale, "range of the scale", above(0));
    Limits auto_pair = in_range(1, 1000);
    auto_pair.words = {"auto"};
    auto_pair.items = 2;
    visit("size", size, "height and width", auto_pair);
    Limits auto_list;
    auto_list.words = {"auto"};
    visit("mean", mean, "mean of each channel", auto_list);
    Limits pair = in_range(0, 1);
    pair.items = 2;
    visit("betas", betas, "two decays", pair);
    visit("names", names, "names of the classes");
    visit("labels", labels, "mask value to class", in_range(0, 254));
    visit("weights", weights, "weights of the classes", at_least(0));
    visit("limit", limit, "longest time");
    visit("file", file, "path");
    visit("train", train, "the training");
    visit("shape", shape, "the main shape");
    visit("shapes_drawn", shapes_drawn, "all shapes");
  }
};

}  // namespace unet
