#pragma once

#include <string>

#include "app/config/config.h"
#include "app/export/export_format.h"

namespace unet {

/// How near an exported model is to the network it was made of.
struct Agreement {
  double difference = 0;  ///< the largest of any logit, as a share of the largest logit
  double same_class = 1;  ///< share of the pixels with the same class
  int64_t runs = 0;
};

/// Both models on the same random images, in two batch sizes and three sizes that `graph` takes: where it pads, one of
/// them is odd and one smaller than what it pads to.
Agreement compare(const Forward& native, const Forward& exported, const Graph& graph);

/// Metadata's "program" in what this program exports.
inline constexpr const char* kProgramMark = "\"unet\"";

/// Class names and colours, mask values, channels, normalisation, and the model's options that weights do not show.
Metadata export_metadata(const Config& config);

/// The network as it leaves the program: without auxiliary outputs, and, where `padding` is off, for images that need
/// no padding. With the same weights.
Network exported_network(const NetworkImpl& network, bool padding);

/// Throws Error(data) with the reason where `format` cannot hold this network, Error(cannot_create) where nothing
/// can be written at `path`, or a file is there and `overwrite` is off.
void check_exportable(const NetworkImpl& network, const ExportFormat& format, const std::string& path, bool overwrite);

/// Writes the model, reads it back from the disk and compares; only then does the file appear at `path`.
/// Throws Error(internal) where the two differ by more than 1e-4.
Agreement export_model(Network network, const Metadata& metadata, const ExportFormat& format, const std::string& path);

}  // namespace unet
