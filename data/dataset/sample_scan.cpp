#include "data/dataset/sample_scan.h"

#include "configs/schema/error.h"
#include "data/files/byte_archive.h"

namespace unet {

template <class Archive>
void visit_fields(Archive& archive, BorderShape& shape) {
  archive(shape.pixels, shape.thick, shape.between);
}

template <class Archive>
void visit_fields(Archive& archive, MaskShapes& shapes) {
  auto& [is_measured, flat, pieces, borders] = shapes;
  archive(is_measured, flat, pieces, borders);
}

template <class Archive>
void visit_fields(Archive& archive, LabelObject& object) {
  auto& [value, pixels, thickness] = object;
  archive(value, pixels, thickness);
}

template <class Archive>
void visit_fields(Archive& archive, MaskObjects& found) {
  auto& [is_measured, has_too_many, objects] = found;
  archive(is_measured, has_too_many, objects);
}

template <class Archive>
void visit_fields(Archive& archive, Fingerprint& fingerprint) {
  auto& [hash, thumbnail, aspect] = fingerprint;
  archive(hash, aspect);
  for (int8_t& value : thumbnail) archive(value);
}

/// All fields but those that only an unusable sample has: `problems` and `alpha_mask`.
template <class Archive>
void visit_fields(Archive& archive, SampleScan& scan) {
  auto& [problems, value_counts, shapes, objects, alpha_mask, size, channels, has_alpha, bits, invalid, converted,
         palette, is_lossy_mask, rotation, image_hash, mask_hash, fingerprint, sums, square_sums, lowest, highest] =
      scan;
  archive(value_counts, shapes, objects, size, channels, has_alpha, bits, invalid, converted, palette, is_lossy_mask,
          rotation, image_hash, mask_hash, fingerprint, sums, square_sums, lowest, highest);
}

std::string to_bytes(const SampleScan& scan) {
  ByteWriter writer;
  writer(scan);
  return writer.bytes();
}

SampleScan sample_scan_from(std::string_view bytes) {
  SampleScan scan;
  ByteReader reader(bytes);
  reader(scan);
  if (!reader.at_end()) fail(ErrorKind::data, "got bytes after the end of a scan");
  return scan;
}

}  // namespace unet
