#pragma once

#include <c10/core/Event.h>

#include <functional>
#include <optional>

#include "data/samples/loader.h"

namespace unet {

/// Moves the batches of a loader to the device that trains. A CUDA device receives the next batch, if that is ready,
/// on a stream of its own while it computes; on a CPU the batches are the loader's. When device memory runs out, the
/// batches stay in host memory: a step that is computed in parts then moves one part at a time.
class DevicePrefetcher {
 public:
  /// `loader` must outlive the prefetcher.
  DevicePrefetcher(Loader& loader, const torch::Device& device);

  /// Returns nothing after the last batch.
  std::optional<Batch> next();

  double waited_seconds() const { return loader_.waited_seconds(); }

 private:
  /// A batch whose copy may still be running.
  struct Transfer {
    Batch batch;
    std::optional<c10::Event> done;  ///< nothing for a batch in host memory
  };

  Transfer start_transfer(Batch batch);

  Loader& loader_;
  torch::Device device_;
  std::optional<c10::Stream> copy_stream_;  ///< only for a CUDA device, until its memory runs out
  std::optional<Transfer> ahead_;
};

/// Replaces the tensors of a batch by their copies on a device, or none of them if memory runs out. Returns whether it
/// did.
bool move_batch(Batch& batch, const std::function<torch::Tensor(const torch::Tensor&)>& to_device);

}  // namespace unet
