// File names that try to escape from the output folder or to break the output.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <opencv2/core.hpp>

#include "configs/schema/error.h"
#include "data/images/image_io.h"
#include "tests/cli/run_record.h"
#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"
#include "tests/support/trust.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string>& hostile_stems() {
  static const std::vector<std::string> stems{
      "new\nline", "tab\tand\rreturn",   "..",   "...",     "..\\up",  "-rf",    "--out=x", "%2e%2e", "$(touch x)",
      "`touch x`", "a\xff\xfe b",        "\xc3", "\x1b[2J", "' or \"", "{}%s%n", "*",       "?",      "[a-z]",
      "~",         std::string(250, 'l')};
  return stems;
}

class HostileNames : public TrainedRun {
 protected:
  void SetUp() override {
    fs::create_directories(home_ + "/in/deeper");
    fs::create_directories(home_ + "/elsewhere");
    write_image(home_ + "/elsewhere/victim.png", cv::Mat(9, 9, CV_8UC3, cv::Scalar(1, 2, 3)));
  }
  void TearDown() override { fs::remove_all(home_); }

  /// Runs the program in the folder `in`; describes what it changed outside of `out`, or its failure; "" if
  /// nothing.
  std::string outside_changes(const std::vector<std::string>& arguments) const {
    const auto before = files_outside();
    const Outcome outcome = run_shell("cd " + shell_quoted(home_ + "/in") + " && " + shell_command(arguments));
    if (files_outside() != before) return "files outside of the output folder changed";
    return outcome.code == 0 ? "" : concat("exit code ", outcome.code, ": ", outcome.err);
  }

  /// Writes a picture under a name that the encoder would refuse.
  static void write_as(const std::string& folder, const std::string& name, const cv::Mat& picture) {
    write_image(folder + "made.png", picture);
    fs::rename(folder + "made.png", folder + name);
  }

  std::map<std::string, std::string> files_outside() const {
    auto files = files_below(home_);
    for (auto file = files.begin(); file != files.end();)
      file = file->first.rfind("out/", 0) == 0 ? files.erase(file) : std::next(file);
    return files;
  }

  std::string home_ = in_folder("home");
  std::string out_ = home_ + "/out";
};

TEST_F(HostileNames, PredictWritesOnlyToTheOutputFolder) {
  TrustRow row(15, "images with hostile names: predict writes nothing outside the output folder");
  const auto& stems = hostile_stems();
  for (const std::string& stem : stems)
    for (const char* folder : {"/in/", "/in/deeper/"})
      write_as(home_ + folder, stem + ".png", cv::Mat(20, 20, CV_8UC3, cv::Scalar(9, 9, 9)));
  const auto predict = [&](const std::string& which, const std::vector<std::string>& inputs, size_t images) {
    std::string failure =
        outside_changes(add_arguments({"predict", "--save", "mask,probabilities", "--out", out_, run()}, inputs));
    const size_t written = files_below(out_).size();
    if (failure.empty() && written < 2 * images) failure = concat(written, " files of ", images, " images");
    row.add(which, failure);
    fs::remove_all(out_);
  };
  for (int64_t i = 0; i < case_count(1, static_cast<int64_t>(stems.size())); ++i) {
    const std::string name = stems[static_cast<size_t>(i)] + ".png";
    predict("alone: " + name, {home_ + "/in/" + name}, 1);
    predict("relative: " + name, {"../in/deeper/../" + name}, 1);
  }
  const auto visible = static_cast<size_t>(
      std::count_if(stems.begin(), stems.end(), [](const std::string& stem) { return stem.front() != '.'; }));
  const std::vector<std::string> folders{"./deeper/..", ".", "../in", ".."};
  for (int64_t i = 0; i < case_count(1, static_cast<int64_t>(folders.size())); ++i)
    predict("folder " + folders[static_cast<size_t>(i)], {folders[static_cast<size_t>(i)], "--recursive"}, 2 * visible);
}

TEST_F(HostileNames, LinksInTheOutputFolderAreReplacedNotFollowed) {
  TrustRow row(15, "links that lead out of the output folder are replaced, not written through");
  write_image(home_ + "/in/a.png", cv::Mat(20, 20, CV_8UC3, cv::Scalar(9, 9, 9)));
  fs::create_directories(out_ + "/mask");
  fs::create_symlink(home_ + "/elsewhere/victim.png", out_ + "/mask/a.png");
  row.add("a link where the mask goes", outside_changes({"predict", run(), "a.png", "--out", out_, "--overwrite"}));
  EXPECT_FALSE(fs::is_symlink(out_ + "/mask/a.png"));
  fs::remove(out_ + "/mask/a.png");
  fs::create_symlink(home_ + "/elsewhere/new.png", out_ + "/mask/a.png");
  row.add("a dangling one", outside_changes({"predict", run(), "a.png", "--out", out_, "--overwrite"}));
  EXPECT_FALSE(fs::exists(home_ + "/elsewhere/new.png"));
}

TEST_F(HostileNames, TrainAndCheckDataWriteOnlyToTheOutputFolder) {
  TrustRow row(15, "images with hostile names: train, resume and check-data write nothing outside the output folder");
  const cv::Mat image(40, 40, CV_8UC3, cv::Scalar(9, 9, 9));
  const cv::Mat mask = cv::Mat::eye(40, 40, CV_8UC1);
  for (const char* kind : {"/in/images/", "/in/masks/"}) {
    fs::create_directories(home_ + kind);
    for (const std::string& stem : hostile_stems())
      write_as(home_ + kind, stem + ".png", kind == std::string("/in/masks/") ? mask : image);
  }
  row.add("check-data", outside_changes({"check-data", ".", "--out", out_}));
  row.add("check-data --json", outside_changes({"check-data", ".", "--json", "--out", out_, "--overwrite"}));
  fs::remove_all(out_);
  row.add("train", outside_changes(add_arguments({"train", "--data", ".", "--out", out_, "--set", "train.epochs=1"},
                                                 tiny_settings())));
  row.add("resume", outside_changes({"train", "--resume", "--out", out_, "--set", "train.epochs=2"}));
}

TEST_F(HostileNames, FoldersAreReadBackFromTheConfigOfTheRun) {
  TrustRow row(15, "data and run folders with hostile names are trained in and resumed");
  const std::vector<std::string> names{"new\nline", "a\xff b", "' or \"", "{}: # &x *y", "~", "-rf"};
  for (int64_t i = 0; i < case_count(1, static_cast<int64_t>(names.size())); ++i) {
    const std::string name = names[static_cast<size_t>(i)];
    const std::string set = out_ + "/" + name + "/data", folder = out_ + "/" + name + "/run";
    fs::create_directories(out_ + "/" + name);
    fs::copy(data(), set, fs::copy_options::recursive);
    row.add("train in " + name,
            outside_changes(
                add_arguments({"train", "--data", set, "--out", folder, "--set", "train.epochs=1"}, tiny_settings())));
    // YAML cannot hold bytes that are not UTF-8, so such a folder has to be given again.
    const bool is_text = name.find('\xff') == std::string::npos;
    row.add("resume in " + name, outside_changes(add_arguments(
                                     {"train", "--resume", "--out", folder, "--set", "train.epochs=2"},
                                     is_text ? std::vector<std::string>{} : std::vector<std::string>{"--data", set})));
    fs::remove_all(out_);
  }
}

}  // namespace
}  // namespace unet
