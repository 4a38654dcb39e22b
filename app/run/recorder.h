#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "app/config/config.h"
#include "app/pictures/sheet.h"
#include "app/run/divergence.h"
#include "app/run/run_folder.h"
#include "app/run/time_left.h"
#include "app/runtime/progress_bar.h"
#include "app/runtime/run_clock.h"
#include "app/training/training_observer.h"

namespace unet {

/// Records a training in its run folder (metrics.jsonl; metrics.csv, derived from it; samples/) and shows it on the
/// terminal: a progress bar, and one line for each validation.
class Recorder : public TrainingObserver {
 public:
  /// Continues the records of the run. The arguments must outlive the recorder.
  Recorder(const RunFolder& run, const Config& config, RunClock clock);

  void stepped(const StepReport& report) override;
  void predicted(const SampleRef& ref, const Sample& sample, const cv::Mat& prediction) override;
  void validated(const ValidationReport& report) override;
  void compared(const ComparisonReport& report) override;
  void planned(const TrainingState& state, double elapsed_seconds) override;
  void warned(int64_t step, const std::string& text) override;

  /// What the validation after `step` steps found on the temperature, e.g. "temperature 1.37 (expected calibration
  /// error 0.081 -> 0.023)"; "" if nothing.
  std::string calibration_text(int64_t step) const;

 private:
  void append(const nlohmann::json& line);
  void write_csv() const;
  void show(const StepReport& report);

  const RunFolder& run_;
  const TrainOptions& options_;
  const DataOptions& data_;
  RunClock clock_;
  Divergence divergence_;
  std::vector<std::string> validations_;  // lines of metrics.jsonl, for metrics.csv
  ProgressBar bar_;
  std::vector<SheetRow> samples_;
  double seconds_ = 0;  // these three are sums over the steps since the last validation
  double waited_seconds_ = 0;
  int64_t images_ = 0;
  TimeLeft pace_;
};

}  // namespace unet
