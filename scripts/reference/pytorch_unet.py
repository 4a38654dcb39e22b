#!/usr/bin/env python3
"""Writes weights with the tensor names of the widely used Pytorch-UNet (https://github.com/milesial/Pytorch-UNet), and
logits of the network, for the tests of `unet import`.

Writes for each variant NAME.pth (a state_dict with `mask_values`, as Pytorch-UNet saves it) and NAME.cases.safetensors
(an image and its logits). Only the layout is taken from Pytorch-UNet: modules double_conv, maxpool_conv, up, conv and
outc; the skip connection first in the concatenation; bilinear upsampling with align_corners and half the channels in
the middle of a block.
"""

import argparse
import pathlib

import numpy as np
import torch
from torch import nn

import onednn  # noqa: F401
import safetensors_io

WIDTHS = (4, 8, 16, 32, 64)


def double_conv(in_channels, out_channels, mid_channels=None, bias=False):
    mid_channels = mid_channels or out_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, mid_channels, 3, padding=1, bias=bias),
        nn.BatchNorm2d(mid_channels),
        nn.ReLU(),
        nn.Conv2d(mid_channels, out_channels, 3, padding=1, bias=bias),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )


class Named(nn.Module):
    """A sequence of modules with the given names."""

    def __init__(self, **children):
        super().__init__()
        for name, child in children.items():
            self.add_module(name, child)

    def forward(self, x):
        for child in self.children():
            x = child(x)
        return x


class Up(nn.Module):
    def __init__(self, in_channels, out_channels, bilinear, bias):
        super().__init__()
        if bilinear:
            self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
        else:
            self.up = nn.ConvTranspose2d(in_channels, in_channels // 2, 2, stride=2)
        mid_channels = in_channels // 2 if bilinear else out_channels
        self.conv = Named(double_conv=double_conv(in_channels, out_channels, mid_channels, bias))

    def forward(self, low, skip):
        return self.conv(torch.cat([skip, self.up(low)], dim=1))


class PytorchUNet(nn.Module):
    def __init__(self, in_channels, num_classes, bilinear, bias):
        super().__init__()
        divisor = 2 if bilinear else 1
        self.inc = Named(double_conv=double_conv(in_channels, WIDTHS[0], bias=bias))
        for i in range(1, 5):
            out = WIDTHS[i] // divisor if i == 4 else WIDTHS[i]
            block = nn.Sequential(nn.MaxPool2d(2), Named(double_conv=double_conv(WIDTHS[i - 1], out, bias=bias)))
            self.add_module(f"down{i}", Named(maxpool_conv=block))
        for i in range(1, 5):
            out = WIDTHS[4 - i] // (divisor if i < 4 else 1)
            self.add_module(f"up{i}", Up(WIDTHS[5 - i], out, bilinear, bias))
        self.outc = Named(conv=nn.Conv2d(WIDTHS[0], num_classes, 1))

    def forward(self, x):
        features = [self.inc(x)]
        for i in range(1, 5):
            features.append(getattr(self, f"down{i}")(features[-1]))
        x = features.pop()
        for i in range(1, 5):
            x = getattr(self, f"up{i}")(x, features.pop())
        return self.outc(x)


# name: (in_channels, num_classes, bilinear, biases before norms, mask_values)
VARIANTS = {
    "transposed": (3, 2, False, False, [0, 255]),
    "bilinear": (1, 3, True, False, [0, 100, 200]),
    "biased": (3, 2, True, True, [[0, 0, 0], [255, 128, 0]]),
}


@torch.no_grad()
def write(folder, name, in_channels, num_classes, bilinear, bias, mask_values):
    model = PytorchUNet(in_channels, num_classes, bilinear, bias).eval()
    for tensor in model.state_dict().values():
        if tensor.is_floating_point() and tensor.dim() == 1:
            tensor.add_(0.3 * torch.rand_like(tensor))
    image = torch.randn(2, in_channels, 32, 48)
    cases = {"image": image.numpy(), "logits": np.ascontiguousarray(model(image).numpy())}
    safetensors_io.write(folder / f"{name}.cases.safetensors", cases, {})
    state_dict = model.state_dict()
    state_dict["mask_values"] = mask_values
    torch.save(state_dict, folder / f"{name}.pth")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    torch.manual_seed(0)
    for name, variant in VARIANTS.items():
        write(folder, name, *variant)


if __name__ == "__main__":
    main()
