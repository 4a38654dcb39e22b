#include "app/inspection/upsampling_report.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>

#include "app/checkpoint/checkpoint.h"
#include "app/inspection/layers.h"
#include "models/graph/costs.h"
#include "models/unet/parts.h"

namespace unet {
namespace {

constexpr int64_t kPatternSide = 32;  ///< pixels of a pattern shown

bool begins_with(const std::string& text, const std::string& start) { return text.rfind(start, 0) == 0; }

/// Nodes [first, last] of one upsampling step.
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

bool is_in_decoder(const Node& node) {
  return node.part == kDecoderPart || node.part == kHeadPart || node.part == kAuxiliaryHeadPart;
}

/// Size of an image whose middle does not depend on the border.
PerAxis image_size(const Graph& graph, const op::Pad& pad) {
  constexpr int64_t kMaxSide = 1024;  // a larger receptive field includes the border, but far away
  const int64_t field = node_costs(graph, kMaxSide, kMaxSide).back().receptive_field;
  PerAxis size{};
  for (size_t axis = 0; axis < 2; ++axis) {
    const int64_t wanted = std::min(2 * field + 4 * pad.multiple[axis], kMaxSide);
    size[axis] = pad.minimum[axis] + wanted / pad.multiple[axis] * pad.multiple[axis];
  }
  return size;
}

/// Mean of x (C,H,W) over the complete periods in its middle, (C, rows, columns) of one period. Averages out everything
/// that does not repeat.
torch::Tensor mean_period(const torch::Tensor& x, const PerAxis& period) {
  torch::Tensor part = x;
  for (size_t axis = 0; axis < 2; ++axis) {
    const int64_t dimension = static_cast<int64_t>(axis) + 1, available = x.size(dimension) / period[axis];
    const int64_t periods = std::max<int64_t>(1, std::min<int64_t>(4, available / 3));
    part = part.narrow(dimension, (available - periods) / 2 * period[axis], periods * period[axis]);
  }
  const int64_t rows = part.size(1) / period[0], columns = part.size(2) / period[1];
  return part.reshape({part.size(0), rows, period[0], columns, period[1]}).mean({1, 3});
}

double root_mean_square(const torch::Tensor& x) { return std::sqrt(x.square().mean().item<double>()); }

/// Response of x (1,C,H,W).
ConstantResponse response_of(const torch::Tensor& x, const PerAxis& period) {
  const torch::Tensor repeated = mean_period(x.squeeze(0).to(torch::kDouble), period);
  const torch::Tensor deviations = repeated - repeated.mean({1, 2}, /*keepdim=*/true);
  const double magnitude = root_mean_square(repeated);
  ConstantResponse response;
  if (magnitude > 0) response.amplitude = root_mean_square(deviations) / magnitude;
  const torch::Tensor worst = deviations[deviations.square().mean({1, 2}).argmax().item<int64_t>()];
  const auto times = [](int64_t side) { return (kPatternSide + side - 1) / side; };
  const auto shown = (magnitude > 0 ? worst / magnitude : worst)
                         .repeat({times(period[0]), times(period[1])})
                         .slice(0, 0, kPatternSide)
                         .slice(1, 0, kPatternSide)
                         .to(torch::kFloat)
                         .contiguous();
  response.pattern =
      cv::Mat(static_cast<int>(shown.size(0)), static_cast<int>(shown.size(1)), CV_32FC1, shown.data_ptr<float>())
          .clone();
  return response;
}

/// Measures the overlap of a step with weights 1 and biases 0, so that an input pixel reaches the outputs above 0.
Overlap overlap_of(const UNetOptions& options, int64_t level) {
  const PerAxis factor = unet_factor(options, level);
  const auto* transposed = std::get_if<ConvTransposeUpsampling>(&options.upsampling.mode());
  const int64_t channels = transposed == nullptr ? 1 : transposed->groups;
  Graph graph;
  Value x = graph.add("input", op::Input{channels}, {});
  describe_unet_upsampling(options, "up", level, channels, x, graph);
  Network network(graph);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : network->named_parameters()) parameter.value().fill_(parameter.value().dim() == 1 ? 0 : 1);
  constexpr int64_t kSide = 9;  // input pixels; far enough that the middle is unaffected by the border
  const auto single = torch::eye(kSide * kSide).view({kSide * kSide, 1, kSide, kSide}).expand({-1, channels, -1, -1});
  const auto reached = network->forward(single).select(1, 0).gt(0).sum(0);
  const auto sums = network->forward(torch::ones({1, channels, kSide, kSide}));
  Overlap overlap{factor, {}, response_of(sums, factor).amplitude < 1e-6};
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
      : model_(config.model),
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
    initialize(*network_, static_cast<uint64_t>(config.train.seed));
    network_->eval();
  }

  NetworkImpl& network() { return *network_; }

  void measure(const std::string& state) {
    const torch::NoGradGuard no_grad;
    report_.states.push_back(state);
    for (size_t i = 0; i < steps_.size(); ++i)
      report_.steps[i].responses.push_back(response_of(upsampled(steps_[i]), report_.steps[i].factor));
    report_.decoder.responses.push_back(response_of(logits(), report_.decoder.factor));
  }

 private:
  /// Result of a step whose input is 1 everywhere.
  torch::Tensor upsampled(const StepNodes& step) {
    constexpr int64_t kSide = 48;
    const Graph& graph = network_->graph();
    const Value in = graph.nodes()[step.first].inputs[0];
    return network_->value_of(step.last, {{in.node, torch::ones({1, graph.channels(in), kSide, kSide})}});
  }

  /// Logits if all inputs of the decoder are 1 everywhere.
  torch::Tensor logits() {
    const Graph& graph = network_->graph();
    const PerAxis size = image_size(graph, unet_padding(model_));
    const auto costs = node_costs(graph, size[0], size[1]);
    std::map<size_t, torch::Tensor> given;
    for (const Node& node : graph.nodes())
      for (const Value& input : node.inputs)
        if (is_in_decoder(node) && !is_in_decoder(graph.nodes()[input.node])) {
          const ImageShape& shape = costs[input.node].shape;
          given[input.node] = torch::ones({1, shape.channels, shape.height, shape.width});
        }
    return network_->value_of(graph.nodes().size() - 1, given);
  }

  const UNetOptions& model_;
  Network network_;
  std::vector<StepNodes> steps_;
  UpsamplingReport& report_;
};

}  // namespace

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

}  // namespace unet
