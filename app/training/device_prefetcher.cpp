#include "app/training/device_prefetcher.h"

#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/types.h>

namespace unet {

DevicePrefetcher::DevicePrefetcher(Loader& loader, const torch::Device& device) : loader_(loader), device_(device) {
  if (device.is_cuda()) copy_stream_ = c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device);
}

std::optional<Batch> DevicePrefetcher::next() {
  if (!copy_stream_) return loader_.next();
  std::optional<Transfer> current = std::move(ahead_);
  ahead_.reset();
  if (!current) {
    auto batch = loader_.next();
    if (!batch) return std::nullopt;
    current = start_transfer(std::move(*batch));
  }
  if (auto ready = loader_.next_if_ready()) ahead_ = start_transfer(std::move(*ready));
  const c10::Stream compute_stream = c10::impl::VirtualGuardImpl(device_.type()).getStream(device_);
  current->done.block(compute_stream);
  current->batch.images.record_stream(compute_stream);
  current->batch.labels.record_stream(compute_stream);
  return std::move(current->batch);
}

DevicePrefetcher::Transfer DevicePrefetcher::start_transfer(Batch batch) const {
  const c10::StreamGuard guard(*copy_stream_);
  const auto to_device = [&](const torch::Tensor& tensor) {
    return tensor.to(device_, tensor.scalar_type(), /*non_blocking=*/true);
  };
  batch.images = to_device(batch.images);
  batch.labels = to_device(batch.labels);
  Transfer transfer{std::move(batch), c10::Event(device_.type())};
  transfer.done.record(*copy_stream_);
  return transfer;
}

}  // namespace unet
