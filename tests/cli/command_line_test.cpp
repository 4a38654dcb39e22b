// What the program says about command lines that it does not understand: the line that was meant.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/support/contains.h"
#include "tests/support/program.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> commands() {
  return {"train",   "predict", "evaluate", "export", "import", "check-data",
          "convert", "plan",    "inspect",  "bench",  "config", "synth"};
}

TEST(CommandLine, BareUnetPrintsTheHelp) {
  const Outcome outcome = run_unet({});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.out, run_unet({"--help"}).out);
  EXPECT_EQ(outcome.err, "");
}

TEST(CommandLine, HelpIsACommand) {
  EXPECT_EQ(run_unet({"help"}).out, run_unet({"--help"}).out);
  EXPECT_EQ(run_unet({"help"}).code, 0);
  for (const std::string& command : commands()) {
    const Outcome outcome = run_unet({"help", command});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(outcome.out, run_unet({command, "--help"}).out) << command;
  }
  const Outcome unknown = run_unet({"help", "trian"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_TRUE(contains(unknown.err, "no command 'trian'. Did you mean 'train'?"));
}

/// The help of one option, on one line.
std::vector<std::string> options_in(const std::string& help) {
  std::vector<std::string> options;
  std::istringstream lines(help);
  bool is_list = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("Positionals:", 0) == 0 || line.rfind("Options:", 0) == 0) is_list = true;
    if (line.rfind("Examples:", 0) == 0 || line.rfind("Formats:", 0) == 0) is_list = false;
    if (!is_list || line.rfind("  ", 0) != 0) continue;
    if (line[2] != ' ')
      options.push_back(line);
    else if (!options.empty())
      options.back() += line;
  }
  return options;
}

TEST(CommandLine, TheHelpHasTheDefaultOfEveryOptionWithAValue) {
  static const std::regex has_value(R"(^  \S+ (TEXT|INT|UINT|FLOAT).*)");
  static const std::regex has_default(R"(.*(default|REQUIRED|=\S+).*|  \S+ [A-Z]+(:\S+ in \[[^\]]+\]|:\{\S+\})? \[.+\].*)");
  for (const std::string& command : commands())
    for (const std::string& option : options_in(run_unet({command, "--help"}).out)) {
      const bool is_told = !std::regex_match(option, has_value) || std::regex_match(option, has_default);
      EXPECT_TRUE(is_told) << command << ": " << option;
    }
}

TEST(CommandLine, CommandsThatComputeTakeThreads) {
  for (const char* command : {"train", "predict", "evaluate", "export", "check-data", "convert", "bench"})
    EXPECT_TRUE(contains(run_unet({command, "--help"}).out, "--threads")) << command;
  EXPECT_EQ(run_unet({"bench", "--threads", "0"}).code, 2);
}

struct Mistake {
  std::vector<std::string> arguments;
  const char* answer;
};

TEST(CommandLine, AMistakeIsAnsweredWithWhatWasMeant) {
  const TempFolder folder;
  fs::create_directory(folder / "good");
  for (const Mistake& mistake : {
           Mistake{{"train", "--epochs", "3", "--data", "x"}, "\n  unet train --set train.epochs=3 --data x\n"},
           {{"train", "--data", "x", "--lr=1e-3"}, "\n  unet train --data x --set train.lr=1e-3\n"},
           {{"train", "--batch-size", "8"}, "\n  unet train --set train.batch_size=8\n"},
           {{"train", "--learning_rate", "1"}, "\n  unet train --set train.lr=1\n"},
           {{"train", "--epochs", "3", "--lr", "1"}, "\n  unet train --set train.epochs=3 --set train.lr=1\n"},
           {{"train", "--model.depth", "3"}, "\n  unet train --set model.depth=3\n"},
           {{"train", "--amp"}, "\n  unet train --set train.precision=VALUE\n"},
           {{"train", "--size", "[3, 3]"}, "\n  unet train --set 'data.size=[3, 3]'\n"},
           {{"evaluate", "m", "--mask-suffix", "_m"}, "\n  unet evaluate m --set data.mask_suffix=_m\n"},
           {{"train", "--devce", "cpu"}, "no flag --devce in unet train. Did you mean --device?"},
           {{"predict", "m", "i", "--outt", "o"}, "Did you mean --out?"},
           {{"predict", "-o", "x"}, "no flag -o in unet predict. Did you mean --out or --overwrite?"},
           {{"train", "-o", "x"}, "no flag -o in unet train. Did you mean --out?"},
           {{"train", "--zzzz"}, "no flag --zzzz in unet train. Its flags: --allow-changed-data,"},
           {{"evaluate", "m", folder / "good"}, "Did you mean --data "},
           {{"evaluate", "m"}, "--data is required"},
           {{"train", "a", "b"}, "unexpected argument 'b'"},
       }) {
    const Outcome outcome = run_unet(mistake.arguments);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.err.rfind("error: ", 0), 0u) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, mistake.answer));
  }
  const Outcome lr = run_unet({"evaluate", "m", "--data", "d", "--lr", "3"});
  EXPECT_FALSE(contains(lr.err, "train.lr")) << "evaluate takes data.* only";
}

TEST(CommandLine, AFolderInPlaceOfAConfigIsAnsweredWithData) {
  const TempFolder folder;
  fs::create_directories(folder / "good");
  fs::create_directories(folder / "run/checkpoints");
  const std::string good = folder / "good", run = folder / "run";
  for (const char* command : {"train", "bench"}) {
    const Outcome outcome = run_unet({command, good});
    EXPECT_EQ(outcome.code, 2) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, std::string("unet ") + command + " --data " + good));
  }
  const Outcome outcome = run_unet({"train", run});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_TRUE(contains(outcome.err, "unet train --resume --out " + run));
}

TEST(CommandLine, AFileOfAnotherProgramIsAnsweredWithImport) {
  const TempFolder folder;
  std::ofstream(folder / "model.pth") << std::string("PK\x03\x04") << std::string(100, 'x');
  std::ofstream(folder / "old.pt") << std::string("\x80\x02\x8a\x0a") << std::string(100, 'x');
  std::ofstream(folder / "model.onnx") << std::string(100, 'x');
  const std::string image = UNET_SOURCE_DIR "/.github/sample-sheet.png", out = folder / "out";
  for (const char* name : {"model.pth", "old.pt"}) {
    const std::string file = folder / name;
    const std::string command = "unet import " + file + " --out " + fs::path(name).stem().string() + ".safetensors";
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"predict", file, image, "--out", out}, {"evaluate", file, "--data", "x"}}) {
      const Outcome outcome = run_unet(arguments);
      EXPECT_EQ(outcome.code, 65) << outcome.err;
      EXPECT_TRUE(contains(outcome.err, command));
    }
  }
  const Outcome onnx = run_unet({"predict", folder / "model.onnx", image, "--out", out});
  EXPECT_EQ(onnx.code, 65);
  EXPECT_TRUE(contains(onnx.err, "unet import MODEL.pth --out model.safetensors"));
  EXPECT_FALSE(fs::exists(out)) << "a refused prediction leaves no folder";
}

TEST(CommandLine, OneThingIsNotSpokenOfAsSeveral) {
  const TempFolder folder;
  ASSERT_EQ(run_unet({"synth", "--out", folder / "data", "--count", "8", "--size", "32"}).code, 0);
  const Outcome outcome =
      run_unet({"train", "--data", folder / "data", "--out", folder / "run", "--set", "train.epochs=1", "--set",
                "train.batch_size=8", "--set", "model.depth=1", "--set", "model.base_channels=4"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "training 1 step in 1 epoch;"));
  EXPECT_FALSE(std::regex_search(outcome.err, std::regex("[^0-9.]1 (epochs|steps|images|validations|threads)\\b")))
      << outcome.err;
}

}  // namespace
}  // namespace unet
