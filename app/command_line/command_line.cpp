#include "app/command_line/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/command_line/exit_codes.h"
#include "app/export/format_names.h"
#include "app/inference/output_kinds.h"
#include "configs/schema/suggest.h"

namespace unet {
namespace {

constexpr const char* kModelMeaning = "a checkpoint, or a run's folder for its best one";
constexpr const char* kJsonMeaning = "one JSON document on stdout";

void add_device(CLI::App& command, std::string& device) {
  command.add_option("--device", device, "auto, cpu or cuda:N");
}

void add_settings(CLI::App& command, std::vector<std::string>& settings, const std::string& example) {
  command.add_option("--set", settings, "KEY=VALUE, e.g. " + example + "; may be repeated")->allow_extra_args(false);
}

void define(CLI::App& command, TrainArguments& arguments) {
  command.add_option("config", arguments.config, "a YAML file or the name of a preset (see: unet config --presets)");
  command.add_option("--data", arguments.data, "the data set's folder, instead of data.dir");
  add_settings(command, arguments.settings, "train.lr=3e-4");
  command.add_option("--out", arguments.out, "the run's folder (default: runs/NAME)");
  CLI::Option* init =
      command.add_option("--init", arguments.init, "a checkpoint or run whose weights to start from, where they fit");
  CLI::Option* resume =
      command.add_flag("--resume", arguments.resume, "go on with the run in --out, or the newest in runs/, exactly")
          ->excludes(init);
  command
      .add_flag("--allow-changed-data", arguments.allow_changed_data,
                "resume though the images or masks are not those it was trained with")
      ->needs(resume);
  command
      .add_flag("--find-lr", arguments.find_lr,
                "propose a learning rate after 100 trial steps, with a curve in --out (default: runs/NAME-find-lr)")
      ->excludes(resume);
  add_device(command, arguments.device);
  command.footer(
      "Examples:\n"
      "  unet train --data my-images --out runs/first\n"
      "  unet train membrane --data membrane --set train.epochs=30 --set train.lr=5e-4");
}

void define(CLI::App& command, PredictArguments& arguments) {
  const std::vector<std::string> kinds(std::begin(kOutputKinds), std::end(kOutputKinds));
  command.add_option("model", arguments.model, kModelMeaning)->required();
  command.add_option("inputs", arguments.inputs, "images, folders or quoted patterns")->required();
  command.add_option("--out", arguments.out, "folder for the outputs; each kind gets a folder in it")->required();
  command.add_option("--save", arguments.save, "what to write, separated by commas: " + join(kinds))
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember(kinds));
  command.add_flag("--recursive", arguments.recursive, "also images in folders below");
  command.add_flag("--overwrite", arguments.overwrite, "replace outputs that are there");
  add_device(command, arguments.device);
  command.footer(
      "Examples:\n"
      "  unet predict runs/first new-images --out masks\n"
      "  unet predict runs/first 'scans/*.tif' --out masks --save mask,overlay,probabilities");
}

void define(CLI::App& command, EvaluateArguments& arguments) {
  command.add_option("model", arguments.model, kModelMeaning)->required();
  command.add_option("--data", arguments.data, "the data set's folder")->required();
  command.add_option("--split", arguments.split, "train, val, test or all")
      ->check(CLI::IsMember({"train", "val", "test", "all"}));
  add_device(command, arguments.device);
  command.add_flag("--json", arguments.json, kJsonMeaning);
  command.footer(
      "Examples:\n"
      "  unet evaluate runs/first --data my-images\n"
      "  unet evaluate runs/first/checkpoints/last.safetensors --data my-images --split all --json");
}

void define(CLI::App& command, ExportArguments& arguments) {
  std::vector<std::string> names;
  std::string formats = "Formats:\n";
  for (const ExportFormatName& format : kExportFormats) {
    names.emplace_back(format.name);
    formats += "  " + names.back() + std::string(13 - names.back().size(), ' ') + format.meaning + "\n";
  }
  command.add_option("model", arguments.model, kModelMeaning)->required();
  command.add_option("--format", arguments.format, "one of those below")->required()->check(CLI::IsMember(names));
  command.add_option("--out", arguments.out, "the file")->required();
  command.add_flag(
      "!--no-padding", arguments.padding,
      "for images whose height and width the factors of all levels divide, and for programs that cannot pad, such as "
      "OpenCV's dnn module");
  command.add_flag("--overwrite", arguments.overwrite, "replace the file if it is there");
  command.footer(formats +
                 "Examples:\n"
                 "  unet export runs/first --format onnx --out model.onnx\n"
                 "  unet export runs/first/checkpoints/last.safetensors --format torchscript --out model.pt");
}

void define(CLI::App& command, ImportArguments& arguments) {
  command.add_option("file", arguments.file, "a state_dict as torch.save writes it, or safetensors")->required();
  command.add_option("--out", arguments.out, "the checkpoint, a .safetensors file")->required();
  command.add_option("--mean", arguments.mean, "of each channel, of values scaled to [0,1]; default 0")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--std", arguments.std, "of each channel; default 1")->delimiter(',')->allow_extra_args(false);
  command.add_option("--set", arguments.settings, "what weights cannot tell, e.g. model.activation=silu")
      ->allow_extra_args(false);
  command.add_flag("--overwrite", arguments.overwrite, "replace the file if it is there");
  command.footer(
      "Tensors have the names of scripts/reference/unet.py or of Pytorch-UNet;\n"
      "depth, widths, channels and classes come from their shapes.\n"
      "Examples:\n"
      "  unet import model.pth --out model.safetensors --mean 0.5,0.5,0.5 --std 0.25,0.25,0.25\n"
      "  unet import weights.safetensors --out model.safetensors --set model.norm=group --set model.activation=silu");
}

void define(CLI::App& command, CheckDataArguments& arguments) {
  command.add_option("target", arguments.target, "a data set's folder, a YAML file, or the name of a preset")
      ->required();
  command.add_option("--data", arguments.data, "the data set's folder, instead of data.dir");
  add_settings(command, arguments.settings, "data.ignore_values=[11]");
  command.add_option("--out", arguments.out, "a new folder for pictures of suspicious and ordinary images");
  command.add_flag("--overwrite", arguments.overwrite, "write into the folder even if it is not empty");
  command.add_flag("--json", arguments.json, kJsonMeaning);
  command.footer(
      "Examples:\n"
      "  unet check-data my-images --out check\n"
      "  unet check-data membrane --data membrane --json");
}

void define(CLI::App& command, InspectArguments& arguments) {
  command
      .add_option("network", arguments.subject, "a config or the name of a preset; or a checkpoint or a run's folder")
      ->required();
  CLI::Option* input_size = command.add_option("--input-size", arguments.input_size,
                                               "HEIGHTxWIDTH of the image to predict (default: data.size)");
  add_settings(command, arguments.settings, "model.base_channels=16");
  command.add_flag("--json", arguments.json, kJsonMeaning);
  CLI::Option* upsampling =
      command
          .add_flag("--upsampling", arguments.upsampling,
                    "how the decoder enlarges: overlap of its kernels, response to a constant input")
          ->excludes(input_size);
  command.add_option("--out", arguments.out, "a PNG of these responses")->needs(upsampling);
  command.add_flag("--overwrite", arguments.overwrite, "replace the PNG if it is there");
  command.footer(
      "Examples:\n"
      "  unet inspect membrane --input-size 512x512\n"
      "  unet inspect runs/first --set train.batch_size=16\n"
      "  unet inspect runs/first --upsampling --out upsampling.png");
}

void define(CLI::App& command, BenchArguments& arguments) {
  command.add_option("config", arguments.config, "a config or the name of a preset");
  add_settings(command, arguments.settings, "model.base_channels=64");
  command.add_option("--part", arguments.parts, "what to measure, separated by commas: step,inference,loading,start")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"step", "inference", "loading", "start"}));
  command.add_option("--data", arguments.data, "a data set to load (default: a made-up one)");
  add_device(command, arguments.device);
  command.add_option("--repeat", arguments.repeat, "how often; the table shows the median")->check(CLI::Range(1, 1000));
  command.add_flag("--json", arguments.json, kJsonMeaning);
  command.footer(
      "Examples:\n"
      "  unet bench\n"
      "  unet bench membrane --set train.fast_paths=false --part step,inference");
}

void define(CLI::App& command, ConfigArguments& arguments) {
  auto* what = command.add_option_group("what to print");
  what->add_option("preset", arguments.preset, "the text of this preset");
  what->add_flag("--presets", arguments.presets, "the presets, one a line");
  what->add_flag("--defaults", arguments.defaults, "every option with its default and meaning, as YAML");
  what->add_flag("--schema", arguments.schema, "the JSON Schema, for editors");
  what->require_option(1);
  command.footer(
      "Examples:\n"
      "  unet config --defaults > my.yaml\n"
      "  unet config membrane");
}

void define(CLI::App& command, SynthArguments& arguments) {
  command.add_option("--out", arguments.out, "a new folder")->required();
  command.add_option("--count", arguments.options.count, "images in all")->check(CLI::Range(8, 100000));
  command.add_option("--size", arguments.options.size, "height and width, pixels")->check(CLI::Range(32, 4096));
  command.add_option("--classes", arguments.options.classes, "background included")->check(CLI::Range(2, 5));
  command.add_option("--seed", arguments.options.seed, "another seed, other images");
  command.footer(
      "Examples:\n"
      "  unet synth --out shapes\n"
      "  unet synth --out large-shapes --count 200 --size 256");
}

/// Adds a command whose arguments become `chosen` where it is the one that is given.
template <class CommandArguments>
void add(CLI::App& app, const std::string& name, const std::string& meaning, Arguments& chosen) {
  auto arguments = std::make_shared<CommandArguments>();
  CLI::App* command = app.add_subcommand(name, meaning);
  define(*command, *arguments);
  command->callback([arguments, &chosen] { chosen = *arguments; });
}

/// Newer CLI11 takes the indentation out of examples unless it is told not to; older ones know no such thing.
template <class Formatter>
auto keep_indentation(Formatter& formatter, int) -> decltype(formatter.enable_footer_formatting(false)) {
  formatter.enable_footer_formatting(false);
}
template <class Formatter>
void keep_indentation(Formatter&, long) {}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

/// Prints help, or what is wrong.
int exit_code(const CLI::App& app, const CLI::ParseError& error) {
  return app.exit(error) == 0 ? kExitDone : kExitUsage;
}

}  // namespace

ParsedCommandLine parse_command_line(int argc, char** argv) {
  CLI::App app("Train U-Nets for image segmentation, run them over folders of images, and score them.", "unet");
  app.set_version_flag("--version", UNET_VERSION);
  app.require_subcommand(1);
  keep_indentation(*app.get_formatter(), 0);
  app.fallthrough();
  bool quiet = false;
  bool verbose = false;
  app.add_flag("-q,--quiet", quiet, "warnings and errors only");
  app.add_flag("-v,--verbose", verbose, "more detail")->excludes("--quiet");
  app.footer(
      "Examples:\n"
      "  unet train --data my-images --out runs/first\n"
      "  unet predict runs/first new-images --out masks\n"
      "unet COMMAND --help tells more of each command.");
  CommandLine line;
  Arguments& chosen = line.arguments;
  add<TrainArguments>(app, "train", "Train a model on images and masks", chosen);
  add<PredictArguments>(app, "predict", "Make masks for new images", chosen);
  add<EvaluateArguments>(app, "evaluate", "Score a model against masks", chosen);
  add<ExportArguments>(app, "export", "Write a model for other programs", chosen);
  add<ImportArguments>(app, "import", "Make a checkpoint of weights from PyTorch", chosen);
  add<CheckDataArguments>(app, "check-data", "Tell what a data set holds, and every problem of it", chosen);
  add<InspectArguments>(app, "inspect", "Show a network's layers, costs and memory", chosen);
  add<BenchArguments>(app, "bench", "Measure how fast a network trains and runs on this machine", chosen);
  add<ConfigArguments>(app, "config", "Print what can be configured", chosen);
  add<SynthArguments>(app, "synth", "Make a small data set to try things on", chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    const std::vector<std::string> unknown = app.remaining();
    if (!app.get_subcommands().empty() || unknown.empty()) return {std::nullopt, exit_code(app, error)};
    std::fprintf(stderr, "no command '%s'; %s\n", unknown[0].c_str(),
                 expected_one_of(unknown[0], commands_of(app)).c_str());
    return {std::nullopt, kExitUsage};
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, exit_code(app, error)};
  }
  line.verbosity = quiet ? Verbosity::quiet : verbose ? Verbosity::verbose : Verbosity::normal;
  return {line, kExitDone};
}

}  // namespace unet
