#include "data/convert/conversion.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/convert/comparison.h"
#include "data/convert/converted_options.h"
#include "data/convert/output_format.h"
#include "data/files/atomic_file.h"
#include "data/files/staged_folder.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// Label values of the new data set for the classes (CV_8UC1).
cv::Mat values_of_classes(const PlannedClasses& classes, const cv::Mat& labels) {
  cv::Mat table(1, 256, CV_8UC1), values;
  for (int label = 0; label < 256; ++label)
    table.at<uint8_t>(label) =
        static_cast<uint8_t>(label == kIgnoreLabel ? classes.ignored_value : classes.first_value + label);
  cv::LUT(labels, table, values);
  return values;
}

/// Sets pixels without a value to 0 in all channels; of channels in separate files, only some may lack it.
void clear_missing(Image& image) {
  if (image.invalid.empty()) return;
  std::vector<cv::Mat> channels;
  cv::split(image.pixels, channels);
  for (cv::Mat& channel : channels) channel.setTo(0, image.invalid);
  cv::merge(channels, image.pixels);
}

WrittenSample convert_sample(const ConversionPlan& plan, const DatasetWriter& writer, const PlannedSample& planned) {
  const SampleRef& ref = plan.ref(planned);
  RawSample raw = read_sample(ref);
  clear_missing(raw.image);
  ValueCounts unknown;
  const cv::Mat values = values_of_classes(plan.classes, plan.labels.to_classes(raw.labels.values, unknown));
  WrittenSample written;
  writer.write({planned, ref, raw.image, values, raw.labels.values}, written);
  return written;
}

/// Calls `work` for the indices from `begin` to `end` - 1 on several threads. Of several errors, throws the one of the
/// lowest index.
void run_parallel(size_t begin, size_t end, int threads, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next{begin};
  std::mutex mutex;
  std::map<size_t, std::exception_ptr> errors;
  const auto loop = [&] {
    for (size_t i = next++; i < end; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex);
        errors.emplace(i, std::current_exception());
        next = end;
      }
    }
  };
  std::vector<std::thread> workers;
  for (int i = 1; i < threads && static_cast<size_t>(i) < end - begin; ++i) workers.emplace_back(loop);
  loop();
  for (std::thread& worker : workers) worker.join();
  if (!errors.empty()) std::rethrow_exception(errors.begin()->second);
}

/// Writes all samples, block by block, so that the objects of one block are in memory.
std::vector<WrittenSample> write_samples(const ConversionPlan& plan, DatasetWriter& writer,
                                         const ScanOptions& options) {
  constexpr size_t kBlock = 64;
  std::vector<WrittenSample> written(plan.samples.size());
  std::mutex mutex;
  size_t done = 0;
  for (size_t begin = 0; begin < written.size(); begin += kBlock) {
    const size_t end = std::min(begin + kBlock, written.size());
    run_parallel(begin, end, options.threads, [&](size_t i) {
      if (options.stop && options.stop())
        fail(ErrorKind::interrupted, "stopped after ", i, " of ", written.size(), " images; nothing was written");
      written[i] = convert_sample(plan, writer, plan.samples[i]);
      const std::lock_guard<std::mutex> lock(mutex);
      ++done;
      if (options.progress) options.progress(done, written.size());
    });
    for (size_t i = begin; i < end; ++i) {
      writer.append(plan.samples[i], written[i]);
      written[i].objects = {};
      written[i].item = {};
    }
  }
  return written;
}

/// Says how many images are copies, and why the others are not.
std::string images_text(const std::vector<WrittenSample>& written) {
  std::map<std::string, size_t> reasons;
  size_t copies = 0;
  for (const WrittenSample& each : written) each.reason.empty() ? ++copies : ++reasons[each.reason];
  std::vector<std::string> parts;
  if (copies > 0) parts.push_back(concat(copies, " copied unchanged"));
  for (const auto& [reason, count] : reasons) parts.push_back(concat(count, " written without loss (", reason, ")"));
  return "images: " + join(parts);
}

/// The path without links and dots, as far as it exists.
fs::path clean_path(const std::string& path) {
  std::error_code error;
  const fs::path clean = fs::weakly_canonical(fs::absolute(path), error).lexically_normal();
  if (error) fail(ErrorKind::cannot_create, path, ": ", error.message());
  return clean.has_filename() ? clean : clean.parent_path();
}

bool lies_in(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

bool was_converted(const fs::path& folder) {
  std::ifstream config(folder / "config.yaml");
  std::string line;
  return std::getline(config, line) && line.rfind(kConversionMark, 0) == 0;
}

}  // namespace

Conversion convert_dataset(const Dataset& source, const ConversionOptions& options) {
  const OutputFormat& format = find_output_format(options.format);
  const ConversionPlan plan = plan_conversion(source, format.traits);
  StagedFolder staged(options.out);
  const std::string folder = staged.path();
  const auto writer = format.make_writer(plan, folder);
  const std::vector<WrittenSample> written = write_samples(plan, *writer, options.writing);
  Conversion result;
  result.remarks = plan.remarks;
  result.remarks.insert(result.remarks.begin(), images_text(written));
  for (std::string& remark : writer->finish()) result.remarks.push_back(std::move(remark));

  const Dataset converted = open_dataset(converted_options(plan, options.given, folder), options.checking);
  result.options = converted_options(plan, options.given, staged.final_path());
  compare_with_source(plan, written, converted, folder, result.options);
  result.rule = converted.rule;
  write_below(folder, "config.yaml", converted_config(result.options));
  staged.publish();
  return result;
}

void check_conversion_folder(const std::string& dir, const std::string& out, bool overwrite) {
  const fs::path source = clean_path(dir), target = clean_path(out);
  if (lies_in(target, source) || lies_in(source, target))
    fail(ErrorKind::cannot_create, out, lies_in(target, source) ? " is in the data set " : " holds the data set ", dir,
         ". Choose a folder beside it.");
  std::error_code error;
  const bool is_used = fs::exists(target, error) && !(fs::is_directory(target, error) && fs::is_empty(target, error));
  if (is_used && !fs::is_directory(target, error))
    fail(ErrorKind::cannot_create, out, ": is a file, expected a folder. Choose another --out.");
  if (is_used && !overwrite)
    fail(ErrorKind::cannot_create, out, " already exists and is not empty. ",
         was_converted(target) ? "Add --overwrite to replace it, or choose another --out." : "Choose another --out.");
  if (is_used && !was_converted(target))
    fail(ErrorKind::cannot_create, out, ": --overwrite replaces a folder that unet convert wrote, and this one has no ",
         "such config.yaml. Choose another --out.");
  check_output_folder(out);
}

}  // namespace unet
