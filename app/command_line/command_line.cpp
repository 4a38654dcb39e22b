#include "app/command_line/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <sstream>

#include "app/command_line/unknown_flag.h"
#include "app/runtime/standard_output.h"
#include "app/runtime/version.h"
#include "configs/schema/shell_text.h"
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

/// The command on the command line, or the program itself.
const CLI::App& chosen_app(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : *chosen.front();
}

/// Flags of a command and those that all commands have, e.g. "--out".
std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::App* each = &app; each != nullptr; each = each->get_parent())
    for (const CLI::Option* option : each->get_options())
      for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  std::sort(flags.begin(), flags.end());
  flags.erase(std::unique(flags.begin(), flags.end()), flags.end());
  return flags;
}

ExitCode print_usage_error(const std::string& message) {
  std::fprintf(stderr, "error: %s\n", message.c_str());
  return ExitCode::usage;
}

/// Says that there is no such command, before the list of those that there are.
ExitCode print_unknown_command(const std::string& name, const CLI::App& app) {
  const std::string near = nearest_name(name, command_names(app));
  return print_usage_error("no command '" + name + "'. " + (near.empty() ? "" : "Did you mean '" + near + "'? ") +
                           "Commands: " + join(command_names(app)));
}

/// Positions of the arguments that are unknown flags: those that the parser left over.
std::vector<size_t> unknown_flags(const std::vector<std::string>& arguments, const CLI::App& app) {
  std::vector<size_t> positions;
  const std::vector<std::string> left = app.remaining(/*recurse=*/true);
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const std::string flag = argument.substr(0, argument.find('='));
    const bool is_left = std::find(left.begin(), left.end(), argument) != left.end() ||
                         std::find(left.begin(), left.end(), flag) != left.end();
    if (is_left && argument.size() > 1 && argument[0] == '-' && argument != "--") positions.push_back(i);
  }
  return positions;
}

/// Explains arguments that are left over, if it finds a reason; "" if not.
std::string extra_argument_text(const CLI::App& app) {
  const CLI::App& command = chosen_app(app);
  const auto left = app.remaining(/*recurse=*/true);
  if (&command == &app || left.empty()) return "";
  const auto flags = flags_of(command);
  const bool takes_data = std::find(flags.begin(), flags.end(), "--data") != flags.end();
  std::error_code error;
  const bool is_folder = std::filesystem::is_directory(left[0], error);
  return "unexpected argument '" + left[0] + "'" +
         (is_folder && takes_data ? "; it is a folder. Did you mean --data " + shell_text(left[0]) + "?"
                                  : ". Help: unet " + command.get_name() + " --help");
}

/// Prints what is wrong with the command line. The first mistake is named, not what it leads to: an unknown flag before
/// a missing one, an unknown command before "A subcommand is required".
ExitCode print_parse_error(const CLI::App& app, const CLI::ParseError& error,
                           const std::vector<std::string>& arguments) {
  const auto chosen = app.get_subcommands();
  if (chosen.empty())
    for (const std::string& word : app.remaining())
      if (word[0] != '-') return print_unknown_command(word, app);
  const CLI::App& command = chosen_app(app);
  if (const auto positions = unknown_flags(arguments, app); !positions.empty())
    return print_usage_error(
        unknown_flag_text({arguments, positions, chosen.empty() ? "" : command.get_name(), flags_of(command)}));
  if (const std::string text = extra_argument_text(app); !text.empty()) return print_usage_error(text);
  const std::string help = chosen.empty() ? "unet --help" : "unet " + command.get_name() + " --help";
  return print_usage_error(std::string(error.what()) + "\nHelp: " + help);
}

/// Prints help or the version on stdout.
ExitCode print_answer(const CLI::App& app, const CLI::ParseError& answer) {
  std::ostringstream text;
  app.exit(answer, text, text);
  try {
    print_data(text.str());
  } catch (const Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return exit_code(error.kind());
  }
  return ExitCode::done;
}

/// Reads `unet help [COMMAND]` as `unet [COMMAND] --help`.
std::vector<std::string> with_help_flag(std::vector<std::string> arguments) {
  if (arguments.empty() || arguments[0] != "help") return arguments;
  arguments.erase(arguments.begin());
  arguments.resize(std::min<size_t>(arguments.size(), 1));
  arguments.emplace_back("--help");
  return arguments;
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
      "Options of a command: unet help COMMAND");
  CommandLine line;
  add_commands(app, line.command);
  const std::vector<std::string> arguments = with_help_flag({argv + 1, argv + std::max(argc, 1)});
  const bool asks_for_help = argc > 1 && std::string(argv[1]) == "help";
  const auto names = command_names(app);
  if (asks_for_help && arguments.size() > 1 && std::find(names.begin(), names.end(), arguments[0]) == names.end())
    return {std::nullopt, print_unknown_command(arguments[0], app)};
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // CLI11 takes them from the end
    app.parse(reversed);
  } catch (const CLI::Success& answer) {
    return {std::nullopt, print_answer(app, answer)};
  } catch (const CLI::ParseError& error) {
    if (!arguments.empty()) return {std::nullopt, print_parse_error(app, error, arguments)};
    const ExitCode code = print_answer(app, CLI::CallForHelp());
    return {std::nullopt, code == ExitCode::done ? ExitCode::usage : code};
  }
  line.verbosity = quiet ? Verbosity::quiet : verbose ? Verbosity::verbose : Verbosity::normal;
  return {line, ExitCode::done};
}

}  // namespace unet
