#include "models/losses/class_sums.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <algorithm>
#include <atomic>

#include "configs/schema/error.h"
#include "configs/schema/ignore_label.h"
#include "models/kernels/memory.h"
#include "models/kernels/parallel.h"
#include "models/fused/softmax_sums/softmax_sums.h"

namespace unet {
namespace {

using kernels::Bf16;
using kernels::data;

/// The pixels of a batch in parts of one image each, the same for any number of threads, so that sums are too.
struct PixelParts {
  static constexpr int64_t kPixels = 4096;

  explicit PixelParts(const torch::Tensor& logits)
      : classes(logits.size(1)),
        pixels(logits.size(2) * logits.size(3)),
        per_image((pixels + kPixels - 1) / kPixels),
        count(logits.size(0) * per_image),
        layout(logits.is_contiguous() ? kernels::LogitsLayout{classes, pixels, 1}
                                      : kernels::LogitsLayout{classes, 1, classes}) {}

  /// Calls `work(part, first logit, first label, pixels)` for all parts, in threads.
  template <class Work>
  void for_each(const Work& work) const {
    kernels::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; ++part) {
        const int64_t image = part / per_image, first = part % per_image * kPixels;
        work(part, image * classes * pixels + first * layout.pixel_stride, image * pixels + first,
             std::min(kPixels, pixels - first));
      }
    });
  }

  int64_t classes, pixels, per_image, count;
  kernels::LogitsLayout layout;
};

/// (4,C): the rows are those of ClassSums.
template <class T>
torch::Tensor forward_of(const torch::Tensor& logits, const torch::Tensor& labels) {
  const PixelParts parts(logits);
  const auto classes = static_cast<size_t>(parts.classes);
  std::vector<std::vector<double>> sums(static_cast<size_t>(parts.count));
  std::atomic<bool> all_known{true};
  parts.for_each([&](int64_t part, int64_t first_logit, int64_t first_label, int64_t pixels) {
    auto& own = sums[static_cast<size_t>(part)];
    own.assign(4 * classes, 0);
    double* const to = own.data();
    if (!kernels::add_softmax_sums(data<T>(logits) + first_logit, parts.layout,
                                   labels.data_ptr<int64_t>() + first_label, pixels, kIgnoreLabel,
                                   {to, to + classes, to + 2 * classes, to + 3 * classes}))
      all_known = false;
  });
  if (!all_known) fail(ErrorKind::internal, "[loss] a label is no class: expected 0 to ", parts.classes - 1);
  std::vector<double> total(4 * classes);
  for (const auto& part : sums)
    for (size_t i = 0; i < total.size(); ++i) total[i] += part[i];
  return torch::tensor(total, torch::kDouble).to(torch::kFloat).view({4, parts.classes});
}

template <class T>
torch::Tensor backward_of(const torch::Tensor& logits, const torch::Tensor& labels, const torch::Tensor& of_sums) {
  const PixelParts parts(logits);
  auto gradient = torch::empty_like(logits);
  const float* const nll = of_sums.data_ptr<float>();
  parts.for_each([&](int64_t, int64_t first_logit, int64_t first_label, int64_t pixels) {
    kernels::softmax_sums_backward(data<T>(logits) + first_logit, parts.layout,
                                   labels.data_ptr<int64_t>() + first_label, pixels, kIgnoreLabel, nll,
                                   nll + parts.classes, nll + 2 * parts.classes, data<T>(gradient) + first_logit);
  });
  return gradient;
}

class ClassSumsFunction : public torch::autograd::Function<ClassSumsFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& logits,
                               const torch::Tensor& labels) {
    context->save_for_backward({logits, labels});
    return logits.scalar_type() == torch::kFloat ? forward_of<float>(logits, labels) : forward_of<Bf16>(logits, labels);
  }

  static std::vector<torch::Tensor> backward(torch::autograd::AutogradContext* context,
                                             const std::vector<torch::Tensor>& gradients) {
    const auto saved = context->get_saved_variables();
    const auto &logits = saved[0], &labels = saved[1];
    const auto of_sums = gradients[0].contiguous();
    return {logits.scalar_type() == torch::kFloat ? backward_of<float>(logits, labels, of_sums)
                                                  : backward_of<Bf16>(logits, labels, of_sums),
            {}};
  }
};

ClassSums by_tensors(const torch::Tensor& logits, const torch::Tensor& labels) {
  const int64_t classes = logits.size(1);
  const auto class_index = torch::arange(classes, labels.options()).view({1, classes, 1, 1});
  const auto truth = labels.unsqueeze(1).eq(class_index);
  const auto labelled = labels.ne(kIgnoreLabel).unsqueeze(1);
  const auto z = logits.to(torch::kFloat);
  const auto log_probability = torch::log_softmax(z, 1), probability = torch::softmax(z, 1);
  const auto zero = torch::zeros({}, z.options());
  const std::vector<int64_t> over{0, 2, 3};
  return {-torch::where(truth, log_probability, zero).sum(over), torch::where(truth, probability, zero).sum(over),
          torch::where(labelled, probability, zero).sum(over), truth.to(torch::kFloat).sum(over)};
}

}  // namespace

ClassSums class_sums(const torch::Tensor& logits, const torch::Tensor& labels, bool fast) {
  const auto type = logits.scalar_type();
  const bool is_known = type == torch::kFloat || type == torch::kBFloat16;
  if (!fast || !logits.device().is_cpu() || !is_known) return by_tensors(logits, labels);
  const auto dense = logits.contiguous(logits.suggest_memory_format());
  const auto sums = ClassSumsFunction::apply(dense, labels.contiguous());
  return {sums.select(0, 0), sums.select(0, 1), sums.select(0, 2), sums.select(0, 3).detach()};
}

}  // namespace unet
