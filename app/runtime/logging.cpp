#include "app/runtime/logging.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "app/runtime/progress_bar.h"
#include "configs/schema/error.h"

namespace unet {
namespace {

/// Writes plain lines to stderr; warnings and errors begin with their level.
class TerminalSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  TerminalSink() : color_(::isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    ProgressBar::clear();
    const std::string text(message.payload.data(), message.payload.size());
    std::fprintf(stderr, "%s%s\n", prefix(message.level).c_str(), text.c_str());
  }
  void flush_() override { std::fflush(stderr); }

 private:
  std::string prefix(spdlog::level::level_enum level) const {
    if (level == spdlog::level::warn) return color_ ? "\033[33mwarning:\033[0m " : "warning: ";
    if (level >= spdlog::level::err) return color_ ? "\033[31merror:\033[0m " : "error: ";
    return "";
  }

  bool color_;
};

}  // namespace

void set_up_logging(Verbosity verbosity) {
  auto logger = std::make_shared<spdlog::logger>("unet", std::make_shared<TerminalSink>());
  const auto level = verbosity == Verbosity::quiet     ? spdlog::level::warn
                     : verbosity == Verbosity::verbose ? spdlog::level::debug
                                                       : spdlog::level::info;
  logger->sinks().front()->set_level(level);
  logger->set_level(spdlog::level::debug);
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(logger);
  ProgressBar::set_quiet(verbosity == Verbosity::quiet);
}

void log_to_file(const std::string& path) {
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
    sink->set_pattern("%Y-%m-%d %H:%M:%S %l %v");
    spdlog::default_logger()->sinks().push_back(sink);
  } catch (const spdlog::spdlog_ex& error) {
    fail(ErrorKind::cannot_create, "[log] ", path, ": ", error.what());
  }
}

}  // namespace unet
