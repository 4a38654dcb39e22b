#include "app/training/uploaded_batches.h"

#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/types.h>

namespace unet {

UploadedBatches::UploadedBatches(Loader& loader, const torch::Device& device) : loader_(loader), device_(device) {
  if (device.is_cuda()) copying_ = c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device);
}

std::optional<Batch> UploadedBatches::next() {
  if (!copying_) return loader_.next();
  std::optional<Upload> upcoming = std::move(ahead_);
  ahead_.reset();
  if (!upcoming) {
    auto batch = loader_.next();
    if (!batch) return std::nullopt;
    upcoming = upload(std::move(*batch));
  }
  if (auto ready = loader_.next_if_ready()) ahead_ = upload(std::move(*ready));
  const c10::Stream computing = c10::impl::VirtualGuardImpl(device_.type()).getStream(device_);
  upcoming->done.block(computing);
  upcoming->batch.images.record_stream(computing);
  upcoming->batch.labels.record_stream(computing);
  return std::move(upcoming->batch);
}

UploadedBatches::Upload UploadedBatches::upload(Batch batch) const {
  const c10::StreamGuard guard(*copying_);
  const auto to_device = [&](const torch::Tensor& tensor) {
    return tensor.to(device_, tensor.scalar_type(), /*non_blocking=*/true);
  };
  batch.images = to_device(batch.images);
  batch.labels = to_device(batch.labels);
  Upload upload{std::move(batch), c10::Event(device_.type())};
  upload.done.record(*copying_);
  return upload;
}

}  // namespace unet
