#include "models/losses/class_sums.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "configs/schema/error.h"
#include "configs/schema/ignore_label.h"
#include "models/fused/softmax_sums/softmax_sums.h"
#include "models/kernels/memory.h"
#include "models/kernels/parallel.h"

namespace unet {
namespace {

using kernels::Bf16;
using kernels::data;

/// Splits the pixels of a batch into chunks within one image. The chunks, and therefore the sums, do not depend on the
/// number of threads.
struct PixelChunks {
  static constexpr int64_t kPixels = 4096;

  explicit PixelChunks(const torch::Tensor& logits)
      : classes(logits.size(1)),
        pixels(logits.size(2) * logits.size(3)),
        per_image((pixels + kPixels - 1) / kPixels),
        count(logits.size(0) * per_image),
        layout(logits.is_contiguous() ? kernels::LogitsLayout{classes, pixels, 1}
                                      : kernels::LogitsLayout{classes, 1, classes}) {}

  /// Calls `work(chunk, first logit, first label, pixels)` for all chunks, in threads.
  template <class Work>
  void for_each(const Work& work) const {
    kernels::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
      for (int64_t chunk = begin; chunk < end; ++chunk) {
        const int64_t image = chunk / per_image, first = chunk % per_image * kPixels;
        work(chunk, image * classes * pixels + first * layout.pixel_stride, image * pixels + first,
             std::min(kPixels, pixels - first));
      }
    });
  }

  int64_t classes, pixels, per_image, count;
  kernels::LogitsLayout layout;
};

/// Returns the sums as (4,C), a row for each member of ClassSums.
template <class T>
torch::Tensor fused_class_sums(const torch::Tensor& logits, const torch::Tensor& labels) {
  const PixelChunks chunks(logits);
  const auto classes = static_cast<size_t>(chunks.classes);
  std::vector<std::vector<double>> sums(static_cast<size_t>(chunks.count));
  std::atomic<bool> all_known{true};
  chunks.for_each([&](int64_t chunk, int64_t first_logit, int64_t first_label, int64_t pixels) {
    auto& chunk_sums = sums[static_cast<size_t>(chunk)];
    chunk_sums.assign(4 * classes, 0);
    double* const to = chunk_sums.data();
    if (!kernels::add_softmax_sums(data<T>(logits) + first_logit, chunks.layout,
                                   labels.data_ptr<int64_t>() + first_label, pixels, kIgnoreLabel,
                                   {to, to + classes, to + 2 * classes, to + 3 * classes}))
      all_known = false;
  });
  if (!all_known)
    fail(ErrorKind::internal, "[loss] a label is neither a class nor ignored: expected 0 to ", chunks.classes - 1,
         ", or ", kIgnoreLabel);
  std::vector<double> total(4 * classes);
  for (const auto& chunk_sums : sums)
    for (size_t i = 0; i < total.size(); ++i) total[i] += chunk_sums[i];
  return torch::tensor(total, torch::kDouble).to(torch::kFloat).view({4, chunks.classes});
}

template <class T>
torch::Tensor fused_class_sums_backward(const torch::Tensor& logits, const torch::Tensor& labels,
                                        const torch::Tensor& grad_sums) {
  const PixelChunks chunks(logits);
  auto grad_logits = torch::empty_like(logits);
  const float* const grad_nll = grad_sums.data_ptr<float>();
  chunks.for_each([&](int64_t, int64_t first_logit, int64_t first_label, int64_t pixels) {
    kernels::softmax_sums_backward(
        data<T>(logits) + first_logit, chunks.layout, labels.data_ptr<int64_t>() + first_label, pixels, kIgnoreLabel,
        grad_nll, grad_nll + chunks.classes, grad_nll + 2 * chunks.classes, data<T>(grad_logits) + first_logit);
  });
  return grad_logits;
}

class FusedClassSums : public torch::autograd::Function<FusedClassSums> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& logits,
                               const torch::Tensor& labels) {
    context->save_for_backward({logits, labels});
    return logits.scalar_type() == torch::kFloat ? fused_class_sums<float>(logits, labels)
                                                 : fused_class_sums<Bf16>(logits, labels);
  }

  static std::vector<torch::Tensor> backward(torch::autograd::AutogradContext* context,
                                             const std::vector<torch::Tensor>& gradients) {
    const auto saved = context->get_saved_variables();
    const auto &logits = saved[0], &labels = saved[1];
    const auto grad_sums = gradients[0].contiguous();
    return {logits.scalar_type() == torch::kFloat ? fused_class_sums_backward<float>(logits, labels, grad_sums)
                                                  : fused_class_sums_backward<Bf16>(logits, labels, grad_sums),
            {}};
  }
};

/// Computes the sums with LibTorch's operations.
ClassSums plain_class_sums(const torch::Tensor& logits, const Target& target) {
  const auto& labels = target.labels;
  const int64_t classes = logits.size(1);
  const auto class_index = torch::arange(classes, labels.options()).view({1, classes, 1, 1});
  const auto truth = labels.unsqueeze(1).eq(class_index);
  const auto labeled = labels.ne(kIgnoreLabel).unsqueeze(1);
  const auto z = logits.to(torch::kFloat);
  const auto log_probability = torch::log_softmax(z, 1), probability = torch::softmax(z, 1);
  const auto zero = torch::zeros({}, z.options());
  const auto weight = target.weight.defined() ? target.pixel_weight().unsqueeze(1) : torch::Tensor();
  const auto sum_where = [&](const torch::Tensor& mask, const torch::Tensor& values) {
    return torch::where(mask, weight.defined() ? values * weight : values, zero).sum(std::vector<int64_t>{0, 2, 3});
  };
  const auto counts = truth.to(torch::kFloat);
  return {-sum_where(truth, log_probability), sum_where(truth, probability), sum_where(labeled, probability),
          (weight.defined() ? counts * weight : counts).sum(std::vector<int64_t>{0, 2, 3})};
}

}  // namespace

ClassSums class_sums(const torch::Tensor& logits, const Target& target, KernelChoice kernels) {
  const auto type = logits.scalar_type();
  const bool is_known = type == torch::kFloat || type == torch::kBFloat16;
  if (kernels == KernelChoice::libtorch || target.weight.defined() || !logits.device().is_cpu() || !is_known)
    return plain_class_sums(logits, target);
  const auto dense = logits.contiguous(logits.suggest_memory_format());
  const auto sums = FusedClassSums::apply(dense, target.labels.contiguous());
  return {sums.select(0, 0), sums.select(0, 1), sums.select(0, 2), sums.select(0, 3).detach()};
}

}  // namespace unet
