#include "data/samples/augment_presets.h"

#include <limits>
#include <map>
#include <string>

namespace unet {
namespace {

/// Values of one option as YAML; "": the preset leaves its default. Rows whose probability it does not set are off.
struct AugmentPresetRow {
  const char* option;
  const char *light, *standard, *strong;
};

/// Amounts of intensity are in standard deviations. What turns the image upside down is left to the user, who knows
/// whether up and down differ. standard: after nnU-Net (Isensee et al. 2021, doi:10.1038/s41592-020-01008-z).
constexpr AugmentPresetRow kAugmentPresets[] = {
    {"random_resized_crop.probability", "", "", "0.2"},
    {"random_resized_crop.area", "", "", "[0.5, 1]"},
    {"horizontal_flip.probability", "0.5", "0.5", "0.5"},
    {"rotation.probability", "0.1", "0.2", "0.5"},
    {"rotation.degrees", "[-10, 10]", "[-15, 15]", "[-30, 30]"},
    {"scale.probability", "0.1", "0.3", "0.5"},
    {"scale.factor", "[0.9, 1.1]", "[0.7, 1.4]", "[0.6, 1.7]"},
    {"shear.probability", "", "", "0.2"},
    {"shear.degrees", "", "", "[-10, 10]"},
    {"translation.probability", "", "", "0.2"},
    {"translation.shift", "", "", "[-0.1, 0.1]"},
    {"perspective.probability", "", "", "0.2"},
    {"perspective.distortion", "", "", "[0, 0.1]"},
    {"dense_elastic.probability", "", "", "0.2"},
    {"dense_elastic.alpha", "", "", "[50, 150]"},
    {"dense_elastic.sigma", "", "", "[8, 12]"},
    {"cutout.probability", "", "", "0.2"},
    {"cutout.size", "", "", "[0.1, 0.3]"},
    {"brightness.probability", "0.1", "0.15", "0.3"},
    {"brightness.shift", "[-0.5, 0.5]", "[-1, 1]", "[-1.5, 1.5]"},
    {"contrast.probability", "0.1", "0.15", "0.3"},
    {"contrast.factor", "[0.85, 1.15]", "[0.75, 1.25]", "[0.6, 1.5]"},
    {"gamma.probability", "", "0.15", "0.3"},
    {"gamma.gamma", "", "[0.7, 1.5]", "[0.6, 1.7]"},
    {"blur.probability", "", "0.1", "0.2"},
    {"blur.sigma", "", "[0.5, 1]", "[0.5, 1.5]"},
    {"noise.probability", "", "0.1", "0.2"},
    {"noise.sigma", "", "[0, 0.2]", "[0, 0.3]"},
};

const char* preset_value(const AugmentPresetRow& row, AugmentPreset preset) {
  switch (preset) {
    case AugmentPreset::light:
      return row.light;
    case AugmentPreset::standard:
      return row.standard;
    case AugmentPreset::strong:
      return row.strong;
    default:
      return "";
  }
}

/// Values by key path: those of the preset, and a probability of 0 for all other rows.
std::map<std::string, std::string> preset_values(const AugmentOptions& options, AugmentPreset preset) {
  std::map<std::string, std::string> values{{"intensity_unit", enum_name(IntensityUnit::deviation)}};
  const auto switch_off = [&values](const auto& rows) {
    for (const auto& row : rows) values[row.first + ".probability"] = "0";
  };
  switch_off(options.geometric);
  switch_off(options.joint);
  switch_off(options.photometric);
  for (const AugmentPresetRow& row : kAugmentPresets) {
    const std::string value = preset_value(row, preset);
    if (!value.empty()) values[row.option] = value;
  }
  return values;
}

/// Rank of the place where an option was given: the lower, the higher its precedence.
int rank_of(const Location& where) { return where.file.rfind("--set ", 0) == 0 ? -1 : where.bases; }

}  // namespace

void apply_augment_preset(AugmentOptions& options, Locations& locations, const std::string& section) {
  if (options.preset == AugmentPreset::custom) return;
  const Location* chosen = locations.find(section + ".preset");
  const int lowest = chosen != nullptr ? rank_of(*chosen) : std::numeric_limits<int>::max();
  Tree settings{Tree::Kind::map, {}, "", {}, {}};
  for (const auto& [option, value] : preset_values(options, options.preset)) {
    const Location* given = locations.find(section + "." + option);
    if (given == nullptr || rank_of(*given) > lowest) set_value(settings, option + "=" + value);
  }
  read_options(settings, options);
  const std::string unit = section + ".intensity_unit";
  if (chosen != nullptr && !locations.has(unit)) locations.set(unit, *chosen);
  options.preset = AugmentPreset::custom;
}

}  // namespace unet
