#include "app/config/train_options.h"

#include "app/optimization/freezing.h"
#include "app/scores/best_score.h"

namespace unet {

TrainOptions::TrainOptions() : optimizer(optimizer_rules(), "adamw"), schedule(schedules(), "poly") {}

void TrainOptions::fields(FieldVisitor& visit) {
  visit("epochs", epochs, "passes over the training set", at_least(1), kResumable);
  visit("batch_size", batch_size, "samples per micro-batch", in_range(1, 65536));
  visit(
      "accumulate", accumulate,
      "micro-batches accumulated for one optimizer step, as one batch; batch norm and dice see each micro-batch alone",
      in_range(1, 65536));
  visit("lr", lr, "peak learning rate", above(0));
  visit("encoder_lr_factor", encoder_lr_factor, "factor of lr for the encoder and the bottleneck", above(0));
  visit("decoder_lr_factor", decoder_lr_factor, "factor of lr for the decoder and the head", above(0));
  visit("weight_decay", weight_decay, "weight decay, as the optimizer defines it", at_least(0));
  visit("weight_decay_on", weight_decay_on,
        "parameters with weight decay: all, or weights without biases and norm parameters");
  visit("optimizer", optimizer, "optimizer");
  visit("schedule", schedule, "learning rate schedule");
  visit("warmup_steps", warmup_steps, "steps of linear warm-up; auto: 5% of all steps, at most 500; 0 for one_cycle",
        at_least(0));
  visit("clip_grad_value", clip_grad_value, "gradient clipping by value: largest absolute value; 0: off", at_least(0));
  visit("clip_grad_norm", clip_grad_norm, "gradient clipping by norm, after clip_grad_value: largest norm; 0: off",
        at_least(0));
  visit("freeze", freeze, "frozen parts of the network, e.g. [encoder]", one_of(network_parts()));
  visit("freeze_epochs", freeze_epochs, "epochs after which they are unfrozen; 0: never", at_least(0));
  visit("ema_decay", ema_decay,
        "decay of the exponential moving average of the weights (EMA), which is validated and exported; 0: off",
        in_range(0, 0.999999));
  visit("swa_start", swa_start,
        "stochastic weight averaging (SWA) starts after this fraction of the steps; the average is validated and "
        "exported; 0: off",
        in_range(0, 0.999));
  visit("precision", precision,
        "auto: bf16 where the hardware multiplies it faster, else fp32; fp16: CUDA only, with loss scaling");
  visit("memory_format", memory_format,
        "auto: channels_last with bf16 and fp16, and for fp32 inference where it is faster");
  visit("fast_paths", fast_paths,
        "fused kernels for network and loss, and CUDA graphs; false: LibTorch's operations; the optimizer is always "
        "fused");
  visit(
      "checkpoint_activations", checkpoint_activations,
      "activation checkpointing: recompute most activations in the backward pass; less memory, more time, same result",
      kHostOnly);
  visit("validate_every_steps", validate_every_steps, "steps between two validations; auto: at the end of each epoch",
        at_least(1));
  visit("best_by", best_by, "score that selects the best checkpoint", one_of(best_by_names()));
  visit("early_stopping_patience", early_stopping_patience,
        "stop after this many validations without improvement; 0: off", at_least(0), kResumable);
  visit("seed", seed, "random seed", at_least(0));
  visit("deterministic", deterministic, "on CUDA: slower kernels with reproducible results");
  visit("log_every_steps", log_every_steps, "steps between two lines of metrics.jsonl", at_least(1), kResumable);
  visit("sample_images", sample_images, "rows of the contact sheet of each validation; 0: none", in_range(0, 64),
        kResumable);
  visit("save_every_steps", save_every_steps, "steps between two checkpoints; auto: only at each validation",
        at_least(1), kResumable);
  visit("keep_steps", keep_steps, "number of these checkpoints to keep as checkpoints/step-N, newest first",
        at_least(0), kResumable);
  visit("max_time", max_time,
        "stop, resumable, after this total time over all parts of the run, e.g. 90m, 2h, 1h30m; off", kResumable);
  visit("time_budget", time_budget,
        "choose the number of steps, instead of epochs, so that the schedule ends after this time, e.g. 30m, 2h; off",
        kResumable);
  visit(
      "validate_images", validate_images,
      "images of each validation, spread evenly over the names; the last and the best checkpoint are then compared on "
      "all; auto: all, or what validation_share allows",
      at_least(1));
  visit("validation_share", validation_share,
        "with time_budget: largest share of the time for validations, which chooses how often and on how many images; "
        "0: off",
        in_range(0, 0.5));
  visit("nonfinite", nonfinite, "loss or gradient is NaN or Inf: stop, or skip the step", kResumable);
  visit("nonfinite_limit", nonfinite_limit, "consecutive skipped steps after which the training stops", at_least(1),
        kResumable);
  visit("out_of_memory", out_of_memory,
        "out of memory: stop, or halve the micro-batch and keep the effective batch; batch norm and dice see each part "
        "alone",
        kResumable);
  visit("metrics", metrics, "metrics that each validation computes, beside the one of best_by", one_of(metric_names()),
        kResumable);
  visit("temperature_scaling", temperature_scaling,
        "find the temperature of the probabilities at each validation (temperature scaling)", kResumable);
}

std::vector<std::string> TrainOptions::frozen_parts(int64_t epoch) const {
  return freeze_epochs == 0 || epoch < freeze_epochs ? freeze : std::vector<std::string>{};
}

}  // namespace unet
