#include <spdlog/spdlog.h>

#include <filesystem>

#include "app/commands/commands.h"
#include "app/config.h"
#include "app/import/import_model.h"
#include "configs/schema/error.h"
#include "configs/schema/suggest.h"
#include "configs/schema/writer.h"
#include "data/atomic_file.h"

namespace unet {
namespace {

struct ImportArguments {
  std::string file;
  std::string out;
  std::vector<double> mean, std;
  std::vector<std::string> settings;
  bool overwrite = false;
};

void set_list(Tree& tree, const std::string& option, const std::vector<double>& values) {
  if (values.empty()) return;
  std::vector<std::string> texts;
  for (const double value : values) texts.push_back(number_text(value));
  set_value(tree, option + "=[" + join(texts) + "]");
}

int import_command(const ImportArguments& arguments) {
  if (!arguments.overwrite && std::filesystem::exists(arguments.out))
    fail(ErrorKind::cannot_create, "[import] ", arguments.out,
         ": is there already. Add --overwrite, or choose another --out.");
  Tree settings = load_config("");
  for (const std::string& setting : arguments.settings) set_value(settings, setting);
  set_list(settings, "data.mean", arguments.mean);
  set_list(settings, "data.std", arguments.std);
  const ImportedModel imported = import_model(arguments.file, settings);
  write_file(arguments.out, to_bytes(imported.checkpoint));
  for (const std::string& note : imported.notes) spdlog::info("import: {}", note);
  spdlog::info("next:\n  unet predict {} IMAGES --out MASKS --save mask,overlay", arguments.out);
  return kExitDone;
}

}  // namespace

void add_import_command(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<ImportArguments>();
  CLI::App* command = app.add_subcommand("import", "Make a checkpoint of weights from PyTorch");
  command->add_option("file", arguments->file, "a state_dict as torch.save writes it, or safetensors")->required();
  command->add_option("--out", arguments->out, "the checkpoint, a .safetensors file")->required();
  command->add_option("--mean", arguments->mean, "of each channel, of values scaled to [0,1]; default 0")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--std", arguments->std, "of each channel; default 1")->delimiter(',')->allow_extra_args(false);
  command->add_option("--set", arguments->settings, "what weights cannot tell, e.g. model.activation=silu")
      ->allow_extra_args(false);
  command->add_flag("--overwrite", arguments->overwrite, "replace the file if it is there");
  command->footer(
      "Tensors have the names of scripts/reference/unet.py or of Pytorch-UNet;\n"
      "depth, widths, channels and classes come from their shapes.\n"
      "Examples:\n"
      "  unet import model.pth --out model.safetensors --mean 0.5,0.5,0.5 --std 0.25,0.25,0.25\n"
      "  unet import weights.safetensors --out model.safetensors --set model.norm=group --set model.activation=silu");
  command->callback([arguments, &chosen] { chosen = [arguments] { return import_command(*arguments); }; });
}

}  // namespace unet
