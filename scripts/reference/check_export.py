#!/usr/bin/env python3
"""Runs exported models in PyTorch and compares their logits with those of the C++ program.

For each NAME.cases.safetensors in a folder (tensors I/image and I/logits; metadata model and in_channels) it runs
NAME.pt with torch.jit, and the weights of NAME.pth and NAME.safetensors in the reference U-Net. It also saves
these weights with torch.save, as NAME.zip.pth and NAME.legacy.pth, for the C++ program to import.
"""

import argparse
import json
import pathlib
import sys

import numpy as np
import torch

import onednn  # noqa: F401
import safetensors_io
from unet import from_options

TOLERANCE = 1e-4


def read_cases(path):
    """Returns a list of (image, logits), and the metadata."""
    tensors, metadata = safetensors_io.read(path)
    count = len(tensors) // 2
    cases = [tuple(torch.from_numpy(tensors[f"{i}/{part}"].copy()) for part in ("image", "logits")) for i in range(count)]
    return cases, metadata


@torch.no_grad()
def largest_difference(model, cases):
    """Returns the largest difference of a logit, relative to the largest logit."""
    return max(((model(image) - logits).abs().max() / logits.abs().max()).item() for image, logits in cases)


def load_unet(metadata, state_dict):
    options = json.loads(metadata["model"])
    options.pop("deep_supervision", None)  # its heads are not exported
    model = from_options(int(metadata["in_channels"]), options)
    model.load_state_dict(state_dict)
    return model.eval()


def check(folder, name):
    """Returns the largest difference by format."""
    cases, metadata = read_cases(folder / f"{name}.cases.safetensors")
    extra = {"metadata.json": ""}
    script = torch.jit.load(folder / f"{name}.pt", _extra_files=extra).eval()
    assert json.loads(extra["metadata.json"])["classes"] == ["a", "b", "c"], extra
    state_dict = torch.load(folder / f"{name}.pth", weights_only=True)
    arrays, text = safetensors_io.read(folder / f"{name}.safetensors")
    assert json.loads(text["classes"]) == ["a", "b", "c"], text
    weights = {key: torch.from_numpy(np.array(array)) for key, array in arrays.items()}
    reference = load_unet(metadata, state_dict)
    torch.save(reference.state_dict(), folder / f"{name}.zip.pth")
    torch.save(reference.state_dict(), folder / f"{name}.legacy.pth", _use_new_zipfile_serialization=False)
    models = {"torchscript": script, "state_dict": reference, "safetensors": load_unet(metadata, weights)}
    return {name: largest_difference(model, cases) for name, model in models.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    names = sorted(path.name.split(".")[0] for path in folder.glob("*.cases.safetensors"))
    failures = 0
    for name in names:
        for form, difference in check(folder, name).items():
            passed = difference <= TOLERANCE
            failures += not passed
            print(f"{name} {form}: {difference:.1e} {'ok' if passed else 'DIFFERENT'}")
    print(f"{len(names)} models")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
