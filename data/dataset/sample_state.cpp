#include "data/dataset/sample_state.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "data/files/byte_archive.h"
#include "data/files/file_stamp.h"

namespace unet {

template <class Archive>
void visit_fields(Archive& archive, FileStamp& stamp) {
  auto& [size, modified, changed, inode] = stamp;
  archive(size, modified, changed, inode);
}

template <class Archive>
void visit_fields(Archive& archive, MaskReading& reading) {
  auto& [palette, channel] = reading;
  archive(palette, channel);
}

template <class Archive>
void visit_fields(Archive& archive, RunLengths& runs) {
  auto& [height, width, counts] = runs;
  archive(height, width, counts);
}

template <class Archive>
void visit_fields(Archive& archive, LabeledShape& shape) {
  auto& [value, outlines, runs] = shape;
  archive(value, outlines, runs.has_value());
  if (runs) archive(*runs);
}

namespace {

/// Collects all that decides what reading a sample gives. A new way of storing images or labels is a function here.
class StateOfSample {
 public:
  StateOfSample(const std::string& dir, std::optional<int64_t> now)
      : prefix_(dir.substr(0, dir.find_last_not_of('/') + 1) + "/"), now_(now) {}

  void add(const ImageFile& image) { add_file(image.path); }
  void add(const ImagePage& image) { add_page(image.path, image.page); }
  void add(const ImagePages& image) {
    for (const int page : image.pages) add_page(image.path, page);
  }
  void add(const ImageChannels& image) {
    for (const std::string& path : image.paths) add_file(path);
  }
  void add(const MaskFile& mask) { add_file(mask.path); }
  void add(const MaskPage& mask) { add_page(mask.path, mask.page); }
  void add(const ArrayMask& mask) { add_file(mask.path); }
  void add(const MergedMasks& mask) {
    for (const MergedMasks::Layer& layer : mask.layers) {
      add_file(layer.path);
      write_(layer.value.has_value(), layer.value.value_or(0));
    }
  }
  void add(const ShapeLabels& labels) {
    const Annotation& stored = *labels.annotation;
    write_(stored.shapes, stored.size, stored.is_normalized);
  }
  void add(const MaskReading& reading) { write_(reading); }

  template <class Source>
  void add_source(const Source& source) {
    write_(source.index());
    std::visit([this](const auto& stored) { add(stored); }, source);
  }

  std::optional<SampleState> state() const {
    if (!is_known_) return std::nullopt;
    const XXH128_hash_t hash = XXH3_128bits(write_.bytes().data(), write_.bytes().size());
    return SampleState{hash.low64, hash.high64};
  }

 private:
  void add_file(const std::string& path) {
    if (!now_) return write_(path);
    const std::optional<FileStamp> stamp = stamp_of(path);
    is_known_ = is_known_ && stamp && is_settled(*stamp, *now_);
    if (is_known_) write_(path.rfind(prefix_, 0) == 0 ? path.substr(prefix_.size()) : path, *stamp);
  }
  void add_page(const std::string& path, int page) {
    add_file(path);
    write_(page);
  }

  std::string prefix_;
  std::optional<int64_t> now_;  ///< empty: without the stamps of the files
  bool is_known_ = true;
  ByteWriter write_;
};

std::optional<SampleState> hash_of(const SampleRef& sample, StateOfSample state) {
  // A new field that changes what is read does not compile before it is added here.
  const auto& [name, image, labels, group, part, reading] = sample;
  state.add_source(image);
  state.add_source(labels);
  state.add(reading);
  return state.state();
}

}  // namespace

SampleState source_of(const SampleRef& sample) { return hash_of(sample, {"", std::nullopt}).value(); }

std::optional<SampleState> state_of(const SampleRef& sample, const std::string& dir, int64_t now) {
  return hash_of(sample, {dir, now});
}

}  // namespace unet
