#include "app/runtime/logging.h"

#include <spdlog/details/log_msg_buffer.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <vector>

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

/// Keeps the lines that are logged before there is a file for them.
class EarlyLines : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void move_to(spdlog::sinks::sink& sink) {
    const std::lock_guard lock(mutex_);
    for (const auto& line : lines_) sink.log(line);
    lines_.clear();
    is_full_ = true;  // from now on the file has them
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    constexpr size_t kMaxLines = 10000;
    is_full_ = is_full_ || lines_.size() == kMaxLines;
    if (!is_full_) lines_.emplace_back(message);
  }
  void flush_() override {}

 private:
  std::vector<spdlog::details::log_msg_buffer> lines_;
  bool is_full_ = false;
};

std::shared_ptr<EarlyLines> early_lines;

}  // namespace

void set_up_logging(Verbosity verbosity) {
  early_lines = std::make_shared<EarlyLines>();
  auto logger =
      std::make_shared<spdlog::logger>("unet", spdlog::sinks_init_list{std::make_shared<TerminalSink>(), early_lines});
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
    if (early_lines) early_lines->move_to(*sink);
    sink->flush();
    spdlog::default_logger()->sinks().push_back(sink);
  } catch (const spdlog::spdlog_ex& error) {
    fail(ErrorKind::cannot_create, path, ": ", error.what());
  }
}

}  // namespace unet
