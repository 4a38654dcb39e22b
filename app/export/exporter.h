#pragma once

#include <string>

#include "app/config/config.h"
#include "app/export/export_format.h"

namespace unet {

/// Agreement of an exported model with its network.
struct Agreement {
  double difference = 0;  ///< largest difference of a logit, relative to the largest logit
  double same_class = 1;  ///< share of pixels with the same class
  int64_t runs = 0;
};

/// Runs both models on the same random images, in two batch sizes and three image sizes that `graph` accepts. If it
/// pads, one size is odd and one is smaller than the smallest padded size.
Agreement compare(const Forward& native, const Forward& exported, const Graph& graph);

/// Value of "program" in the metadata of exported files.
inline constexpr const char* kProgramMark = "\"unet\"";

/// Returns class names and colors, mask values, channels, normalization, and the model options that weights do not
/// reveal. "mean" and "std" are what the network expects to be applied; without them, the normalization depends on the
/// image, and "std_floor" and the statistics of the training images are given instead. Values are clipped to
/// "clip_low" and "clip_high" first, if these are given. "temperature" divides the logits for calibrated probabilities;
/// absent: 1.
Metadata export_metadata(const Config& config, double temperature = 1);

/// Says what another program must do with an image before the network, in one sentence.
std::string normalization_advice(const DataOptions& data);

/// Returns the network to export: a copy without auxiliary outputs and, if `padding` is false, without the padding of
/// images.
Network exported_network(const NetworkImpl& network, bool padding);

/// Throws Error(data) if `format` cannot hold this network, Error(cannot_create) if `path` cannot be written, or exists
/// and `overwrite` is off.
void check_exportable(const NetworkImpl& network, const ExportFormat& format, const std::string& path, bool overwrite);

/// Writes the model, reads it back and compares; only then does the file appear at `path`. Returns the agreement.
/// Throws Error(internal) if the two differ by more than 1e-4.
Agreement export_model(Network network, const Metadata& metadata, const ExportFormat& format, const std::string& path);

}  // namespace unet
