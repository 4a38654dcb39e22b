#include "data/dataset/sample_ref.h"

namespace unet {
namespace {

std::string place_of(const ImageFile& file) { return file.path; }

std::string place_of(const MaskFile& file) { return file.path; }

}  // namespace

std::string text_of(const ImageSource& source) {
  return std::visit([](const auto& stored) { return place_of(stored); }, source);
}

std::string text_of(const LabelSource& source) {
  return std::visit([](const auto& stored) { return place_of(stored); }, source);
}

}  // namespace unet
