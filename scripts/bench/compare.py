"""Compares the speed of unet with PyTorch and ONNX Runtime on the same network.

The default is width 64, depth 4, batch 2 of 256x256.

Each round runs every program once, one after the other, each in a process of its own, so that other load on the machine
affects all alike. With --device cuda the PyTorch processes stay alive between rounds, because torch.compile takes a
minute. A ratio is the time of the other program divided by that of unet in the same round; above 1 unet is faster. The
table shows minimum, median and maximum over the rounds. unet runs in bf16 unless a row says fp32, in the memory format
that it chooses; PyTorch in channels_last. --device cuda has rows of its own, including torch.compile. Loading is
decoding and augmentation, each side on one core.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAM = ROOT / "build" / "unet"

# Row name: (command of unet, command to compare with).
ROWS = {
    "step_vs_pytorch_fp32": ("step bf16", "pytorch step fp32"),
    "step_vs_pytorch_bf16": ("step bf16", "pytorch step bf16"),
    "inference_vs_pytorch_fp32": ("inference bf16", "pytorch inference fp32"),
    "inference_vs_pytorch_bf16": ("inference bf16", "pytorch inference bf16"),
    "inference_vs_onnxruntime": ("inference bf16", "onnxruntime fp32"),
    "step_fp32_vs_pytorch_fp32": ("step fp32", "pytorch step fp32"),
    "inference_fp32_vs_pytorch_fp32": ("inference fp32", "pytorch inference fp32"),
    "inference_fp32_vs_onnxruntime": ("inference fp32", "onnxruntime fp32"),
    "step_vs_plain_paths": ("step bf16", "plain step bf16"),
    "inference_vs_plain_paths": ("inference bf16", "plain inference bf16"),
    "loading_vs_python": ("loading", "python loading"),
}

CUDA_ROWS = {
    "step_vs_pytorch_bf16": ("step bf16", "pytorch step bf16"),
    "step_vs_pytorch_compile": ("step bf16", "pytorch step bf16 --compile"),
    "inference_vs_pytorch_bf16": ("inference bf16", "pytorch inference bf16"),
    "inference_vs_pytorch_compile": ("inference bf16", "pytorch inference bf16 --compile"),
    "step_vs_plain_paths": ("step bf16", "plain step bf16"),
    "inference_vs_plain_paths": ("inference bf16", "plain inference bf16"),
}

# Applies every augmentation to every sample, so that both loaders do the same work.
AUGMENTATION = [
    f"augment.{name}.probability=1" for name in ("rotation", "scale", "brightness", "contrast")
] + ["augment.horizontal_flip.probability=0.5"]

ONE_CORE = ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0)))]


class Sides:
    """Runs each program; a run returns its median seconds and its peak memory in MiB."""

    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.model = None
        self.settings = [
            f"model.base_channels={arguments.width}",
            f"model.depth={arguments.depth}",
            "model.num_classes=2",
            f"train.batch_size={arguments.batch}",
            f"data.size=[{arguments.size},{arguments.size}]",
            "train.optimizer={name: rmsprop, momentum: 0.999}",
            "train.weight_decay=1e-8",
            "train.lr=1e-5",
            "train.clip_grad_norm=1",
        ]
        self.data = folder / "images"
        self.folder = folder
        self.kept = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.kept.values():
            process.kill()

    def set_options(self):
        return [word for setting in self.settings for word in ("--set", setting)]

    def export(self):
        """Exports the same network to ONNX, after one epoch on tiny images."""
        data, run, model = self.folder / "data", self.folder / "run", self.folder / "model.onnx"
        for command in (
            ["synth", "--out", data, "--count", "8", "--size", "64"],
            ["train", "--data", data, "--out", run, *self.set_options(), "--set", "data.size=[64,64]",
             "--set", "model.num_classes=auto", "--set", "train.epochs=1"],
            ["export", run, "--format", "onnx", "--out", model],
        ):  # fmt: skip
            subprocess.run([PROGRAM, "-q", *map(str, command)], check=True, stdout=subprocess.DEVNULL)
        return model

    def ours(self, task, precision, fast):
        command = [PROGRAM, "-q", "bench", "--json", "--part", task, "--repeat", str(self.arguments.repeat)]
        command += ["--device", self.arguments.device]
        command += self.set_options()
        command += ["--set", f"train.precision={precision}", "--set", f"train.fast_paths={'true' if fast else 'false'}"]
        result = json.loads(run(command))
        whole = result["training step" if task == "step" else "inference"]
        return whole["median"], whole["peak_mib"]

    def pytorch_command(self, side):
        a = self.arguments
        command = [a.python, HERE / "pytorch_bench.py", *side.split()[1:]]
        for name in ("width", "depth", "batch", "size", "threads", "repeat", "device"):
            command += [f"--{name}", str(getattr(a, name))]
        return list(map(str, command))

    def keep(self, sides):
        """Starts the processes that stay alive, all at once, and discards their first measurement."""
        for side in sides:
            command = self.pytorch_command(side)
            self.kept[side] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for side in sides:
            self.line_of(side)

    def line_of(self, side):
        line = self.kept[side].stdout.readline()
        if not line:
            raise subprocess.CalledProcessError(self.kept[side].wait(), self.kept[side].args)
        return line

    def pytorch(self, side):
        if side in self.kept:
            self.kept[side].stdin.write("\n")
            self.kept[side].stdin.flush()
            result = json.loads(self.line_of(side))
        else:
            result = json.loads(run(self.pytorch_command(side)))
        return statistics.median(result["seconds"]), result["peak_mib"]

    def onnxruntime(self):
        a = self.arguments
        self.model = self.model or self.export()
        command = [ROOT / "scripts" / "onnxruntime.sh", HERE / "onnxruntime_bench.js", self.model]
        return statistics.median(json.loads(run(command + [a.batch, a.size, a.threads, a.repeat]))), None

    def images(self):
        if not self.data.exists():
            command = [PROGRAM, "-q", "synth", "--out", self.data, "--count", "32", "--size", "512"]
            subprocess.run(list(map(str, command)), check=True)
        return self.data

    def loading(self):
        a = self.arguments
        command = ONE_CORE + [PROGRAM, "-q", "bench", "--json", "--part", "loading", "--data", self.images()]
        command += ["--repeat", "20"]
        settings = AUGMENTATION + [f"data.size=[{a.size},{a.size}]", "model.base_channels=4", "model.depth=1"]
        result = json.loads(run(command + [word for setting in settings for word in ("--set", setting)]))
        return result["loading"]["batch"]["median"], None

    def python_loading(self):
        command = ONE_CORE + ["/usr/bin/python3", HERE / "loading_bench.py", self.images() / "train", "--repeat", "20"]
        return statistics.median(json.loads(run(command + ["--size", self.arguments.size]))["seconds"]), None

    def run(self, side):
        words = side.split()
        if words[-1] == "loading":
            return self.python_loading() if words[0] == "python" else self.loading()
        if words[0] == "pytorch":
            return self.pytorch(side)
        if words[0] == "onnxruntime":
            return self.onnxruntime()
        fast = words[0] != "plain"
        return self.ours(*words[-2:], fast)


def run(command):
    command = list(map(str, command))
    return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--repeat", type=int, default=3, help="repetitions of each program in a round; the median counts")
    parser.add_argument("--width", type=int, default=64, help="channels at full resolution (model.base_channels)")
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--python", default="/usr/bin/python3", help="Python interpreter with PyTorch")
    parser.add_argument("--rows", help="rows to measure, separated by commas (default: all)")
    arguments = parser.parse_args()
    known = CUDA_ROWS if arguments.device == "cuda" else ROWS
    wanted = arguments.rows.split(",") if arguments.rows else list(known)
    unknown = set(wanted) - set(known)
    if unknown:
        parser.error(f"--rows: got {', '.join(sorted(unknown))}, expected some of {', '.join(known)}")
    rows = {name: known[name] for name in wanted}
    sides = list(dict.fromkeys(side for row in rows.values() for side in row))
    seconds = {side: [] for side in sides}
    peaks = {}
    with tempfile.TemporaryDirectory() as folder, Sides(arguments, pathlib.Path(folder)) as runs:
        if arguments.device == "cuda":
            runs.keep([side for side in sides if side.startswith("pytorch")])
        for i in range(arguments.rounds):
            for side in sides:
                time, peak = runs.run(side)
                seconds[side].append(time)
                peaks[side] = peak
            print(f"round {i + 1} of {arguments.rounds}", file=sys.stderr)
    ratios = {
        name: [b / a for a, b in zip(seconds[ours], seconds[theirs])] for name, (ours, theirs) in rows.items()
    }
    summary = {
        name: {"min": min(each), "median": statistics.median(each), "max": max(each)} for name, each in ratios.items()
    }
    if arguments.json:
        details = {"processor": processor(), "threads": arguments.threads, "seconds": seconds, "peak_mib": peaks}
        print(json.dumps({**summary, "details": details}))
        return
    print(f"{processor()}, {arguments.threads} threads; width {arguments.width}, depth {arguments.depth}, batch "
          f"{arguments.batch} of {arguments.size}x{arguments.size}; {arguments.rounds} rounds")  # fmt: skip
    print("\n| program | seconds | peak MiB |\n|---|---|---|")
    for side in sides:
        peak = "" if peaks[side] is None else f"{peaks[side]:.0f}"
        print(f"| {side} | {statistics.median(seconds[side]):.4f} | {peak} |")
    print("\n| their time / unet | min | median | max |\n|---|---|---|---|")
    for name, row in summary.items():
        print(f"| {name} | {row['min']:.2f} | {row['median']:.2f} | {row['max']:.2f} |")


if __name__ == "__main__":
    main()
