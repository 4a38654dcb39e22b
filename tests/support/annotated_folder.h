#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset/label_values.h"
#include "data/dataset/layouts/layout.h"
#include "data/dataset/read_sample.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/error_text.h"

namespace unet {

/// Images with annotation files in a temporary folder.
class AnnotatedFolder : public testing::Test {
 protected:
  AnnotatedFolder() { options_.dir = files_.dir(); }

  void image(const std::string& name, int height = 10, int width = 20) {
    files_.add_image(name, files_.noise(height, width));
  }

  void text(const std::string& name, const std::string& content) const { files_.add_file(name, content); }

  SampleList list() const { return list_samples(options_); }

  /// Pixels by label value of the sample with this name.
  static ValueCounts counts(const SampleList& list, const std::string& name) {
    for (const SampleRef& sample : list.samples)
      if (sample.name == name) return count_values(read_sample(sample).labels.values);
    ADD_FAILURE() << "no sample " << name;
    return {};
  }

  static std::vector<std::string> names(const SampleList& list) {
    std::vector<std::string> names;
    for (const SampleRef& sample : list.samples) names.push_back(sample.name);
    return names;
  }

  /// All decisions, problems and notes, one per line.
  static std::string remarks(const SampleList& list) {
    std::string text;
    for (const std::string& line : list.decisions) text += line + "\n";
    for (const std::string& line : texts_of(list.problems)) text += "problem: " + line + "\n";
    for (const std::string& line : texts_of(list.notes)) text += "note: " + line + "\n";
    return text;
  }

  static std::vector<std::string> class_names(const SampleList& list) { return list.meaning.class_names; }

  /// Lists copies of a file, each with a few bytes changed, removed or doubled, and reads their labels. All failures
  /// must be errors of this program.
  void fuzz(const std::string& file, const std::string& content, int copies) {
    cv::RNG random(5);
    int failed = 0;
    for (int i = 0; i < copies; ++i) {
      std::string damaged = content;
      for (int change = random.uniform(1, 4); change > 0; --change) {
        const auto at = static_cast<size_t>(random.uniform(0, static_cast<int>(damaged.size())));
        const auto length = static_cast<size_t>(random.uniform(1, 8));
        static const std::string letters = "0123456789-+eE.\"{}[]:,<>=/ \\nulltrue";
        switch (random.uniform(0, 4)) {
          case 0:
            damaged[at] = letters[static_cast<size_t>(random.uniform(0, static_cast<int>(letters.size())))];
            break;
          case 1:
            damaged[at] = static_cast<char>(random.uniform(0, 256));
            break;
          case 2:
            if (damaged.size() > length) damaged.erase(at, length);
            break;
          default:
            damaged.insert(at, damaged.substr(at, length));
        }
      }
      text(file, damaged);
      try {
        const SampleList found = list_samples(options_);
        for (const SampleRef& sample : found.samples) read_labels(sample, {20, 10});
      } catch (const Error& error) {
        EXPECT_NE(error.kind(), ErrorKind::internal) << error.what() << "\n" << damaged;
        ++failed;
      }
    }
    EXPECT_GT(failed, 0);
    text(file, content);
  }

  DataFiles files_;
  DataOptions options_;
};

/// A file of other people's data sets; tests that read it are skipped without it.
inline std::string format_samples() {
  const char* variable = std::getenv("UNET_DATASETS");
  const std::string root = variable != nullptr ? variable : UNET_SOURCE_DIR "/../shared/datasets";
  return root + "/format_samples";
}

/// Sum of the counts of all samples.
inline ValueCounts total_counts(const SampleList& list) {
  ValueCounts total;
  for (const SampleRef& sample : list.samples)
    for (const auto& [value, count] : count_values(read_sample(sample).labels.values)) total[value] += count;
  return total;
}

}  // namespace unet
