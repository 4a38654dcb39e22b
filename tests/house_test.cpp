// The rules of the house: which folder may include which, and what stands at the top level.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "tests/support/temp_folder.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

struct FolderRule {
  std::string folder;
  std::set<std::string> folders_used;  ///< of ours
  std::regex forbidden;                ///< other headers that must not be included
};

const std::vector<FolderRule>& folder_rules() {
  static const std::regex none("$^");
  static const std::vector<FolderRule> rules{
      {"configs", {"configs"}, std::regex("(torch|ATen|c10|opencv2)/.*")},
      {"data", {"configs", "data"}, none},
      {"models",
       {"configs", "models"},
       std::regex("opencv2/.*|fstream|filesystem|cstdio|stdio\\.h|thread|future|unistd\\.h|fcntl\\.h")},
      {"app", {"app", "configs", "data", "models"}, none},
  };
  return rules;
}

bool is_source(const fs::path& path) { return path.extension() == ".h" || path.extension() == ".cpp"; }

/// The sources of `folder`, sorted.
std::vector<fs::path> sources_in(const fs::path& folder) {
  std::vector<fs::path> paths;
  if (!fs::is_directory(folder)) return paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (is_source(entry.path())) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// What `file` includes, e.g. "data/samples/rng.h", "thread".
std::vector<std::string> includes_of(const fs::path& file) {
  static const std::regex form(R"re(^\s*#\s*include\s*[<"]([^>"]+)[>"])re");
  std::vector<std::string> includes;
  std::ifstream stream(file);
  std::smatch match;
  for (std::string line; std::getline(stream, line);)
    if (std::regex_search(line, match, form)) includes.push_back(match[1]);
  return includes;
}

bool breaks_rule(const FolderRule& rule, const std::string& include) {
  static const std::set<std::string> ours{"app", "configs", "data", "models", "scripts", "tests"};
  const std::string top = include.substr(0, include.find('/'));
  return (ours.count(top) != 0 && rule.folders_used.count(top) == 0) || std::regex_match(include, rule.forbidden);
}

/// "models/a.h includes data/b.h" for each include under `root` that a rule forbids.
std::vector<std::string> forbidden_includes(const fs::path& root) {
  std::vector<std::string> found;
  for (const FolderRule& rule : folder_rules())
    for (const fs::path& file : sources_in(root / rule.folder))
      for (const std::string& include : includes_of(file))
        if (breaks_rule(rule, include)) found.push_back(fs::relative(file, root).string() + " includes " + include);
  return found;
}

/// Whether `file` or a header of ours that it includes, directly or not, includes LibTorch or OpenCV.
bool reaches_torch_or_opencv(const fs::path& root, const std::string& file, std::set<std::string>& seen) {
  static const std::regex heavy("(torch|ATen|c10|opencv2)/.*");
  for (const std::string& include : includes_of(root / file)) {
    if (std::regex_match(include, heavy)) return true;
    const bool is_new = fs::exists(root / include) && seen.insert(include).second;
    if (is_new && reaches_torch_or_opencv(root, include, seen)) return true;
  }
  return false;
}

bool reaches_torch_or_opencv(const fs::path& root, const std::string& file) {
  std::set<std::string> seen;
  return reaches_torch_or_opencv(root, file, seen);
}

/// Visible names at the top level that do not belong there.
std::vector<std::string> strangers(const fs::path& root) {
  static const std::set<std::string> allowed{"app",   "models", "data",           "configs",   "scripts",
                                             "tests", "build",  "CMakeLists.txt", "README.md", "runs"};
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(root)) {
    const std::string name = entry.path().filename().string();
    if (name[0] != '.' && allowed.count(name) == 0) found.push_back(name);
  }
  return found;
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

using Names = std::vector<std::string>;

TEST(House, FoldersIncludeOnlyWhatStandsBelowThem) {
  EXPECT_EQ(forbidden_includes(UNET_SOURCE_DIR), Names{});
  for (const FolderRule& rule : folder_rules())
    EXPECT_FALSE(sources_in(fs::path(UNET_SOURCE_DIR) / rule.folder).empty()) << rule.folder;
}

TEST(House, TheOrderedQueueIsFreeOfTorchAndOpenCv) {
  EXPECT_TRUE(fs::exists(fs::path(UNET_SOURCE_DIR) / "data/samples/ordered_queue.h"));
  EXPECT_FALSE(reaches_torch_or_opencv(UNET_SOURCE_DIR, "data/samples/ordered_queue.h"));
}

TEST(House, TheProgramThatAnswersHelpIsFreeOfTorchAndOpenCv) {
  for (const char* file : {"app/main.cpp", "app/command_line/command_line.cpp"}) {
    EXPECT_TRUE(fs::exists(fs::path(UNET_SOURCE_DIR) / file)) << file;
    EXPECT_FALSE(reaches_torch_or_opencv(UNET_SOURCE_DIR, file)) << file;
  }
}

TEST(House, NothingElseStandsAtTheTopLevel) { EXPECT_EQ(strangers(UNET_SOURCE_DIR), Names{}); }

TEST(HouseTest, FindsAPlantedInclude) {
  TempFolder folder;
  const fs::path root = folder.path();
  write(root / "configs/schema/a.h", "#include <string>\n#include \"models/unet/unet.h\"\n");
  write(root / "data/a.cpp", "#include \"configs/schema/error.h\"\n  #  include \"app/config/config.h\"\n");
  write(root / "models/losses/a.cpp", "#include <opencv2/core.hpp>\n#include <thread>\n#include <torch/torch.h>\n");
  write(root / "models/b.h", "#include \"data/samples/batch.h\"\n// #include \"app/config/config.h\"\n");
  write(root / "app/a.cpp", "#include \"models/unet/unet.h\"\n#include \"tests/support/a.h\"\n");
  EXPECT_EQ(forbidden_includes(root),
            (Names{"configs/schema/a.h includes models/unet/unet.h", "data/a.cpp includes app/config/config.h",
                   "models/b.h includes data/samples/batch.h", "models/losses/a.cpp includes opencv2/core.hpp",
                   "models/losses/a.cpp includes thread", "app/a.cpp includes tests/support/a.h"}));
}

TEST(HouseTest, FollowsIncludesToTorch) {
  TempFolder folder;
  const fs::path root = folder.path();
  write(root / "data/queue.h", "#include \"data/samples/batch.h\"\n");
  write(root / "data/samples/batch.h", "#include \"data/queue.h\"\n#include <torch/types.h>\n");
  write(root / "data/free.h", "#include <thread>\n#include \"data/free.h\"\n");
  EXPECT_TRUE(reaches_torch_or_opencv(root, "data/queue.h"));
  EXPECT_FALSE(reaches_torch_or_opencv(root, "data/free.h"));
}

TEST(HouseTest, FindsAStranger) {
  TempFolder folder;
  const fs::path root = folder.path();
  fs::create_directory(root / "app");
  fs::create_directory(root / ".hidden");
  fs::create_directory(root / "src");
  EXPECT_EQ(strangers(root), Names{"src"});
}

}  // namespace
}  // namespace unet
