#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "tests/support/contains.h"
#include "tests/support/program.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// The commands that the program offers for one that does not exist.
std::vector<std::string> all_commands() {
  const std::string message = run_unet({"no-such-command"}).err, mark = "Commands: ";
  std::istringstream list(message.substr(message.find(mark) + mark.size()));
  std::vector<std::string> commands;
  for (std::string name; std::getline(list, name, ',');) {
    const size_t begin = name.find_first_not_of(' ');
    commands.push_back(name.substr(begin, name.find_last_not_of('\n') - begin + 1));
  }
  return commands;
}

TEST(Usage, HelpHasExamplesForTheProgramAndForEachCommand) {
  EXPECT_TRUE(contains(run_unet({"--help"}).out, "Examples:\n  unet train"));
  const std::vector<std::string> commands = all_commands();
  EXPECT_GE(commands.size(), 10u);
  for (const std::string& command : commands) {
    const Outcome help = run_unet({command, "--help"});
    EXPECT_EQ(help.code, 0) << command;
    EXPECT_TRUE(contains(help.out, "Examples:\n  unet " + command)) << help.out;
  }
}

TEST(Usage, EveryParseErrorExitsWith2) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"trian"},
                                                    {"train", "--no-such-flag"},
                                                    {"predict"},
                                                    {"config"},
                                                    {"synth"},
                                                    {"evaluate", "run", "--data", "x", "--split", "validation"},
                                                    {"predict", "m", "i", "--out", "o", "--save", "masks"}})
    EXPECT_EQ(run_unet(arguments).code, 2) << (arguments.empty() ? "nothing" : arguments.back());
}

TEST(Usage, AMisspelledCommandGetsASuggestion) {
  const Outcome outcome = run_unet({"-q", "trian", "--data", "x"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_TRUE(contains(outcome.err, "no command 'trian'. Did you mean 'train'? Commands: train, predict,"))
      << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "Did you mean 'train'?")) << outcome.err;
}

TEST(Usage, AMisspeltValueIsGuessed) {
  EXPECT_TRUE(contains(run_unet({"export", "x", "--out", "y", "--format", "onx"}).err,
                       "--format: got 'onx'. Did you mean 'onnx'? Expected one of torchscript, onnx,"));
  EXPECT_TRUE(contains(run_unet({"bench", "--part", "step,strat"}).err, "--part: got 'strat'. Did you mean 'start'?"));
  EXPECT_TRUE(contains(run_unet({"evaluate", "run", "--data", "x", "--split", "vall"}).err,
                       "--split: got 'vall'. Did you mean 'val'?"));
  EXPECT_TRUE(contains(run_unet({"predict", "m", "i", "--out", "o", "--save", "maks"}).err,
                       "--save: got 'maks'. Did you mean 'mask'?"));
}

TEST(Usage, SetTakesASingleArgument) {
  const Outcome outcome = run_unet({"train", "--set", "train.epochs=1", "no-such-preset"});
  EXPECT_EQ(outcome.code, 66);
  EXPECT_TRUE(contains(outcome.err, "'no-such-preset' is neither a file nor a preset"));
}

TEST(Usage, ConfigPrintsPresetsDefaultsAndSchema) {
  EXPECT_TRUE(contains(run_unet({"config", "--presets"}).out, "membrane"));
  EXPECT_TRUE(contains(run_unet({"config", "--defaults"}).out, "  lr: 0.001"));
  EXPECT_TRUE(contains(run_unet({"config", "membrane"}).out, "elastic"));
  const auto schema = nlohmann::json::parse(run_unet({"config", "--schema"}).out);
  EXPECT_EQ(schema["properties"]["train"]["properties"]["epochs"]["type"], "integer");
}

struct BadConfig {
  const char* text;
  const char* message;  ///< after "FILE:"
};

TEST(Usage, BadConfigsAreRefusedAtTheirPlace) {
  const TempFolder folder;
  const std::string path = folder / "bad.yaml";
  for (const BadConfig& bad : {
           BadConfig{"train:\n  epochz: 3\n", "2:3: unknown key 'train.epochz'"},
           BadConfig{"train:\n  epochs: 3\n  epochs: 4\n", "3:3: duplicate key 'epochs', first given at line 2"},
           BadConfig{"train:\n  epochs: many\n", "2:11: train.epochs: got 'many', expected a whole number at least 1"},
           BadConfig{"train:\n  lr: [1]\n", "2:7: train.lr: got a list, expected a number above 0"},
           BadConfig{"model:\n  depth: 99\n", "2:10: model.depth: got '99', expected a whole number from 1 to 8"},
           BadConfig{"model:\n  norm: bach\n", "2:9: model.norm: got 'bach'. Did you mean 'batch'?"},
           BadConfig{"train: {optimizer: {name: adam, momentum: 0.9}}\n",
                     "1:33: unknown key 'train.optimizer.momentum'"},
           BadConfig{"loss:\n  terms:\n    - name: dyce\n", "3:13: loss.terms.0: got 'dyce'. Did you mean 'dice'?"},
           BadConfig{"a: &a [*a]\n", ""},
           BadConfig{"train: [\n", "not valid YAML"},
       }) {
    std::ofstream(path) << bad.text;
    const Outcome outcome = run_unet({"train", path, "--data", "nowhere", "--out", folder / "run"});
    EXPECT_EQ(outcome.code, 78) << bad.text << outcome.err;
    EXPECT_TRUE(contains(outcome.err, std::string("error: ") + path + ":")) << bad.text;
    EXPECT_TRUE(contains(outcome.err, bad.message)) << bad.text;
  }
}

TEST(Usage, ABadSettingIsRefusedAtItsPlace) {
  const TempFolder folder;
  const Outcome outcome = run_unet({"train", "--set", "train.learning_rate=1", "--data", "x", "--out", folder / "run"});
  EXPECT_EQ(outcome.code, 78);
  EXPECT_TRUE(contains(outcome.err, "error: --set train.learning_rate=1: unknown key 'train.learning_rate'"));
  EXPECT_TRUE(contains(outcome.err, "Did you mean 'train.lr'?"));
}

TEST(Usage, TheVersionNamesCommitBuildKindAndLibTorch) {
  const std::string version = run_unet({"--version"}).out;
  EXPECT_TRUE(
      std::regex_match(version, std::regex("unet \\d+\\.\\d+\\.\\d+ \\(commit (unknown|[0-9a-f]{7,40}(-dirty)?), "
                                           "[^,]+, LibTorch \\d+\\.\\d+[^)]*\\)\n")))
      << version;
}

/// Copies the program without its engine to a folder `bin`; returns its quoted path.
std::string copy_without_engine(const TempFolder& folder) {
  fs::create_directory(folder / "bin");
  fs::copy_file(UNET_PROGRAM, folder / "bin/unet");
  return shell_quoted(folder / "bin/unet");
}

TEST(Usage, HelpVersionAndParseErrorsNeedNoEngine) {
  const TempFolder folder;
  const std::string program = copy_without_engine(folder);
  EXPECT_EQ(run_shell(program + " --help").code, 0);
  EXPECT_EQ(run_shell(program + " --version").out, run_unet({"--version"}).out);
  EXPECT_EQ(run_shell(program + " export --help").out, run_unet({"export", "--help"}).out);
  EXPECT_EQ(run_shell(program + " trian").code, 2);
  const Outcome outcome = run_shell(program + " config --presets");
  EXPECT_EQ(outcome.code, 70);
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(contains(outcome.err, "error: cannot start unet-engine: No such file")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, (folder / "libexec/unet-engine"))) << outcome.err;
}

TEST(Usage, TheEngineIsFoundWhereItIsInstalled) {
  const TempFolder folder;
  const std::string program = copy_without_engine(folder);
  fs::create_directory(folder / "libexec");
  fs::create_symlink(std::string(UNET_PROGRAM) + "-engine", folder / "libexec/unet-engine");
  EXPECT_EQ(run_shell(program + " config membrane").out, run_unet({"config", "membrane"}).out);
  fs::create_symlink(folder / "bin/unet", folder / "link");
  EXPECT_EQ(run_shell(shell_quoted(folder / "link") + " config membrane").code, 0);
}

TEST(Usage, AMissingDeviceExitsWith69) {
  const TempFolder folder;
  const Outcome outcome = run_unet({"train", "--data", "x", "--device", "cuda:63", "--out", folder / "run"});
  EXPECT_EQ(outcome.code, 69) << outcome.err;
}

}  // namespace
}  // namespace unet
