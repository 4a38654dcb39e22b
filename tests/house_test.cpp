// The rules of the house: which folder may include which, and what stands at the top level.

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "tests/support/planted_tree.h"
#include "tests/support/source_tree.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

struct FolderRule {
  std::string folder;
  std::set<std::string> folders_used;  ///< top folders of ours
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

using Layer = std::vector<std::string>;  ///< sub-folders that must not include each other

/// The layers of each top folder, lowest first. A file may include headers of its own sub-folder and of lower layers,
/// so that no two sub-folders can depend on each other. Files that stand directly in a top folder may include all.
/// "NAME/*" stands for every folder in NAME without a row of its own; another folder in NAME is a part of NAME.
const std::map<std::string, std::vector<Layer>>& layers() {
  static const std::map<std::string, std::vector<Layer>> table{
      {"data", {{"files"}, {"images"}, {"dataset"}, {"samples"}, {"synthetic", "check", "convert"}}},
      {"models",
       {{"compat"},
        {"kernels"},
        {"graph/operations"},
        {"graph"},
        {"unet", "recompute"},
        {"fused/*"},
        {"fused/transposed_convolution"},
        {"losses", "execution"}}},
      {"app",
       {{"runtime"},
        {"pictures"},
        {"pages"},
        {"checkpoint"},
        {"scores"},
        {"optimization"},
        {"config"},
        {"pytorch_files"},
        {"export"},
        {"import"},
        {"inference"},
        {"evaluation"},
        {"training"},
        {"run"},
        {"inspection"},
        {"check"},
        {"bench"},
        {"planning"},
        {"commands"},
        {"command_line"}}},
  };
  return table;
}

/// Number of the layer that lists the sub-folder `name` of `top`, counted from 0; empty where none does.
std::optional<size_t> listed_layer(const std::string& top, const fs::path& name) {
  const std::vector<Layer>& rows = layers().at(top);
  for (const fs::path& wanted : {name, name.parent_path() / "*"})
    for (size_t i = 0; i < rows.size(); ++i)
      if (std::count(rows[i].begin(), rows[i].end(), wanted.string()) != 0) return i;
  return std::nullopt;
}

/// Where a file stands: "models/graph/operations/norm.h" in the sub-folder "graph/operations" of "models".
struct Place {
  explicit Place(const fs::path& file) {
    const fs::path parent = file.parent_path();
    if (parent.empty()) return;
    top = parent.begin()->string();
    fs::path name = parent.lexically_relative(top);
    if (layers().count(top) == 0 || name == ".") return;
    subfolder = name.begin()->string();
    for (; !name.empty() && !layer; name = name.parent_path()) {
      layer = listed_layer(top, name);
      if (layer) subfolder = name.string();
    }
  }
  std::string top, subfolder;
  std::optional<size_t> layer;
};

bool breaks_rule(const FolderRule& rule, const std::string& include) {
  static const std::set<std::string> ours{"app", "configs", "data", "models", "scripts", "tests"};
  const std::string top = include.substr(0, include.find('/'));
  return (ours.count(top) != 0 && rule.folders_used.count(top) == 0) || std::regex_match(include, rule.forbidden);
}

/// Whether `include` is a header of the same top folder that does not stand in a lower layer.
bool goes_upward(const Place& from, const std::string& include) {
  const Place to(include);
  if (to.top != from.top || to.subfolder == from.subfolder || from.subfolder.empty()) return false;
  return to.subfolder.empty() || (from.layer && to.layer && *to.layer >= *from.layer);
}

/// "models/a.h includes data/b.h" for each include under `root` that a rule forbids.
std::vector<std::string> forbidden_includes(const fs::path& root) {
  std::vector<std::string> found;
  for (const FolderRule& rule : folder_rules())
    for (const fs::path& path : sources_in(root / rule.folder)) {
      const fs::path file = fs::relative(path, root);
      for (const std::string& include : includes_of(path))
        if (breaks_rule(rule, include) || goes_upward(Place(file), include))
          found.push_back(file.string() + " includes " + include);
    }
  return found;
}

/// Sub-folders with sources that the table of layers lacks.
std::set<std::string> folders_without_layer(const fs::path& root) {
  std::set<std::string> found;
  for (const auto& [top, rows] : layers())
    for (const fs::path& path : sources_in(root / top)) {
      const Place place(fs::relative(path, root));
      if (!place.subfolder.empty() && !place.layer) found.insert(top + "/" + place.subfolder);
    }
  return found;
}

/// Whether `file` or a header of ours that it includes, directly or not, includes LibTorch or OpenCV.
bool reaches_torch_or_opencv(const fs::path& root, const std::string& file) {
  static const std::regex heavy("(torch|ATen|c10|opencv2)/.*");
  const std::set<std::string> includes = all_includes(root, file);
  return std::any_of(includes.begin(), includes.end(),
                     [](const std::string& include) { return std::regex_match(include, heavy); });
}

/// Names at the top level that do not belong there; hidden ones are ignored.
std::vector<std::string> unexpected_names(const fs::path& root) {
  static const std::set<std::string> allowed{"app",   "models", "data",           "configs",   "scripts",
                                             "tests", "build",  "CMakeLists.txt", "README.md", "runs"};
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(root)) {
    const std::string name = entry.path().filename().string();
    if (name[0] != '.' && allowed.count(name) == 0) found.push_back(name);
  }
  return found;
}

using Names = std::vector<std::string>;

TEST(House, FoldersIncludeOnlyWhatStandsBelowThem) {
  EXPECT_EQ(forbidden_includes(UNET_SOURCE_DIR), Names{});
  for (const FolderRule& rule : folder_rules())
    EXPECT_FALSE(sources_in(fs::path(UNET_SOURCE_DIR) / rule.folder).empty()) << rule.folder;
}

TEST(House, EverySubfolderHasItsLayer) {
  EXPECT_EQ(folders_without_layer(UNET_SOURCE_DIR), std::set<std::string>{});
  for (const auto& [top, rows] : layers())
    for (const Layer& layer : rows)
      for (const std::string& name : layer) {
        const fs::path folder = fs::path(UNET_SOURCE_DIR) / top / name.substr(0, name.find("/*"));
        EXPECT_FALSE(sources_in(folder).empty()) << folder << " has a layer and no sources";
      }
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

TEST(House, TheTopLevelHoldsNothingElse) { EXPECT_EQ(unexpected_names(UNET_SOURCE_DIR), Names{}); }

using HouseRules = PlantedTree;

TEST_F(HouseRules, FindsAPlantedInclude) {
  add("configs/schema/a.h", "#include <string>\n#include \"models/unet/unet.h\"\n");
  add("data/a.cpp", "#include \"configs/schema/error.h\"\n  #  include \"app/config/config.h\"\n");
  add("models/losses/a.cpp", "#include <opencv2/core.hpp>\n#include <thread>\n#include <torch/torch.h>\n");
  add("models/b.h", "#include \"data/samples/batch.h\"\n// #include \"app/config/config.h\"\n");
  add("app/a.cpp", "#include \"models/unet/unet.h\"\n#include \"tests/support/a.h\"\n");
  EXPECT_EQ(forbidden_includes(root()),
            (Names{"configs/schema/a.h includes models/unet/unet.h", "data/a.cpp includes app/config/config.h",
                   "models/b.h includes data/samples/batch.h", "models/losses/a.cpp includes opencv2/core.hpp",
                   "models/losses/a.cpp includes thread", "app/a.cpp includes tests/support/a.h"}));
}

TEST_F(HouseRules, FindsAnIncludeOfAHigherLayer) {
  add("app/main.cpp", "#include \"app/commands/train.h\"\n");
  add("app/runtime/device.h", "#include \"app/training/trainer.h\"\n#include \"app/runtime/host.h\"\n");
  add("app/training/trainer.h", "#include \"app/runtime/device.h\"\n#include \"app/engine.h\"\n");
  add("data/check/check.h", "#include \"data/synthetic/a.h\"\n#include \"data/samples/a.h\"\n");
  add("models/fused/a/kernel.cu", "#include \"models/fused/b/kernel.h\"\n");
  add("models/fused/convolution/a.h", "#include \"models/fused/transposed_convolution/a.h\"\n");
  add("models/fused/transposed_convolution/a.h", "#include \"models/fused/convolution/a.h\"\n");
  EXPECT_EQ(
      forbidden_includes(root()),
      (Names{"data/check/check.h includes data/synthetic/a.h",
             "models/fused/a/kernel.cu includes models/fused/b/kernel.h",
             "models/fused/convolution/a.h includes models/fused/transposed_convolution/a.h",
             "app/runtime/device.h includes app/training/trainer.h", "app/training/trainer.h includes app/engine.h"}));
}

TEST_F(HouseRules, FindsAFolderWithoutLayer) {
  add("app/helpers/a.h", "");
  add("app/runtime/linux/a.h", "");
  add("models/fused/new_operation/a.cu", "");
  EXPECT_EQ(folders_without_layer(root()), std::set<std::string>{"app/helpers"});
}

TEST_F(HouseRules, ADeeperFolderIsAPartOfTheOneAboveUnlessItHasItsOwnLayer) {
  add("app/runtime/linux/a.h", "#include \"app/runtime/a.h\"\n#include \"app/training/a.h\"\n");
  add("app/runtime/a.h", "#include \"app/runtime/linux/a.h\"\n");
  add("models/graph/a.h", "#include \"models/graph/operations/a.h\"\n");
  add("models/graph/operations/a.h", "#include \"models/graph/a.h\"\n");
  EXPECT_EQ(forbidden_includes(root()), (Names{"models/graph/operations/a.h includes models/graph/a.h",
                                               "app/runtime/linux/a.h includes app/training/a.h"}));
}

TEST_F(HouseRules, FollowsIncludesToTorch) {
  add("data/queue.h", "#include \"data/samples/batch.h\"\n");
  add("data/samples/batch.h", "#include \"data/queue.h\"\n#include <torch/types.h>\n");
  add("data/free.h", "#include <thread>\n#include \"data/free.h\"\n");
  EXPECT_TRUE(reaches_torch_or_opencv(root(), "data/queue.h"));
  EXPECT_FALSE(reaches_torch_or_opencv(root(), "data/free.h"));
}

TEST_F(HouseRules, FindsAnUnexpectedName) {
  fs::create_directory(root() / "app");
  fs::create_directory(root() / ".hidden");
  fs::create_directory(root() / "src");
  EXPECT_EQ(unexpected_names(root()), Names{"src"});
}

}  // namespace
}  // namespace unet
