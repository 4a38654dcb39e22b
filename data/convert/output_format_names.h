#pragma once

namespace unet {

struct OutputFormatName {
  const char* name;     ///< that of the layout which reads it
  const char* meaning;  ///< one line of help
};

// The command line lists the formats without linking their code (see output_format.h).
inline constexpr OutputFormatName kFoldersFormat{"folders", "images/ and masks/ with class indices, and config.yaml"};
inline constexpr OutputFormatName kCocoFormat{"coco", "images, and annotations/instances_PART.json"};
inline constexpr OutputFormatName kLabelmeFormat{"labelme", "images, each with a JSON file of polygons; labels.txt"};
inline constexpr OutputFormatName kNnunetFormat{"nnunet", "nnU-Net v2: imagesTr/, labelsTr/, dataset.json"};
inline constexpr OutputFormatName kOutputFormats[] = {kFoldersFormat, kCocoFormat, kLabelmeFormat, kNnunetFormat};

}  // namespace unet
