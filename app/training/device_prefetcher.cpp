#include "app/training/device_prefetcher.h"

#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/types.h>

#include <utility>

#include "app/runtime/out_of_memory.h"

namespace unet {

DevicePrefetcher::DevicePrefetcher(Loader& loader, const torch::Device& device) : loader_(loader), device_(device) {
  if (device.is_cuda()) copy_stream_ = c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device);
}

std::optional<Batch> DevicePrefetcher::next() {
  std::optional<Transfer> current = std::exchange(ahead_, std::nullopt);
  if (!current) {
    auto batch = loader_.next();
    if (!batch) return std::nullopt;
    current = start_transfer(std::move(*batch));
  }
  if (copy_stream_)
    if (auto ready = loader_.next_if_ready()) ahead_ = start_transfer(std::move(*ready));
  if (!current->done) return std::move(current->batch);
  const c10::Stream compute_stream = c10::impl::VirtualGuardImpl(device_.type()).getStream(device_);
  current->done->block(compute_stream);
  current->batch.images.record_stream(compute_stream);
  current->batch.labels.record_stream(compute_stream);
  for (const torch::Tensor* optional : {&current->batch.weights, &current->batch.pixel_weights})
    if (optional->defined()) optional->record_stream(compute_stream);
  return std::move(current->batch);
}

DevicePrefetcher::Transfer DevicePrefetcher::start_transfer(Batch batch) {
  Transfer transfer{std::move(batch), std::nullopt};
  if (!copy_stream_) return transfer;
  const c10::StreamGuard guard(*copy_stream_);
  const auto to_device = [&](const torch::Tensor& tensor) {
    return tensor.to(device_, tensor.scalar_type(), /*non_blocking=*/true);
  };
  if (move_batch(transfer.batch, to_device)) {
    transfer.done.emplace(device_.type());
    transfer.done->record(*copy_stream_);
  } else {
    copy_stream_.reset();  // LibTorch waits for the device and frees its cached memory before each failure
  }
  return transfer;
}

bool move_batch(Batch& batch, const std::function<torch::Tensor(const torch::Tensor&)>& to_device) {
  try {
    auto images = to_device(batch.images), labels = to_device(batch.labels);
    const auto move_optional = [&](const torch::Tensor& tensor) {
      return tensor.defined() ? to_device(tensor) : tensor;
    };
    auto weights = move_optional(batch.weights), pixel_weights = move_optional(batch.pixel_weights);
    batch.images = std::move(images);
    batch.labels = std::move(labels);
    batch.weights = std::move(weights);
    batch.pixel_weights = std::move(pixel_weights);
    return true;
  } catch (const std::exception& error) {
    if (!is_out_of_memory(error)) throw;
    return false;
  }
}

}  // namespace unet
