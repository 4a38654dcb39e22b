"""The U-Net as a plain PyTorch module.

Independent of the C++ program, with the same options, the same parameter names and, from equal parameters, the same
logits. Sources: Ronneberger et al. 2015, arXiv:1505.04597; normalisation and padded convolutions as in most published
use since.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

ACTIVATIONS = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
}


def make_norm(kind, channels, groups):
    """A normalisation with learned scale and shift, or nothing for kind "none"."""
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    if kind == "instance":
        return nn.InstanceNorm2d(channels, affine=True)
    if kind == "group":
        return nn.GroupNorm(math.gcd(channels, groups), channels)
    if kind == "none":
        return nn.Identity()
    raise ValueError(f"norm: got {kind!r}, expected batch, instance, group or none")


class DoubleConv(nn.Module):
    """Twice: 3x3 convolution, normalisation, activation."""

    def __init__(self, in_channels, out_channels, norm, norm_groups, activation):
        super().__init__()
        bias = norm == "none"
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=bias)
        self.norm1 = make_norm(norm, out_channels, norm_groups)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=bias)
        self.norm2 = make_norm(norm, out_channels, norm_groups)
        self.activation = ACTIVATIONS[activation]()

    def forward(self, x):
        x = self.activation(self.norm1(self.conv1(x)))
        return self.activation(self.norm2(self.conv2(x)))


class DecoderBlock(DoubleConv):
    """Doubles the resolution of `low`, joins it with `skip`, and convolves twice."""

    def __init__(self, low_channels, skip_channels, *options):
        super().__init__(2 * skip_channels, skip_channels, *options)
        self.up = nn.ConvTranspose2d(low_channels, skip_channels, 2, stride=2)

    def forward(self, low, skip):
        return super().forward(torch.cat([skip, self.up(low)], dim=1))


class UNet(nn.Module):
    """images (N,in_channels,H,W) -> logits (N,num_classes,H,W), any H and W from 1."""

    def __init__(
        self,
        in_channels,
        num_classes,
        depth=4,
        base_channels=32,
        max_channels=1024,
        norm="batch",
        norm_groups=8,
        activation="relu",
        dropout=0.0,
    ):
        super().__init__()
        channels = [min(base_channels * 2**level, max_channels) for level in range(depth + 1)]
        options = (norm, norm_groups, activation)
        self.multiple = 2**depth
        self.encoder = nn.ModuleList(
            DoubleConv(before, after, *options)
            for before, after in zip([in_channels] + channels, channels[:-1])
        )
        self.bottleneck = DoubleConv(channels[-2], channels[-1], *options)
        self.decoder = nn.ModuleList(
            DecoderBlock(channels[level + 1], channels[level], *options)
            for level in reversed(range(depth))
        )
        self.head = nn.Conv2d(channels[0], num_classes, 1)
        self.dropout = nn.Dropout(dropout)

    def pad(self, images):
        """Repeats the last row and column up to a multiple of 2^depth, and at least twice that."""
        height, width = (
            max(math.ceil(size / self.multiple) * self.multiple, 2 * self.multiple)
            for size in images.shape[2:]
        )
        missing = (0, width - images.shape[3], 0, height - images.shape[2])
        return F.pad(images, missing, mode="replicate")

    def forward(self, images):
        x = self.pad(images)
        skips = []
        for block in self.encoder:
            x = block(x)
            if block is self.encoder[-1]:
                x = self.dropout(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.dropout(self.bottleneck(x))
        for block in self.decoder:
            x = block(x, skips.pop())
        return self.head(x)[:, :, : images.shape[2], : images.shape[3]]
