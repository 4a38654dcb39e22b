#include "data/dataset/sample_identity.h"

#include <sys/stat.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <filesystem>

#include "configs/schema/error.h"

namespace unet {
namespace {

struct IdentityWriter {
  /// Adds a file, by its absolute path because the same relative path may be another file in another run.
  void add_file(const std::string& path) {
    identity_.source += std::filesystem::absolute(path).lexically_normal().string() + '\n';
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
      identity_.state += "missing\n";
    else
      identity_.state += concat(status.st_size, ' ', status.st_mtim.tv_sec, '.', status.st_mtim.tv_nsec, '\n');
  }

  template <class... Parts>
  void add_text(const Parts&... parts) {
    identity_.source += concat(parts..., '\n');
  }

  void operator()(const ImageFile& image) { add_file(image.path); }
  void operator()(const ImagePage& image) {
    add_text("page ", image.page);
    add_file(image.path);
  }
  void operator()(const ImageChannels& image) {
    for (const std::string& path : image.paths) add_file(path);
  }
  void operator()(const MaskFile& mask) { add_file(mask.path); }
  void operator()(const MaskPage& mask) {
    add_text("page ", mask.page);
    add_file(mask.path);
  }
  void operator()(const MergedMasks& masks) {
    for (const MergedMasks::Layer& layer : masks.layers) {
      add_text("layer ", layer.value ? std::to_string(*layer.value) : "as stored");
      add_file(layer.path);
    }
  }
  void operator()(const ArrayMask& mask) { add_file(mask.path); }

  /// Adds the outlines themselves: they are in memory, and options decide which of them a layout takes from its file.
  void operator()(const ShapeLabels& labels) {
    XXH64_hash_t hash = 0;
    const auto mix = [&hash](const void* data, size_t bytes) { hash = XXH3_64bits_withSeed(data, bytes, hash); };
    for (const LabeledShape& shape : *labels.shapes) {
      mix(&shape.value, sizeof shape.value);
      for (const auto& outline : shape.outlines) mix(outline.data(), outline.size() * sizeof outline[0]);
      if (shape.runs) mix(shape.runs->counts.data(), shape.runs->counts.size() * sizeof shape.runs->counts[0]);
    }
    add_text("outlines ", labels.shapes->size(), ' ', hash, ' ', labels.size.width, 'x', labels.size.height, ' ',
             labels.is_normalized);
  }

  SampleIdentity identity_;
};

}  // namespace

SampleIdentity identity_of(const SampleRef& sample) {
  IdentityWriter writer;
  writer.add_text("image");
  std::visit(writer, sample.image);
  writer.add_text("mask, palette ", static_cast<int>(sample.reading.palette), ", channel ",
                  static_cast<int>(sample.reading.channel));
  std::visit(writer, sample.labels);
  return writer.identity_;
}

}  // namespace unet
