#include "data/dataset/layouts/nnunet.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/dataset/layouts/file_names.h"
#include "data/dataset/layouts/stacks.h"
#include "data/files/folder.h"
#include "data/files/json_file.h"

namespace unet {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string json_path(const DataOptions& options) { return path_in(options.dir, "dataset.json"); }

std::string expects_nnunet(const DataOptions& /*options*/) {
  return "imagesTr/ with NAME_0000.png, ... and labelsTr/ with NAME.png, and dataset.json if there is one (nnU-Net)";
}

bool matches_nnunet(const DataOptions& options) {
  const FileNames defaults;
  return options.split != SplitMode::folders && options.images == defaults.images && options.masks == defaults.masks &&
         is_folder(path_in(options.dir, "imagesTr")) && is_folder(path_in(options.dir, "labelsTr"));
}

/// A class of dataset.json: version 2 has its name as the key, version 1 its value.
struct NamedLabel {
  std::string name;
  int64_t value;
};

/// Text of a value for messages; lists are not shown if they are deep or long.
std::string shown(const Json& value) {
  constexpr size_t kMaxItems = 20;
  const bool is_deep = value.size() > kMaxItems ||
                       std::any_of(value.begin(), value.end(), [](const Json& item) { return item.is_structured(); });
  return value.is_structured() && is_deep ? "a list" : value.dump();
}

NamedLabel named_label(const std::string& path, const std::string& key, const Json& value) {
  if (value.is_number_integer()) return {key, value.get<int64_t>()};
  const bool is_number = !key.empty() && key.size() < 9 &&
                         std::all_of(key.begin(), key.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  if (value.is_string() && is_number) return {value.get<std::string>(), std::stoll(key)};
  if (value.is_array())
    fail(ErrorKind::data, path, ": the label '", key, "' is a region, ", shown(value), "; overlapping classes are not ",
         "supported. Give each label one value, or set data.labels");
  fail(ErrorKind::data, path, ": got the label '", key, "': ", shown(value), ", expected a name and its value, e.g. ",
       "\"cell\": 1");
}

LabelMeaning read_labels(const std::string& path, const Json& dataset) {
  LabelMeaning meaning;
  if (!dataset.contains("labels")) return meaning;
  if (!dataset["labels"].is_object()) fail(ErrorKind::data, path, ": got no map of labels, expected one");
  std::map<int64_t, std::string> names;
  for (const auto& [key, value] : dataset["labels"].items()) {
    const NamedLabel label = named_label(path, key, value);
    if (label.name == "ignore")
      meaning.ignore_values.emplace_back(label.value);
    else if (!names.emplace(label.value, label.name).second)
      fail(ErrorKind::data, path, ": two labels have the value ", label.value, ". Give each its own");
  }
  for (const auto& [value, name] : names) {
    const auto label = static_cast<int64_t>(meaning.class_names.size());
    meaning.labels.emplace(value, label);
    meaning.class_names.push_back(name);
  }
  return meaning;
}

/// Refuses volumes before the many files that would not be read.
void check_file_ending(const std::string& path, const Json& dataset) {
  if (!dataset.contains("file_ending") || !dataset["file_ending"].is_string()) return;
  const auto ending = dataset["file_ending"].get<std::string>();
  for (const char* volume : {".nii.gz", ".nii", ".nrrd", ".mha", ".npy"})
    if (ending == volume)
      fail(ErrorKind::data, path, ": its images are volumes (", ending, "), expected images such as PNG or TIFF. ",
           "Save the slices as images, e.g. with nibabel and imageio in Python, or med2image");
}

/// The files of each image by channel number: NAME_0000.png, NAME_0001.png, ...
using ChannelFiles = std::map<std::string, std::map<int, std::string>>;

ChannelFiles channel_files(const std::vector<NamedFile>& files) {
  constexpr size_t kTail = 5;  // "_0000"
  ChannelFiles channels;
  for (const NamedFile& file : files) {
    const std::string& stem = file.stem;
    const bool has_number =
        stem.size() > kTail && stem[stem.size() - kTail] == '_' &&
        std::all_of(stem.end() - kTail + 1, stem.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    const std::string name = file.folder + (has_number ? stem.substr(0, stem.size() - kTail) : stem);
    channels[name].emplace(has_number ? std::stoi(stem.substr(stem.size() - kTail + 1)) : 0, file.path);
  }
  return channels;
}

/// Reports channels that are missing: numbers run from 0 to `expected` - 1.
bool check_channels(const std::string& name, const std::map<int, std::string>& files, int expected, SampleList& list) {
  if (files.begin()->first == 0 && static_cast<int>(files.size()) == expected && files.rbegin()->first == expected - 1)
    return true;
  std::vector<std::string> numbers;
  for (const auto& [number, path] : files) numbers.push_back(std::to_string(number));
  list.problems.push_back({FindingKind::unreadable, files.begin()->second,
                           concat(files.begin()->second, ": got the channels ", join(numbers), " of ", name,
                                  ", expected 0 to ", expected - 1, ". Add or remove files"),
                           "missing channel"});
  return false;
}

void add_case(const std::string& name, const std::map<int, std::string>& files, const std::string& label,
              std::optional<Part> part, SampleList& list) {
  ImageChannels channels;
  for (const auto& [number, path] : files) channels.paths.push_back(path);
  SampleRef sample{name, ImageFile(channels.paths[0]), MaskFile(label), "", part};
  if (channels.paths.size() > 1) sample.image = channels;
  add_files(sample, list);
}

/// Adds the cases of imagesTr with labelsTr, or of imagesTs with labelsTs.
void add_cases(const DataOptions& options, const std::string& ending, std::optional<Part> part, int channels,
               SampleList& list) {
  const std::string images = path_in(options.dir, "images" + ending), labels = path_in(options.dir, "labels" + ending);
  std::map<std::string, std::string> label_of;
  for (const NamedFile& file : list_files(labels).images) label_of.emplace(file.folder + file.stem, file.path);
  const ChannelFiles cases = channel_files(list_files(images).images);
  if (channels == 0)
    for (const auto& [name, files] : cases) channels = std::max(channels, static_cast<int>(files.size()));
  const bool is_skipped = options.missing_mask == BadFilePolicy::skip;
  const auto add_orphan = [&](const std::string& file, const std::string& what) {
    (is_skipped ? list.notes : list.problems)
        .push_back({FindingKind::orphan, file,
                    concat(file, ": ", what, is_skipped ? "" : ". Add it, or set data.missing_mask: skip"), what});
  };
  for (const auto& [name, files] : cases) {
    const auto label = label_of.find(name);
    if (label == label_of.end()) {
      add_orphan(files.begin()->second, concat("no mask; looked for ", path_in(labels, name), ".*"));
      continue;
    }
    if (check_channels(name, files, channels, list)) add_case(name, files, label->second, part, list);
    label_of.erase(label);
  }
  for (const auto& [name, path] : label_of)
    add_orphan(path, concat("no image; looked for ", path_in(images, name), "_0000.*"));
}

/// Names of the validation cases of the first fold. Source: nnU-Net v2, documentation/manual_data_splits.md.
std::set<std::string> first_fold(const std::string& path) {
  const Json folds = read_json(path);
  const bool has_fold = folds.is_array() && !folds.empty() && folds[0].is_object() && folds[0].contains("val") &&
                        folds[0]["val"].is_array();
  std::set<std::string> names;
  for (const Json& name : has_fold ? folds[0]["val"] : Json::array())
    names.insert(name.is_string() ? name.get<std::string>() : "");
  if (!has_fold || names.count("") != 0)
    fail(ErrorKind::data, path, ": got no folds, expected [{\"train\": [NAME, ...], \"val\": [NAME, ...]}, ...]. ",
         "Correct or remove it");
  return names;
}

/// Divides the cases of imagesTr as the first fold of splits_final.json says, if there is one and the options ask for
/// no other division.
void divide_by_fold(const DataOptions& options, SampleList& list) {
  const std::string path = path_in(options.dir, "splits_final.json");
  const bool has_lists = !options.train_list.empty() || !options.val_list.empty() || !options.test_list.empty() ||
                         !options.val_stems.empty() || !options.test_stems.empty();
  if (options.split != SplitMode::automatic || has_lists || !fs::exists(path)) return;
  const std::set<std::string> val = first_fold(path);
  list.rule = "by the first fold of splits_final.json" + (list.rule.empty() ? "" : ", and " + list.rule);
  const bool has_test = !list.parts.empty();
  list.parts = {kTrain, kVal};
  if (has_test) list.parts.push_back(kTest);
  std::set<std::string> known;
  for (SampleRef& sample : list.samples) {
    if (sample.part == kTest) continue;
    const bool is_page = std::holds_alternative<ImagePage>(sample.image);
    const std::string name = is_page ? sample.name.substr(0, sample.name.rfind('/')) : sample.name;
    sample.part = val.count(name) != 0 ? kVal : kTrain;
    known.insert(name);
  }
  for (const std::string& name : val)
    if (known.count(name) == 0)
      list.problems.push_back({FindingKind::split_list, path,
                               concat(path, ": '", name, "' names no case of imagesTr/. Correct or remove it"), ""});
}

SampleList list_nnunet(const DataOptions& options) {
  SampleList list;
  int channels = 0;
  if (const std::string path = json_path(options); fs::exists(path)) {
    const Json dataset = read_json(path);
    if (!dataset.is_object()) fail(ErrorKind::data, path, ": got no map, expected labels and channel_names");
    check_file_ending(path, dataset);
    if (options.labels.empty()) list.meaning = read_labels(path, dataset);
    for (const char* key : {"channel_names", "modality"})
      if (channels == 0 && dataset.contains(key)) channels = static_cast<int>(dataset[key].size());
  }
  // A file that holds all channels, as PNG does with RGB.
  const ChannelFiles cases = channel_files(list_files(path_in(options.dir, "imagesTr")).images);
  const bool is_one_file = std::all_of(cases.begin(), cases.end(), [](const auto& each) {
    return each.second.size() == 1 && each.second.begin()->first == 0;
  });
  if (is_one_file) channels = 1;
  const bool has_test = is_folder(path_in(options.dir, "imagesTs")),
             has_test_labels =
                 has_test && is_folder(path_in(options.dir, "labelsTs")) && options.split == SplitMode::automatic;
  add_cases(options, "Tr", has_test_labels ? std::optional<Part>(kTrain) : std::nullopt, channels, list);
  if (has_test_labels) {
    add_cases(options, "Ts", kTest, channels, list);
    list.parts = {kTrain, kTest};
    list.rule = "by folder: imagesTr/, imagesTs/";
  } else if (has_test) {
    const std::string folder = path_in(options.dir, "imagesTs");
    list.notes.push_back({FindingKind::unlabeled_image, folder, folder + ": skipped: it has no labelsTs/", ""});
  }
  divide_by_fold(options, list);
  finish_stacks(options, list);
  return list;
}

}  // namespace

const DatasetLayout kNnunet{"nnunet", expects_nnunet, matches_nnunet, list_nnunet};

}  // namespace unet
