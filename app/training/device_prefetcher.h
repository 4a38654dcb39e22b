#pragma once

#include <c10/core/Event.h>

#include <optional>

#include "data/samples/loader.h"

namespace unet {

/// Moves the batches of a loader to the device that trains. A CUDA device receives the next batch, if that is ready,
/// on a stream of its own while it computes; on a CPU the batches are the loader's.
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
    c10::Event done;
  };

  Transfer start_transfer(Batch batch) const;

  Loader& loader_;
  torch::Device device_;
  std::optional<c10::Stream> copy_stream_;  ///< only for a CUDA device
  std::optional<Transfer> ahead_;
};

}  // namespace unet
