#pragma once

#include <c10/core/Event.h>

#include <optional>

#include "data/samples/loader.h"

namespace unet {

/// The batches of a loader, on the device that trains. A CUDA device gets the next batch, if that is ready, while it
/// works on the one before: by a stream of its own. On a CPU they are the loader's.
class UploadedBatches {
 public:
  /// `loader` must outlive this.
  UploadedBatches(Loader& loader, const torch::Device& device);

  /// Nothing after the last batch.
  std::optional<Batch> next();

  double waited_seconds() const { return loader_.waited_seconds(); }

 private:
  /// On its way.
  struct Upload {
    Batch batch;
    c10::Event done;
  };

  Upload upload(Batch batch) const;

  Loader& loader_;
  torch::Device device_;
  std::optional<c10::Stream> copying_;  ///< of a CUDA device
  std::optional<Upload> ahead_;
};

}  // namespace unet
