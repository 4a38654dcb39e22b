#include "app/command_line/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/runtime/version.h"
#include "configs/schema/suggest.h"

namespace unet {
namespace {

/// Adds a command. If the command line names it, its arguments are copied to `chosen`.
template <class OneCommand>
void add_command(CLI::App& app, Command& chosen) {
  auto command = std::make_shared<OneCommand>();
  CLI::App* subcommand = app.add_subcommand(OneCommand::kName, OneCommand::kMeaning);
  command->define(*subcommand);
  subcommand->callback([command, &chosen] { chosen = *command; });
}

template <class... Commands>
void add_commands(CLI::App& app, std::variant<Commands...>& chosen) {
  (add_command<Commands>(app, chosen), ...);
}

/// Newer versions of CLI11 remove the indentation of examples unless told not to; older ones lack the function.
template <class Formatter>
auto keep_indentation(Formatter& formatter, int) -> decltype(formatter.enable_footer_formatting(false)) {
  formatter.enable_footer_formatting(false);
}
template <class Formatter>
void keep_indentation(Formatter&, long) {}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

/// Prints help, the version or a parse error.
ExitCode print_outcome(const CLI::App& app, const CLI::ParseError& error) {
  return app.exit(error) == 0 ? ExitCode::done : ExitCode::usage;
}

/// Reports an unknown command by name, instead of CLI11's "A subcommand is required".
ExitCode print_missing_command(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> unknown = app.remaining();
  if (!app.get_subcommands().empty() || unknown.empty()) return print_outcome(app, error);
  std::fprintf(stderr, "no command '%s'%s\n", unknown[0].c_str(),
               expected_one_of(unknown[0], command_names(app)).c_str());
  return ExitCode::usage;
}

}  // namespace

ParsedCommandLine parse_command_line(int argc, char** argv) {
  CLI::App app("Train U-Nets for image segmentation, run them over folders of images, and score them.", "unet");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  keep_indentation(*app.get_formatter(), 0);
  app.fallthrough();
  bool quiet = false;
  bool verbose = false;
  app.add_flag("-q,--quiet", quiet, "print warnings and errors only");
  app.add_flag("-v,--verbose", verbose, "print more detail")->excludes("--quiet");
  app.footer(
      "Examples:\n"
      "  unet train --data my-images --out runs/first\n"
      "  unet predict runs/first new-images --out masks\n"
      "Options of a command: unet COMMAND --help");
  CommandLine line;
  add_commands(app, line.command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    return {std::nullopt, print_missing_command(app, error)};
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, print_outcome(app, error)};
  }
  line.verbosity = quiet ? Verbosity::quiet : verbose ? Verbosity::verbose : Verbosity::normal;
  return {line, ExitCode::done};
}

}  // namespace unet
