#include "models/recompute/activation_checkpoint.h"

#include <ATen/Context.h>
#include <torch/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/engine.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "configs/schema/error.h"
#include "models/compat/torch_compat.h"

namespace unet {
namespace {

using Tensors = std::vector<torch::Tensor>;

/// State of autocast for a device type.
struct Autocast {
  c10::DeviceType device = c10::DeviceType::CPU;
  bool enabled = false;
  torch::ScalarType dtype = torch::kFloat;
  bool caches = false;  ///< whether it caches casts of parameters

  static Autocast current(c10::DeviceType device) {
    return {device, compat::autocast_enabled(device), compat::autocast_dtype(device),
            at::autocast::is_autocast_cache_enabled()};
  }

  void set() const {
    compat::set_autocast(device, enabled, dtype);
    at::autocast::set_autocast_cache_enabled(caches);
  }
};

/// Restores an earlier state of autocast for its lifetime, without the cache of autocast: a cast from the first run has
/// no autograd history.
class RestoredAutocast {
 public:
  explicit RestoredAutocast(Autocast wanted) : before_(Autocast::current(wanted.device)) {
    wanted.caches = false;
    wanted.set();
  }
  ~RestoredAutocast() { before_.set(); }
  RestoredAutocast(const RestoredAutocast&) = delete;
  RestoredAutocast& operator=(const RestoredAutocast&) = delete;

 private:
  Autocast before_;
};

torch::Tensor generator_state(const torch::Device& device) {
  auto generator = at::globalContext().defaultGenerator(device);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return generator.get_state();
}

void set_generator_state(const torch::Device& device, const torch::Tensor& state) {
  auto generator = at::globalContext().defaultGenerator(device);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_state(state);
}

/// Sets LibTorch's generator of a device to `state` for its lifetime.
class RestoredGenerator {
 public:
  RestoredGenerator(const torch::Device& device, const torch::Tensor& state)
      : device_(device), before_(generator_state(device)) {
    set_generator_state(device_, state);
  }
  ~RestoredGenerator() { set_generator_state(device_, before_); }
  RestoredGenerator(const RestoredGenerator&) = delete;
  RestoredGenerator& operator=(const RestoredGenerator&) = delete;

 private:
  torch::Device device_;
  torch::Tensor before_;
};

/// A segment with the state of autocast and of the generator in its first run.
struct KeptSegment : torch::CustomClassHolder {
  explicit KeptSegment(Segment a_segment, const torch::Device& a_device)
      : segment(std::move(a_segment)), device(a_device), autocast(Autocast::current(a_device.type())) {
    if (segment.draws_random) generator = generator_state(device);
  }

  Tensors recompute(const Tensors& inputs) const {
    const RestoredAutocast same_casts(autocast);
    std::optional<RestoredGenerator> same_numbers;
    if (segment.draws_random) same_numbers.emplace(device, generator);
    return segment.run(inputs, Pass::recompute);
  }

  Segment segment;
  torch::Device device;
  Autocast autocast;
  torch::Tensor generator;  ///< state of the generator; undefined if the segment draws no random numbers
};

/// An input that needs a gradient, so that autograd visits a segment whose other inputs need none.
torch::Tensor anchor() { return torch::empty({0}).requires_grad_(); }

/// Holds a gradient.
struct GradientSlot : torch::CustomClassHolder {
  torch::Tensor gradient;
};

/// Starts a new autograd graph at a tensor and stores its gradient in `slot`. A leaf would copy the gradient into its
/// own memory layout, by which LibTorch chooses between kernels that round differently.
class BeginFunction : public torch::autograd::Function<BeginFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& /*anchor*/, const c10::intrusive_ptr<GradientSlot>& slot) {
    context->saved_data["slot"] = c10::IValue::make_capsule(slot);
    return x.detach();
  }

  static Tensors backward(torch::autograd::AutogradContext* context, const Tensors& gradients) {
    c10::static_intrusive_pointer_cast<GradientSlot>(context->saved_data["slot"].toCapsule())->gradient = gradients[0];
    return {{}, {}, {}};
  }
};

class CheckpointFunction : public torch::autograd::Function<CheckpointFunction> {
 public:
  static Tensors forward(torch::autograd::AutogradContext* context, const c10::intrusive_ptr<KeptSegment>& kept,
                         at::TensorList inputs) {
    context->saved_data["segment"] = c10::IValue::make_capsule(kept);
    context->save_for_backward(inputs.vec());
    context->set_materialize_grads(false);
    const RestoredAutocast same_casts(kept->autocast);
    return kept->segment.run(inputs.vec(), Pass::first);
  }

  static Tensors backward(torch::autograd::AutogradContext* context, const Tensors& gradients) {
    if (!torch::autograd::Engine::get_default_engine().is_checkpoint_valid())
      fail(ErrorKind::internal, "activation checkpointing: got torch::autograd::grad, expected backward()");
    const auto kept = c10::static_intrusive_pointer_cast<KeptSegment>(context->saved_data["segment"].toCapsule());
    const Tensors inputs = context->get_saved_variables();
    std::vector<c10::intrusive_ptr<GradientSlot>> slots;
    for (size_t i = 0; i < inputs.size(); ++i) slots.push_back(c10::make_intrusive<GradientSlot>());
    recompute_and_backward(*kept, inputs, gradients, slots);
    Tensors results{{}};  // the segment itself has no gradient
    for (const auto& slot : slots) results.push_back(slot->gradient);
    return results;
  }

 private:
  /// Accumulates the gradients of the parameters and stores those of the inputs in `slots`. Undefined gradients of
  /// results count as 0.
  static void recompute_and_backward(const KeptSegment& kept, const Tensors& inputs, const Tensors& gradients,
                                     const std::vector<c10::intrusive_ptr<GradientSlot>>& slots) {
    Tensors graph_outputs, output_gradients;
    {
      const torch::AutoGradMode with_gradients(true);
      Tensors graph_inputs;
      for (size_t i = 0; i < inputs.size(); ++i) {
        const auto x = inputs[i].detach();
        graph_inputs.push_back(inputs[i].requires_grad() ? BeginFunction::apply(x, anchor(), slots[i]) : x);
      }
      const Tensors outputs = kept.recompute(graph_inputs);
      for (size_t i = 0; i < outputs.size(); ++i)
        if (gradients[i].defined() && outputs[i].requires_grad()) {
          graph_outputs.push_back(outputs[i]);
          output_gradients.push_back(gradients[i]);
        }
    }
    if (!graph_outputs.empty()) torch::autograd::backward(graph_outputs, output_gradients);
  }
};

}  // namespace

Tensors checkpointed(Segment segment, const Tensors& inputs) {
  Tensors given = inputs;
  const bool inputs_learn =
      std::any_of(inputs.begin(), inputs.end(), [](const auto& input) { return input.requires_grad(); });
  if (!inputs_learn) {
    if (!segment.requires_grad) return segment.run(inputs, Pass::first);
    given.push_back(anchor());
  }
  const auto device = inputs.at(0).device();
  const auto kept = c10::make_intrusive<KeptSegment>(std::move(segment), device);
  return CheckpointFunction::apply(kept, at::TensorList(given));
}

}  // namespace unet
