"""Measures training steps or inference of the reference network in PyTorch, after some warm-up runs.

Prints the seconds as a line of JSON, and measures again for each line read from standard input. Uses the training step
of Pytorch-UNet (milesial): channels_last; fp32, or bf16 autocast as with its --amp; cross entropy and Dice, gradients
clipped to norm 1, RMSprop with foreach. On CUDA the batch is copied from page-locked memory.
"""

import argparse
import json
import pathlib
import resource
import sys
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
import unet  # noqa: E402

WARM_UP_RUNS = {"cpu": 2, "cuda": 10}


def dice_loss(logits, labels):
    """Returns one minus soft Dice, averaged over images and classes."""
    probability = F.softmax(logits.float(), dim=1).flatten(0, 1)
    truth = F.one_hot(labels, logits.shape[1]).permute(0, 3, 1, 2).float().flatten(0, 1)
    overlap = 2 * (probability * truth).sum(dim=(-1, -2))
    total = probability.sum(dim=(-1, -2)) + truth.sum(dim=(-1, -2))
    return 1 - ((overlap + 1e-6) / (total + 1e-6)).mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=["step", "inference"])
    parser.add_argument("precision", choices=["fp32", "bf16"])
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--device", choices=list(WARM_UP_RUNS), default="cpu")
    parser.add_argument("--compile", action="store_true", help="use torch.compile")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    net = unet.UNet(3, 2, depth=arguments.depth, base_channels=arguments.width)
    device, on_cuda = arguments.device, arguments.device == "cuda"
    net = net.to(device=device, memory_format=torch.channels_last)
    images = torch.randn(arguments.batch, 3, arguments.size, arguments.size)
    images = images.contiguous(memory_format=torch.channels_last)
    labels = torch.randint(0, 2, (arguments.batch, arguments.size, arguments.size))
    if on_cuda:
        images, labels = images.pin_memory(), labels.pin_memory()
    optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-5, weight_decay=1e-8, momentum=0.999, foreach=True)

    def autocast():
        return torch.autocast(device, dtype=torch.bfloat16, enabled=arguments.precision == "bf16")

    def step():
        batch, truth = images.to(device, non_blocking=True), labels.to(device, non_blocking=True)
        with autocast():
            logits = model(batch)
            loss = F.cross_entropy(logits.float(), truth) + dice_loss(logits, truth)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    @torch.no_grad()
    def inference():
        with autocast():
            return model(images_on_device).argmax(dim=1)

    net.train(arguments.task == "step")
    model = torch.compile(net) if arguments.compile else net
    images_on_device = images.to(device)
    work = step if arguments.task == "step" else inference

    def measure():
        seconds = []
        for i in range(-WARM_UP_RUNS[device], arguments.repeat):
            start = time.perf_counter()
            work()
            if on_cuda:
                torch.cuda.synchronize()
            if i >= 0:
                seconds.append(time.perf_counter() - start)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": seconds, "peak_mib": peak, "version": torch.__version__}), flush=True)

    measure()
    for _ in sys.stdin:
        measure()


if __name__ == "__main__":
    main()
