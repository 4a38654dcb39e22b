#include "app/inspection/upsampling_report.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "app/checkpoint/checkpoint.h"
#include "app/inspection/layers.h"
#include "app/pictures/drawing.h"
#include "models/graph_costs.h"

namespace unet {
namespace {

constexpr int64_t kPixelsShown = 32;  ///< of a pattern, on a side

bool begins_with(const std::string& text, const std::string& start) { return text.rfind(start, 0) == 0; }

/// Nodes [first, last] of one step that enlarges.
struct StepNodes {
  std::string name;
  size_t first = 0, last = 0;
};

/// "decoder.0.up", "decoder.1.up", ...
std::vector<StepNodes> steps_of(const Graph& graph, int64_t depth) {
  const auto& nodes = graph.nodes();
  std::vector<StepNodes> steps;
  for (int64_t block = 0; block < depth; ++block) {
    StepNodes step{concat("decoder.", block, ".up"), nodes.size(), 0};
    for (size_t i = 0; i < nodes.size(); ++i)
      if (nodes[i].name == step.name || begins_with(nodes[i].name, step.name + ".")) {
        step.first = std::min(step.first, i);
        step.last = i;
      }
    steps.push_back(step);
  }
  return steps;
}

bool is_of_decoder(const Node& node) {
  for (const char* part : {"decoder.", "head", "aux_head.", "crop"})
    if (begins_with(node.name, part)) return true;
  return false;
}

/// Of an image with this many of the deepest pixels on a side.
PerAxis image_size(const op::Pad& pad) {
  PerAxis size{};
  for (size_t axis = 0; axis < 2; ++axis) {
    const int64_t deepest = std::clamp<int64_t>(512 / pad.multiple[axis], 4, 32);
    size[axis] = pad.minimum[axis] + deepest * pad.multiple[axis];
  }
  return size;
}

/// x (1,C,H,W): its middle, whole periods of it, in which the image's border has no part.
torch::Tensor middle(const torch::Tensor& x, const PerAxis& period) {
  torch::Tensor part = x;
  for (size_t axis = 0; axis < 2; ++axis) {
    const int64_t dimension = static_cast<int64_t>(axis) + 2, size = x.size(dimension);
    const int64_t periods = std::max<int64_t>(1, size / period[axis] / 3);
    const int64_t begin = (size / period[axis] - periods) / 2 * period[axis];
    part = part.narrow(dimension, begin, periods * period[axis]);
  }
  return part;
}

double root_mean_square(const torch::Tensor& x) { return std::sqrt(x.square().mean().item<double>()); }

ConstantResponse response_of(const torch::Tensor& x, const PerAxis& period) {
  const torch::Tensor inner = middle(x.to(torch::kDouble), period).squeeze(0);
  const torch::Tensor deviations = inner - inner.mean({1, 2}, /*keepdim=*/true);
  const double whole = root_mean_square(inner);
  ConstantResponse response;
  if (whole > 0) response.amplitude = root_mean_square(deviations) / whole;
  const int64_t worst = deviations.square().mean({1, 2}).argmax().item<int64_t>();
  const auto shown = (whole > 0 ? deviations[worst] / whole : deviations[worst])
                         .narrow(0, 0, std::min(kPixelsShown, deviations.size(1)))
                         .narrow(1, 0, std::min(kPixelsShown, deviations.size(2)))
                         .to(torch::kFloat)
                         .contiguous();
  response.pattern = cv::Mat(static_cast<int>(shown.size(0)), static_cast<int>(shown.size(1)), CV_32FC1,
                             shown.data_ptr<float>())
                         .clone();
  return response;
}

/// The weights are 1 and the biases 0: what is above 0 is reached.
Overlap overlap_of(const UNetOptions& options, int64_t level) {
  const PerAxis factor = unet_factor(options, level);
  const auto* transposed = std::get_if<ConvTransposeUpsampling>(&options.upsampling.mode());
  const int64_t channels = transposed == nullptr ? 1 : transposed->groups;
  Graph graph;
  Value x = graph.add("input", op::Input{channels}, {});
  describe_unet_step(options, "up", level, channels, x, graph);
  Network network(graph);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : network->named_parameters())
    parameter.value().fill_(parameter.value().dim() == 1 ? 0 : 1);
  constexpr int64_t kSide = 9;  // input pixels; those in the middle are far from the border
  const auto single = torch::eye(kSide * kSide).view({kSide * kSide, 1, kSide, kSide}).expand({-1, channels, -1, -1});
  const auto reached = network->forward(single).select(1, 0).gt(0).sum(0);
  Overlap overlap{factor, {}};
  for (int64_t row = 0; row < factor[0]; ++row) {
    overlap.reached.emplace_back();
    for (int64_t column = 0; column < factor[1]; ++column)
      overlap.reached.back().push_back(
          reached[kSide / 2 * factor[0] + row][kSide / 2 * factor[1] + column].item<int64_t>());
  }
  return overlap;
}

class Measurement {
 public:
  Measurement(const Config& config, UpsamplingReport& report)
      : config_(config),
        network_(describe_unet(config.model, *config.data.channels)),
        steps_(steps_of(network_->graph(), config.model.depth)),
        report_(report) {
    for (size_t i = 0; i < steps_.size(); ++i)
      report_.steps.push_back(
          {steps_[i].name, unet_factor(config.model, config.model.depth - 1 - static_cast<int64_t>(i)), {}});
    report_.decoder = {"logits of the decoder", unet_padding(config.model).multiple, {}};
    report_.settings = operation_text(network_->graph().nodes()[steps_[0].first].op);
    for (size_t i = steps_[0].first + 1; i <= steps_[0].last; ++i)
      report_.settings += ", " + operation_text(network_->graph().nodes()[i].op);
    initialise(*network_, static_cast<uint64_t>(config.train.seed));
    network_->eval();
  }

  NetworkImpl& network() { return *network_; }

  void measure(const std::string& state) {
    const torch::NoGradGuard no_grad;
    report_.states.push_back(state);
    for (size_t i = 0; i < steps_.size(); ++i)
      report_.steps[i].responses.push_back(response_of(enlarged(steps_[i]), report_.steps[i].factor));
    report_.decoder.responses.push_back(response_of(logits(), report_.decoder.factor));
  }

 private:
  /// A step's result where its input is 1 everywhere.
  torch::Tensor enlarged(const StepNodes& step) {
    constexpr int64_t kSide = 48;
    const Graph& graph = network_->graph();
    const Value in = graph.nodes()[step.first].inputs[0];
    return network_->value_of(step.last, {{in.node, torch::ones({1, graph.channels(in), kSide, kSide})}});
  }

  /// The logits where all that the decoder is given is 1 everywhere.
  torch::Tensor logits() {
    const Graph& graph = network_->graph();
    const PerAxis size = image_size(unet_padding(config_.model));
    const auto costs = node_costs(graph, size[0], size[1]);
    std::map<size_t, torch::Tensor> given;
    for (const Node& node : graph.nodes())
      for (const Value& input : node.inputs)
        if (is_of_decoder(node) && !is_of_decoder(graph.nodes()[input.node])) {
          const ImageShape& shape = costs[input.node].shape;
          given[input.node] = torch::ones({1, shape.channels, shape.height, shape.width});
        }
    return network_->value_of(graph.nodes().size() - 1, given);
  }

  const Config& config_;
  Network network_;
  std::vector<StepNodes> steps_;
  UpsamplingReport& report_;
};

std::string factor_text(const PerAxis& factor) {
  return factor[0] == factor[1] ? std::to_string(factor[0]) : concat(factor[0], "x", factor[1]);
}

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

/// Grey, brighter where the pattern is above its mean.
cv::Mat grey(const cv::Mat& pattern) {
  cv::Mat bytes, picture;
  pattern.convertTo(bytes, CV_8UC1, 127, 128);
  cv::cvtColor(bytes, picture, cv::COLOR_GRAY2RGB);
  return picture;
}

}  // namespace

bool Overlap::is_even() const {
  for (const auto& row : reached)
    for (const int64_t count : row)
      if (count != reached[0][0]) return false;
  return true;
}

UpsamplingReport inspect_upsampling(const Config& config, const std::string& subject, const TensorMap& trained) {
  UpsamplingReport report;
  report.subject = subject;
  for (int64_t level = config.model.depth - 1; level >= 0; --level) {
    const PerAxis factor = unet_factor(config.model, level);
    const bool is_known = std::any_of(report.overlaps.begin(), report.overlaps.end(),
                                      [&](const Overlap& overlap) { return overlap.factor == factor; });
    if (!is_known) report.overlaps.push_back(overlap_of(config.model, level));
  }
  Measurement measurement(config, report);
  measurement.measure("fresh");
  if (!trained.empty()) {
    load_weights(measurement.network(), trained, subject);
    measurement.measure("trained");
  }
  return report;
}

std::string to_table(const UpsamplingReport& report) {
  std::string text = fmt::format("{}\n\nup-sampling: {}\n\n", report.subject, report.settings);
  for (const Overlap& overlap : report.overlaps) {
    text += fmt::format("input pixels that reach each output pixel, factor {}: {}\n", factor_text(overlap.factor),
                        overlap.is_even() ? "even" : "uneven, which favours a checkerboard");
    for (const auto& row : overlap.reached) {
      text += "  ";
      for (const int64_t count : row) text += fmt::format("{:4}", count);
      text += "\n";
    }
  }
  const auto line = [](const std::string& name, const std::string& factor, const std::vector<std::string>& columns) {
    std::string text = fmt::format("{:<22} {:>7}", name, factor);
    for (const std::string& column : columns) text += fmt::format(" {:>11}", column);
    return text + "\n";
  };
  const auto row = [&](const UpsamplingStep& step) {
    std::vector<std::string> columns;
    for (const ConstantResponse& response : step.responses) columns.push_back(percent(response.amplitude));
    return line(step.name, factor_text(step.factor), columns);
  };
  text += "\nan input that is the same everywhere: how much of the result is a pattern (0 %: flat)\n";
  text += line("step", "factor", report.states);
  for (const UpsamplingStep& step : report.steps) text += row(step);
  return text + row(report.decoder);
}

nlohmann::json to_json(const UpsamplingReport& report) {
  const auto step_json = [&](const UpsamplingStep& step) {
    nlohmann::json json{{"name", step.name}, {"factor", step.factor}};
    for (size_t i = 0; i < report.states.size(); ++i)
      json["amplitude"][report.states[i]] = step.responses[i].amplitude;
    return json;
  };
  nlohmann::json json{{"subject", report.subject},
                      {"upsampling", report.settings},
                      {"overlaps", nlohmann::json::array()},
                      {"steps", nlohmann::json::array()},
                      {"decoder", step_json(report.decoder)}};
  for (const Overlap& overlap : report.overlaps)
    json["overlaps"].push_back(
        {{"factor", overlap.factor}, {"reached", overlap.reached}, {"even", overlap.is_even()}});
  for (const UpsamplingStep& step : report.steps) json["steps"].push_back(step_json(step));
  return json;
}

cv::Mat to_picture(const UpsamplingReport& report) {
  constexpr int kTile = 160, kLabel = 190;
  constexpr const char* kTitle = "Response to an input that is the same everywhere";
  constexpr const char* kNote = "Flat grey: no pattern. A checkerboard repeats with the factor.";
  const int columns = static_cast<int>(report.states.size());
  int width = kGap + kLabel + columns * (kTile + kGap);
  for (const std::string& line : {std::string(kTitle), std::string(kNote), report.settings})
    width = std::max(width, text_width(line) + 2 * kGap);
  std::vector<cv::Mat> strips;
  const auto add_line = [&](const std::string& text) {
    cv::Mat strip(kLine, width, CV_8UC3, kPaper);
    write_text(strip, shortened(text, width - 2 * kGap), {kGap, kTextBase});
    strips.push_back(strip);
  };
  add_line(kTitle);
  add_line(report.settings);
  cv::Mat head(kLine, width, CV_8UC3, kPaper);
  for (int i = 0; i < columns; ++i)
    write_text(head, report.states[static_cast<size_t>(i)], {kGap + kLabel + i * (kTile + kGap), kTextBase});
  strips.push_back(head);
  const auto add_step = [&](const UpsamplingStep& step) {
    cv::Mat strip(kTile + kGap, width, CV_8UC3, kPaper);
    write_text(strip, step.name, {kGap, kTextBase});
    write_text(strip, "factor " + factor_text(step.factor), {kGap, kLine + kTextBase});
    for (int i = 0; i < columns; ++i) {
      const ConstantResponse& response = step.responses[static_cast<size_t>(i)];
      write_text(strip, fmt::format("{}: {}", report.states[static_cast<size_t>(i)], percent(response.amplitude)),
                 {kGap, (2 + i) * kLine + kTextBase});
      const cv::Rect place(kGap + kLabel + i * (kTile + kGap), 0, kTile, kTile);
      scaled(grey(response.pattern), place.size(), cv::INTER_NEAREST).copyTo(strip(place));
    }
    strips.push_back(strip);
  };
  for (const UpsamplingStep& step : report.steps) add_step(step);
  add_step(report.decoder);
  add_line(kNote);
  cv::Mat picture;
  cv::vconcat(strips, picture);
  return picture;
}

}  // namespace unet
