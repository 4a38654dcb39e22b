#include "app/training/train_options.h"

#include "app/evaluation/scores.h"

namespace unet {

TrainOptions::TrainOptions() : optimizer(optimizer_rules(), "adamw"), schedule(schedules(), "poly") {}

void TrainOptions::fields(FieldVisitor& visit) {
  visit("epochs", epochs, "passes over the training images", at_least(1));
  visit("batch_size", batch_size, "samples in a micro-batch", in_range(1, 65536));
  visit("accumulate", accumulate, "micro-batches whose gradients make one step", in_range(1, 65536));
  visit("lr", lr, "peak learning rate", above(0));
  visit("weight_decay", weight_decay, "as the optimizer has it", at_least(0));
  visit("optimizer", optimizer, "how a gradient moves the parameters");
  visit("schedule", schedule, "the learning rate over the training");
  visit("warmup_steps", warmup_steps, "steps of linear warm-up; auto: a twentieth of all, at most 500", at_least(0));
  visit("clip_grad_norm", clip_grad_norm, "largest norm of the gradient; 0: no clipping", at_least(0));
  visit("ema_decay", ema_decay, "of the averaged weights that are validated and used; 0: off", in_range(0, 0.999999));
  visit("precision", precision, "auto: bf16 where the processor has matrix units for it",
        one_of({"auto", "fp32", "bf16"}));
  visit("memory_format", memory_format, "auto: channels_last with bf16",
        one_of({"auto", "contiguous", "channels_last"}));
  visit("validate_every_steps", validate_every_steps, "auto: at the end of each epoch", at_least(1));
  visit("best_by", best_by, "the score that chooses the best checkpoint", one_of(score_names()));
  visit("early_stopping_patience", early_stopping_patience, "validations without a better score; 0: off", at_least(0));
  visit("seed", seed, "of every random choice", at_least(0));
  visit("deterministic", deterministic, "on CUDA: slower kernels that give the same result each time");
  visit("log_every_steps", log_every_steps, "steps between two lines in metrics.jsonl", at_least(1));
  visit("sample_images", sample_images, "rows of the sample sheet at each validation; 0: none", in_range(0, 64));
}

}  // namespace unet
