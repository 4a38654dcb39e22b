#include "app/bench/engine_bench.h"

#include <malloc.h>
#include <sys/resource.h>
#include <torch/autograd.h>
#include <torch/cuda.h>
#include <torch/nn.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <fstream>
#include <map>
#include <utility>

#include "app/training/learner.h"
#include "models/execution/inference_plan.h"
#include "models/fused/class_map/class_map.h"
#include "models/fused/convolution/amx_convolution.h"
#include "models/fused/convolution/packed_convolution.h"
#include "models/fused/transposed_convolution/transposed_convolution.h"
#include "models/graph/costs.h"

namespace unet {
namespace {

/// Number of warm-up iterations. They allocate memory and choose kernels; on CUDA one is recorded (see StepGraph).
int64_t warm_up_iterations(const Execution& execution) { return execution.device.is_cuda() ? 10 : 2; }

/// The input of a training step.
struct BenchBatch {
  torch::Tensor images, labels;

  BenchBatch(const Config& config, const Execution& execution) {
    torch::manual_seed(0);
    const int64_t n = config.train.batch_size, height = config.data.size[0], width = config.data.size[1];
    images = torch::randn({n, *config.data.channels, height, width});
    labels = torch::randint(0, std::max<int64_t>(2, *config.model.num_classes), {n, height, width}, torch::kLong);
    if (!execution.device.is_cuda()) return;
    images = images.pin_memory();  // like the batches of the loader
    labels = labels.pin_memory();
  }
};

/// Phases of a training step that can be timed, with their names in the result.
std::vector<std::pair<StepPhase, const char*>> step_phases(const Execution& execution) {
  if (execution.device.is_cuda())
    return {{StepPhase::begin, "begin"},
            {StepPhase::gradients, "gradients"},
            {StepPhase::clip, "clip"},
            {StepPhase::update, "optimizer"}};
  return {{StepPhase::begin, "begin"},       {StepPhase::forward, "forward"}, {StepPhase::loss, "loss"},
          {StepPhase::backward, "backward"}, {StepPhase::clip, "clip"},       {StepPhase::update, "optimizer"}};
}

/// Waits for a CUDA device, which works asynchronously.
void synchronize(const Execution& execution) {
  if (execution.device.is_cuda()) torch::cuda::synchronize();
}

/// Peak resident memory of the process since construction. Returns freed memory to the system first, so that earlier
/// measurements do not count.
class PeakMemory {
 public:
  PeakMemory() {
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
    std::ofstream("/proc/self/clear_refs") << "5";  // resets the peak, see proc(5)
  }

  double mib() const {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
  }
};

/// A convolution of the network.
struct Convolution {
  torch::Tensor x, weight, bias;
  std::vector<int64_t> stride{1, 1}, padding{0, 0}, dilation{1, 1};
  int64_t groups = 1;
  bool is_first = false;  ///< its input, the images, needs no gradient
};

std::vector<Convolution> convolutions_of(const NetworkImpl& network, const torch::Tensor& images,
                                         const Execution& execution) {
  const torch::NoGradGuard no_grad;
  const Graph& graph = network.graph();
  const auto costs = node_costs(graph, images.size(2), images.size(3));
  std::vector<Convolution> all;
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    const Node& node = graph.nodes()[i];
    Convolution conv;
    if (const auto* o = std::get_if<op::Conv2d>(&node.op)) {
      const auto& module = *network.module_of(i)->as<torch::nn::Conv2d>();
      conv = {{},
              module.weight,
              module.bias,
              {o->stride, o->stride},
              {o->padding, o->padding},
              {o->dilation, o->dilation},
              o->groups};
    } else if (const auto* up = std::get_if<op::ConvTranspose2d>(&node.op)) {
      const auto& module = *network.module_of(i)->as<torch::nn::ConvTranspose2d>();
      const PhaseConvolution phases = phase_convolution(*up, module.weight, module.bias);
      conv = {{}, phases.weight, phases.bias, {1, 1}, phases.padding, {1, 1}, up->groups};
    } else {
      continue;
    }
    const ImageShape& shape = costs[node.inputs[0].node].shape;
    const auto options = torch::dtype(execution.dtype).device(execution.device);
    conv.x = torch::randn({images.size(0), shape.channels, shape.height, shape.width}, torch::kFloat)
                 .to(options)
                 .contiguous(execution.memory_format);
    conv.weight = conv.weight.detach().to(options).contiguous(execution.memory_format);
    if (conv.bias.defined()) conv.bias = conv.bias.detach().to(options);
    conv.is_first = all.empty();
    all.push_back(std::move(conv));
  }
  return all;
}

/// Runs the forward pass, and the backward pass to input, weight and bias.
void run_forward_and_backward(const Convolution& conv, KernelChoice kernels) {
  const bool has_bias = conv.bias.defined();
  const auto x = conv.x.detach().requires_grad_(!conv.is_first), weight = conv.weight.detach().requires_grad_();
  const auto bias = has_bias ? conv.bias.detach().requires_grad_() : conv.bias;
  const std::vector<int64_t> ones{1, 1};
  const auto y = conv.stride == ones && conv.dilation == ones
                     ? conv2d_stride_1(x, weight, bias, conv.padding, conv.groups, kernels)
                     : torch::conv2d(x, weight, bias, conv.stride, conv.padding, conv.dilation, conv.groups);
  torch::autograd::backward({y}, {y.detach()});
}

}  // namespace

BenchResult bench_step(const Config& config, const Execution& execution, int64_t repeat) {
  const PeakMemory peak;
  const BenchBatch batch(config, execution);
  const int64_t classes = std::max<int64_t>(2, *config.model.num_classes);
  const std::vector<double> share(static_cast<size_t>(classes), 1.0 / static_cast<double>(classes));
  Learner learner(config, share, *config.data.channels, execution);
  learner.freeze_for(config.train.freeze_epochs);
  BenchResult result;
  const StepBatches batches({batch.images, batch.labels, {}});
  StepArgs args;
  args.lr = config.train.lr;
  args.average_decay = 0.9;
  const auto step = [&](const StepArgs& step_args) {
    const std::string fault = learner.step(batches, step_args).fault;
    if (!fault.empty()) fail(ErrorKind::not_finite, "the training step failed: ", fault, ". Lower train.lr.");
  };
  for (const auto& [phase, name] : step_phases(execution)) result.parts.push_back({name, {}});
  for (int64_t i = -warm_up_iterations(execution); i < repeat; ++i) {
    synchronize(execution);
    std::map<StepPhase, double> ends;
    StepArgs observed = args;
    const RunClock clock = start_run_clock();
    observed.observer = [&](StepPhase phase) {
      synchronize(execution);
      ends[phase] = clock();
    };
    double whole = seconds_of([&] { step(observed); });
    // Times another step without the waits between the phases.
    if (execution.device.is_cuda())
      whole = seconds_of([&] {
        step(args);
        synchronize(execution);
      });
    if (i < 0) continue;
    double begin = 0;
    for (size_t part = 0; part < result.parts.size(); ++part) {
      const double end = ends.at(step_phases(execution)[part].first);
      result.parts[part].time.seconds.push_back(end - begin);
      begin = end;
    }
    result.whole.seconds.push_back(whole);
  }
  learner.release_graph();
  result.peak_mib = peak.mib();
  const auto all = convolutions_of(learner.network(), batch.images, execution);
  for (int64_t i = -warm_up_iterations(execution); i < repeat; ++i) {
    synchronize(execution);
    const double seconds = seconds_of([&] {
      for (const Convolution& conv : all) run_forward_and_backward(conv, execution.kernels);
      synchronize(execution);
    });
    if (i >= 0) result.convolutions.seconds.push_back(seconds);
  }
  return result;
}

BenchResult bench_inference(const Config& config, const Execution& training_execution, int64_t repeat) {
  const Execution execution = training_execution.for_inference();
  const torch::NoGradGuard no_grad;
  const PeakMemory peak;
  const BenchBatch batch(config, execution);
  Network network(describe_unet(config.model, *config.data.channels));
  initialize(*network, 1);
  move_to_device(*network, execution);
  network->eval();
  const auto images = to_device(batch.images, execution);
  const ExecutionPlan plan =
      execution.is_fused() ? inference_plan(*network, images.sizes().vec(), execution.dtype, execution.memory_format)
                           : ExecutionPlan();
  BenchResult result;
  for (const char* name : {"forward", "classes"}) result.parts.push_back({name, {}});
  for (int64_t i = -warm_up_iterations(execution); i < repeat; ++i) {
    synchronize(execution);
    torch::Tensor logits;
    const double forward = seconds_of([&] {
      const AutocastGuard autocast(execution);
      logits = network->forward(images, plan);
      synchronize(execution);
    });
    const double classes = seconds_of([&] { class_map(logits); });
    if (i < 0) continue;
    result.whole.seconds.push_back(forward + classes);
    result.parts[0].time.seconds.push_back(forward);
    result.parts[1].time.seconds.push_back(classes);
  }
  result.peak_mib = peak.mib();
  std::vector<PackedConvolution> packed;
  std::vector<torch::Tensor> inputs;
  for (const Convolution& conv : convolutions_of(*network, images, execution)) {
    PackedConvolution::Settings settings{conv.stride,   conv.padding,    conv.dilation,          conv.groups,
                                         /*relu=*/true, execution.dtype, execution.memory_format};
    packed.emplace_back(settings, conv.weight, conv.bias, conv.x.sizes().vec());
    inputs.push_back(conv.x);
  }
  for (int64_t i = -warm_up_iterations(execution); i < repeat; ++i) {
    synchronize(execution);
    const double seconds = seconds_of([&] {
      for (size_t k = 0; k < packed.size(); ++k) packed[k].run(inputs[k]);
      synchronize(execution);
    });
    if (i >= 0) result.convolutions.seconds.push_back(seconds);
  }
  return result;
}

}  // namespace unet
