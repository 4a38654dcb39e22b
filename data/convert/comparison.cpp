#include "data/convert/comparison.h"

#include <filesystem>
#include <unordered_map>

#include "configs/schema/error.h"
#include "configs/schema/text.h"

namespace unet {
namespace {

constexpr size_t kShownDifferences = 3;

std::string first_file(const ImageSource& source) {
  if (const auto* file = std::get_if<ImageFile>(&source)) return file->path;
  if (const auto* files = std::get_if<ImageChannels>(&source)) return files->paths.at(0);
  return text_of(source);
}

/// What differs in a sample; "" if nothing does.
std::string sample_difference(const ConversionPlan& plan, const PlannedSample& planned, const WrittenSample& written,
                              const Dataset& converted, size_t sample) {
  const DataScan &before = plan.source.scan, &after = converted.scan;
  if (!after.usable[sample]) return "cannot be read";
  if (converted.part(sample) != planned.part)
    return concat("is in ", kPartNames[converted.part(sample)], " instead of ", kPartNames[planned.part]);
  if (after.image_hashes[sample] != written.image_hash) return "has other pixels";
  if (after.mask_hashes[sample] != written.mask_hash) return "has another mask";
  return after.invalid[sample] == before.invalid[planned.index] ? "" : "has other pixels without a value";
}

[[noreturn]] void refuse_difference(const ConversionPlan& plan, const std::string& what) {
  fail(ErrorKind::internal, plan.source.options.dir, ": the converted data set is not equal to its source, and was ",
       "removed: ", what, ". Please report this with a small example");
}

}  // namespace

void compare_with_source(const ConversionPlan& plan, const std::vector<WrittenSample>& written,
                         const Dataset& converted, const std::string& folder, const DataOptions& expected) {
  if (!converted.problems.empty())
    refuse_difference(plan, join_first(texts_of(converted.problems), kShownDifferences, "; "));
  const DataOptions& found = converted.options;
  if (found.labels != expected.labels || found.ignore_values != expected.ignore_values ||
      found.class_names != expected.class_names || found.class_colors != expected.class_colors)
    refuse_difference(plan, "its classes differ");
  std::unordered_map<std::string, size_t> sample_of;
  for (size_t i = 0; i < converted.samples.size(); ++i) sample_of.emplace(first_file(converted.samples[i].image), i);
  std::vector<std::string> differences;
  for (size_t i = 0; i < plan.samples.size(); ++i) {
    const auto sample = sample_of.find((std::filesystem::path(folder) / written[i].image).string());
    const std::string text = sample == sample_of.end()
                                 ? "is missing"
                                 : sample_difference(plan, plan.samples[i], written[i], converted, sample->second);
    if (!text.empty()) differences.push_back(written[i].image + " " + text);
  }
  if (!differences.empty()) refuse_difference(plan, join_first(differences, kShownDifferences, "; "));
  if (converted.samples.size() != plan.samples.size())
    refuse_difference(plan, concat("it has ", converted.samples.size(), " samples instead of ", plan.samples.size()));
}

}  // namespace unet
