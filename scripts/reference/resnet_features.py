#!/usr/bin/env python3
"""Writes state_dicts of the ResNets of torchvision and their features of an image, for the tests of the encoders.

Writes for each network NAME.pth and NAME.cases.safetensors: image, and features by level, 1 (half the resolution) to 5.
"""

import argparse
import pathlib

import numpy as np
import torch
import torchvision

import onednn  # noqa: F401
import safetensors_io


@torch.no_grad()
def write(folder, name):
    model = getattr(torchvision.models, name)().eval()
    for key, tensor in model.state_dict().items():
        if "running" in key or (("bn" in key or "downsample.1" in key) and tensor.dim() == 1 and "num" not in key):
            tensor.add_(0.2 * torch.rand_like(tensor))
    image = torch.randn(2, 3, 64, 96)
    x = model.relu(model.bn1(model.conv1(image)))
    tensors = {"image": image, "1": x}
    x = model.maxpool(x)
    for level in range(2, 6):
        x = getattr(model, f"layer{level - 1}")(x)
        tensors[str(level)] = x
    arrays = {key: np.ascontiguousarray(value.numpy()) for key, value in tensors.items()}
    safetensors_io.write(folder / f"{name}.cases.safetensors", arrays, {})
    torch.save(model.state_dict(), folder / f"{name}.pth")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    torch.manual_seed(0)
    for name in ("resnet18", "resnet34", "resnet50"):
        write(folder, name)


if __name__ == "__main__":
    main()
