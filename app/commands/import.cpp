#include "app/commands/import.h"

#include <spdlog/spdlog.h>

#include <filesystem>

#include "app/commands/start_up.h"
#include "app/config/config.h"
#include "app/import/import_model.h"
#include "configs/schema/error.h"
#include "configs/schema/shell_text.h"
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

ExitCode ImportCommand::run() const {
  if (!overwrite && std::filesystem::exists(out))
    fail(ErrorKind::cannot_create, out, " already exists. Add --overwrite to replace it, or choose another --out.");
  Tree tree = load_config("", settings);
  set_list(tree, "data.mean", mean);
  set_list(tree, "data.std", std);
  const ImportedModel imported = import_model(file, tree);
  write_file(out, to_bytes(imported.checkpoint));
  for (const std::string& note : imported.notes) spdlog::info("import: {}", note);
  spdlog::info("next:\n  unet predict {} IMAGES --out MASKS --save mask,overlay", shell_text(out));
  return ExitCode::done;
}

}  // namespace unet
