// Files whose names are made to lead elsewhere, or to break what prints them.

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <opencv2/core.hpp>

#include "configs/schema/error.h"
#include "data/image_io.h"
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
      "~",         std::string(240, 'l')};
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

  /// Runs the program in the folder `in`, and says what it did outside of `out`; "" for nothing.
  std::string trespass(const std::vector<std::string>& arguments, std::vector<int> codes = {0}) const {
    const auto before = outside();
    const Outcome outcome = run_shell("cd " + shell_quoted(home_ + "/in") + " && " + shell_command(arguments));
    if (outside() != before) return "files outside of the output folder changed";
    if (std::find(codes.begin(), codes.end(), outcome.code) == codes.end())
      return concat("exit code ", outcome.code, ": ", outcome.err);
    return "";
  }

  std::map<std::string, std::string> outside() const {
    auto files = files_below(home_);
    for (auto file = files.begin(); file != files.end();)
      file = begins_with_out(file->first) ? files.erase(file) : std::next(file);
    return files;
  }

  static bool begins_with_out(const std::string& path) { return path.rfind("out/", 0) == 0; }

  std::string home_ = in_folder("home");
  std::string out_ = home_ + "/out";
};

TEST_F(HostileNames, OfImagesToPredictLeadNowhereElse) {
  TrustRow row(15, "images with hostile names: predict writes nothing outside the output folder");
  const cv::Mat image(20, 20, CV_8UC3, cv::Scalar(9, 9, 9));
  int64_t files = 0;
  for (const std::string& stem : hostile_stems())
    for (const char* folder : {"/in/", "/in/deeper/"}) {
      write_image(home_ + folder + "made.png", image);
      fs::rename(home_ + folder + "made.png", home_ + folder + stem + ".png");
    }
  for (const std::string& stem : hostile_stems()) {
    const std::string name = stem + ".png";
    row.add(concat("alone: ", name),
            trespass({"predict", run(), home_ + "/in/" + name, "--out", out_, "--save", "mask,probabilities"}));
    files = static_cast<int64_t>(files_below(out_).size());
    EXPECT_EQ(files, 2) << name;
    fs::remove_all(out_);
    row.add(concat("relative: ", name), trespass({"predict", "--out", out_, run(), "../in/deeper/../" + name}));
    EXPECT_TRUE(fs::exists(out_ + "/mask/" + name)) << name;
    fs::remove_all(out_);
    if (!long_form()) break;
  }
  for (const char* input : {".", "..", "../in", "./deeper/.."}) {
    row.add(concat("folder ", input), trespass({"predict", run(), input, "--recursive", "--out", home_ + "/out/in"}));
    fs::remove_all(out_);
  }
}

TEST_F(HostileNames, LinksInTheOutputFolderAreReplacedNotFollowed) {
  TrustRow row(15, "links that lead out of the output folder are replaced, not written through");
  write_image(home_ + "/in/a.png", cv::Mat(20, 20, CV_8UC3, cv::Scalar(9, 9, 9)));
  fs::create_directories(out_ + "/mask");
  fs::create_symlink(home_ + "/elsewhere/victim.png", out_ + "/mask/a.png");
  row.add("a link where the mask goes", trespass({"predict", run(), "a.png", "--out", out_, "--overwrite"}));
  EXPECT_FALSE(fs::is_symlink(out_ + "/mask/a.png"));
  fs::remove(out_ + "/mask/a.png");
  fs::create_symlink(home_ + "/elsewhere/new.png", out_ + "/mask/a.png");
  row.add("a dangling one", trespass({"predict", run(), "a.png", "--out", out_, "--overwrite"}));
  EXPECT_FALSE(fs::exists(home_ + "/elsewhere/new.png"));
}

TEST_F(HostileNames, OfTrainingImagesLeadNowhereElse) {
  TrustRow row(15, "images with hostile names: train, resume and check-data write nothing outside the output folder");
  for (const char* kind : {"images", "masks"}) {
    const std::string folder = home_ + "/in/" + kind;
    fs::create_directories(folder);
    for (const std::string& stem : hostile_stems()) {
      const cv::Mat picture = kind == std::string("masks") ? cv::Mat(cv::Mat::eye(40, 40, CV_8UC1))
                                                           : cv::Mat(40, 40, CV_8UC3, cv::Scalar(9, 9, 9));
      write_image(folder + "/made.png", picture);
      fs::rename(folder + "/made.png", folder + "/" + stem + ".png");
    }
  }
  row.add("check-data", trespass({"check-data", ".", "--out", out_}));
  row.add("check-data --json", trespass({"check-data", ".", "--json", "--out", out_, "--overwrite"}));
  fs::remove_all(out_);
  row.add("train", trespass(with({"train", "--data", ".", "--out", out_, "--set", "train.epochs=1"}, tiny_settings())));
  row.add("resume", trespass({"train", "--resume", "--out", out_, "--set", "train.epochs=2"}));
}

TEST_F(HostileNames, OfFoldersAreReadBackFromTheRunsConfig) {
  TrustRow row(15, "data and run folders with hostile names are trained in and resumed");
  const std::vector<std::string> names{"new\nline", "a\xff b", "' or \"", "{}: # &x *y", "~", "-rf"};
  for (int64_t i = 0; i < cases(2, static_cast<int64_t>(names.size())); ++i) {
    const std::string name = names[static_cast<size_t>(i)];
    const std::string set = out_ + "/" + name + "/data", folder = out_ + "/" + name + "/run";
    fs::create_directories(out_ + "/" + name);
    fs::copy(data(), set, fs::copy_options::recursive);
    row.add("train in " + name,
            trespass(with({"train", "--data", set, "--out", folder, "--set", "train.epochs=1"}, tiny_settings())));
    // YAML knows no bytes that are not UTF-8: such a folder has to be named again.
    const bool is_text = name.find('\xff') == std::string::npos;
    row.add("resume in " + name,
            trespass(with({"train", "--resume", "--out", folder, "--set", "train.epochs=2"},
                          is_text ? std::vector<std::string>{} : std::vector<std::string>{"--data", set})));
    fs::remove_all(out_);
  }
}

}  // namespace
}  // namespace unet
