#include "app/config/train_options.h"

#include "app/scores/scores.h"
#include "app/optimization/freezing.h"

namespace unet {

TrainOptions::TrainOptions() : optimizer(optimizer_rules(), "adamw"), schedule(schedules(), "poly") {}

void TrainOptions::fields(FieldVisitor& visit) {
  visit("epochs", epochs, "passes over the training images", at_least(1));
  visit("batch_size", batch_size, "samples in a micro-batch", in_range(1, 65536));
  visit("accumulate", accumulate,
        "micro-batches whose gradients make one step, as if one batch; batch norm and dice see each micro-batch alone",
        in_range(1, 65536));
  visit("lr", lr, "peak learning rate", above(0));
  visit("encoder_lr_factor", encoder_lr_factor, "of lr, for the contracting path: encoder and bottleneck", above(0));
  visit("decoder_lr_factor", decoder_lr_factor, "of lr, for the expanding path: decoder and head", above(0));
  visit("weight_decay", weight_decay, "as the optimizer has it", at_least(0));
  visit("weight_decay_on", weight_decay_on, "all parameters, or weights alone: no biases, no norms",
        one_of({"all", "weights"}));
  visit("optimizer", optimizer, "how a gradient moves the parameters");
  visit("schedule", schedule, "the learning rate over the training");
  visit("warmup_steps", warmup_steps, "steps of linear warm-up; auto: a twentieth of all, at most 500; 0 for one_cycle",
        at_least(0));
  visit("clip_grad_value", clip_grad_value, "largest size of each value of the gradient; 0: no clipping", at_least(0));
  visit("clip_grad_norm", clip_grad_norm, "largest norm of the gradient, after clip_grad_value; 0: no clipping",
        at_least(0));
  visit("freeze", freeze, "parts of the network that stay as they are, e.g. [encoder]", one_of(network_parts()));
  visit("freeze_epochs", freeze_epochs, "how long they stay so; 0: for the whole training", at_least(0));
  visit("ema_decay", ema_decay, "of the averaged weights that are validated and used; 0: off", in_range(0, 0.999999));
  visit("swa_start", swa_start,
        "share of the steps after which the weights are averaged evenly, and the averages used; 0: off",
        in_range(0, 0.999));
  visit("precision", precision, "auto: bf16 where the processor multiplies it faster; fp16: on CUDA, with loss scaling",
        one_of({"auto", "fp32", "bf16", "fp16"}));
  visit("memory_format", memory_format,
        "auto: channels_last with bf16 and fp16, and in fp32 where it makes inference faster",
        one_of({"auto", "contiguous", "channels_last"}));
  visit("fast_paths", fast_paths,
        "fused kernels of our own, in training and on images, and CUDA graphs; false: LibTorch's operations alone");
  visit("checkpoint_activations", checkpoint_activations,
        "less memory for more time: most activations are computed again in the backward pass; the result is the same");
  visit("validate_every_steps", validate_every_steps, "auto: at the end of each epoch", at_least(1));
  visit("best_by", best_by, "the score that chooses the best checkpoint", one_of(score_names()));
  visit("early_stopping_patience", early_stopping_patience, "validations without a better score; 0: off", at_least(0));
  visit("seed", seed, "of every random choice", at_least(0));
  visit("deterministic", deterministic, "on CUDA: slower kernels that give the same result each time");
  visit("log_every_steps", log_every_steps, "steps between two lines in metrics.jsonl", at_least(1));
  visit("sample_images", sample_images, "rows of the sample sheet at each validation; 0: none", in_range(0, 64));
  visit("save_every_steps", save_every_steps, "a checkpoint every so many steps; auto: at each validation only",
        at_least(1));
  visit("keep_steps", keep_steps, "how many of these stay as checkpoints/step-N, the newest ones", at_least(0));
  visit("max_time", max_time, "the run stops, resumable, after this time, earlier parts included: 90m, 2h, 1h30m; off");
  visit("time_budget", time_budget,
        "the number of steps is chosen (instead of epochs) so that the schedule ends after this time: 30m, 2h; off");
  visit("nonfinite", nonfinite, "a loss or gradient that is NaN or Inf: stop, or skip that step",
        one_of({"stop", "skip"}));
  visit("nonfinite_limit", nonfinite_limit, "steps skipped one after another after which the training stops",
        at_least(1));
  visit("out_of_memory", out_of_memory,
        "stop, or halve what is computed at once: same effective batch, but batch norm and dice see each part alone",
        one_of({"stop", "halve"}));
}

std::vector<std::string> TrainOptions::frozen_parts(int64_t epoch) const {
  return freeze_epochs == 0 || epoch < freeze_epochs ? freeze : std::vector<std::string>{};
}

}  // namespace unet
