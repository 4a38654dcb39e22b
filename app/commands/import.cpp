#include <spdlog/spdlog.h>

#include <filesystem>

#include "app/commands/commands.h"
#include "app/config/config.h"
#include "app/import/import_model.h"
#include "configs/schema/error.h"
#include "configs/schema/suggest.h"
#include "configs/schema/writer.h"
#include "data/files/atomic_file.h"

namespace unet {
namespace {

void set_list(Tree& tree, const std::string& option, const std::vector<double>& values) {
  if (values.empty()) return;
  std::vector<std::string> texts;
  for (const double value : values) texts.push_back(number_text(value));
  set_value(tree, option + "=[" + join(texts) + "]");
}

}  // namespace

int run(const ImportArguments& arguments) {
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

}  // namespace unet
