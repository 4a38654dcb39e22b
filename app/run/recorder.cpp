#include "app/run/recorder.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/run/records.h"
#include "app/scores/best_score.h"
#include "configs/schema/text.h"
#include "data/files/atomic_file.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

using nlohmann::json;

double rounded(double value, int digits) { return std::stod(fmt::format("{:.{}f}", value, digits)); }

bool is_validation(const std::string& line) { return line.find("\"type\":\"validation\"") != std::string::npos; }

std::string csv_number(const json& value) { return value.is_number() ? value.dump() : ""; }

}  // namespace

Recorder::Recorder(const RunFolder& run, const Config& config, RunClock clock)
    : run_(run), options_(config.train), data_(config.data), clock_(std::move(clock)), bar_("training") {
  const std::string metrics = run_.file("metrics.jsonl").string();
  if (!std::filesystem::exists(metrics)) return;
  for (const std::string& line : text_lines(read_file(metrics)))
    if (is_validation(line)) validations_.push_back(line);
}

void Recorder::append(const json& line) { append_to_file(run_.file("metrics.jsonl").string(), line.dump() + "\n"); }

void Recorder::stepped(const StepReport& report) {
  seconds_ += report.seconds;
  waited_seconds_ += report.waited_seconds;
  images_ += report.images;
  pace_.stepped(report.seconds);
  if (report.state.step % options_.log_every_steps == 0 && report.skipped.empty())
    append({{"type", "step"},
            {"step", report.state.step},
            {"epoch", report.state.epoch},
            {"loss", report.loss},
            {"lr", report.lr},
            {"gradient_norm", report.gradient_norm},
            {"seconds", rounded(report.seconds, 4)},
            {"run_seconds", rounded(clock_(), 3)}});
  show(report);
  if (!report.skipped.empty()) return;
  if (const auto best = divergence_.observe(report.state.step, report.loss))
    warned(report.state.step,
           fmt::format("the training diverges: the loss is {:.4g}, up from {:.4g} at step {}. Stop it, lower train.lr, "
                       "and start again from the best checkpoint with --init.",
                       best->loss_now, best->loss, best->step));
}

void Recorder::planned(const TrainingState& state, double elapsed_seconds) {
  json line{{"type", "plan"},
            {"step", state.step},
            {"planned_steps", state.time_budget.planned_steps},
            {"run_seconds", rounded(elapsed_seconds, 3)}};
  const ValidationScheduleState& validation = state.validation;
  std::string validations;
  if (validation.images > 0) {  // chosen by train.validation_share
    line.update({{"validate_every", validation.every},
                 {"validate_images", validation.images},
                 {"compared_images", validation.compared_images}});
    if (validation.every < state.time_budget.planned_steps)
      validations = fmt::format("; validating every {} on {}, at the end on {}", counted(validation.every, "step"),
                                counted(validation.images, "image"), validation.compared_images);
    else
      validations = fmt::format("; validating only at the end, on {}", counted(validation.compared_images, "image"));
  }
  append(line);
  spdlog::info("train.time_budget {}: planned {} in total, {} done after {}{}", options_.time_budget.value().text,
               counted(state.time_budget.planned_steps, "step"), state.step, duration_text(elapsed_seconds),
               validations);
}

void Recorder::compared(const ComparisonReport& report) {
  const TrainingState& at = report.state;
  append({{"type", "comparison"},
          {"step", at.step},
          {"images", report.images},
          {"best_by", options_.best_by},
          {"last_score", report.last_score},
          {"earlier_step", report.earlier_step},
          {"earlier_score", report.earlier_score},
          {"best_step", at.early_stopping.best_step},
          {"seconds", rounded(report.seconds, 3)},
          {"run_seconds", rounded(clock_(), 3)}});
  std::string others;
  if (report.earlier_step != at.step)
    others = fmt::format("; step {}: {}{}", report.earlier_step, score_text(options_.best_by, report.earlier_score),
                         at.is_best() ? "" : " (best)");
  spdlog::info("compared on {}: {} at step {}: {}{}{}", counted(report.images, "validation image"), options_.best_by,
               at.step, score_text(options_.best_by, report.last_score), at.is_best() ? " (best)" : "", others);
}

void Recorder::warned(int64_t step, const std::string& text) {
  append({{"type", "warning"}, {"step", step}, {"text", text}});
  spdlog::warn("{}", text);
}

void Recorder::show(const StepReport& report) {
  const TrainingState& at = report.state;
  const double done = static_cast<double>(at.step) / static_cast<double>(report.total_steps);
  const std::optional<double> left = pace_.seconds_left(at.step, report.total_steps, report.validate_every);
  const std::string note = fmt::format("epoch {}/{}  loss {:.4f}  {:.1f} images/s  data wait {:.0f}%",
                                       at.epoch + (at.step_in_epoch > 0 ? 1 : 0),
                                       std::max<int64_t>(1, report.total_steps / report.steps_in_epoch), report.loss,
                                       static_cast<double>(images_) / seconds_, 100 * waited_seconds_ / seconds_);
  bar_.show(done, note, left);
  if (!left || !pace_.is_due(clock_())) return;
  // Where the bar is shown, only train.log gets the line.
  const auto level = ProgressBar::is_shown() ? spdlog::level::debug : spdlog::level::info;
  spdlog::log(level, "{} left: step {} of {}, {}", duration_text(*left), at.step, report.total_steps, note);
}

void Recorder::predicted(const SampleRef& ref, const Sample& sample, const cv::Mat& prediction) {
  if (samples_.size() < static_cast<size_t>(options_.sample_images))
    samples_.push_back({ref.name, sample.image, sample.mask, prediction});
}

void Recorder::validated(const ValidationReport& report) {
  const TrainingState& at = report.state;
  pace_.validated(report.seconds);
  const double speed = seconds_ == 0 ? 0 : static_cast<double>(images_) / seconds_;
  const double wait_share = seconds_ == 0 ? 0 : waited_seconds_ / seconds_;
  json line{{"type", "validation"},
            {"step", at.step},
            {"epoch", at.epoch},
            {"train_loss", report.train_loss},
            {"lr", report.lr},
            {"best", at.is_best()},
            {"train_seconds", rounded(seconds_, 3)},
            {"validation_seconds", rounded(report.seconds, 3)},
            {"run_seconds", rounded(clock_(), 3)},
            {"images_per_second", rounded(speed, 2)},
            {"waiting_share", rounded(wait_share, 4)}};
  std::string scores = "no validation images";
  if (report.images > 0) line["images"] = report.images;
  if (report.scores) {
    line.update(to_json(*report.scores));
    const double score = comparable_score(*report.scores, options_.best_by);
    scores =
        fmt::format("{} {}{}", options_.best_by, score_text(options_.best_by, score), at.is_best() ? " (best)" : "");
    if (report.images > 0) scores += " on " + counted(report.images, "image");
  }
  if (report.calibration) line["calibration"] = to_json(*report.calibration);
  append(line);
  validations_.push_back(line.dump());
  write_csv();
  if (!samples_.empty())
    write_image(run_.file(fmt::format("samples/step-{:06}.png", at.step)).string(),
                sample_sheet(samples_, data_.class_names, data_.class_colors));
  samples_.clear();
  const std::string pace =  // a run that resumes at a validation has not taken a step yet
      images_ == 0 ? "" : fmt::format(", {:.1f} images/s, data wait {:.0f}%", speed, 100 * wait_share);
  spdlog::info("epoch {}, step {}: train loss {:.4f}, {}{}", at.epoch, at.step, report.train_loss, scores, pace);
  seconds_ = waited_seconds_ = 0;
  images_ = 0;
}

std::string Recorder::calibration_text(int64_t step) const {
  for (const std::string& line : validations_) {
    const json row = json::parse(line);
    if (row.value("step", int64_t{0}) != step || !row.contains("calibration")) continue;
    const json& calibration = row["calibration"];
    return fmt::format("temperature {:.3g} (expected calibration error {:.3f} -> {:.3f})",
                       calibration.value("temperature", 1.0), calibration.value("error_before", 0.0),
                       calibration.value("error_after", 0.0));
  }
  return "";
}

void Recorder::write_csv() const {
  const std::vector<std::string> columns{"step", "epoch", "train_loss", "lr"};
  std::vector<std::string> scores = score_names();
  for (const std::string& metric : metrics_to_compute(options_.metrics, options_.best_by))
    for (const std::string& name : summary_names(find_metric(metric))) scores.push_back(name);
  std::string text = join(columns, ",") + "," + join(scores, ",");
  for (const std::string& name : data_.class_names) text += ",\"iou " + name + "\"";
  text += ",images_per_second,waiting_share\n";
  for (const std::string& line : validations_) {
    const json row = json::parse(line);
    std::vector<std::string> cells;
    for (const std::string& column : columns) cells.push_back(csv_number(row.value(column, json())));
    for (const std::string& name : scores) cells.push_back(csv_number(row.value(name, json())));
    for (size_t c = 0; c < data_.class_names.size(); ++c)
      cells.push_back(row.contains("classes") ? csv_number(row["classes"].at(c)["iou"]) : "");
    cells.push_back(csv_number(row["images_per_second"]));
    cells.push_back(csv_number(row["waiting_share"]));
    text += join(cells, ",") + "\n";
  }
  write_file(run_.file("metrics.csv").string(), text);
}

}  // namespace unet
