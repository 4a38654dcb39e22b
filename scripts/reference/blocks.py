"""The convolutional blocks of the U-Net. Sources: He et al. 2016, arXiv:1512.03385 (residual); Hu et al. 2018,
arXiv:1709.01507 (squeeze and excitation); Oktay et al. 2018, arXiv:1804.03999 (attention gates)."""

import dataclasses
import math

import torch
from torch import nn

ACTIVATIONS = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "prelu": nn.PReLU,
}


@dataclasses.dataclass
class Options:
    norm: str = "batch"
    norm_groups: int = 8
    activation: str = "relu"
    convs_per_level: int = 2
    kernel_size: int = 3
    dilation: int = 1
    groups: int = 1
    separable: bool = False
    residual: bool = False
    squeeze_excitation: int = 0
    padding: str = "same"

    def shrinkage(self, dilation):
        """Returns the rows and columns that a convolution removes."""
        return dilation * (self.kernel_size - 1) if self.padding == "valid" else 0


def make_norm(kind, channels, groups):
    """Returns a normalization with learned scale and shift, or the identity for kind "none"."""
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    if kind == "instance":
        return nn.InstanceNorm2d(channels, affine=True)
    if kind == "group":
        return nn.GroupNorm(math.gcd(channels, groups), channels)
    if kind == "none":
        return nn.Identity()
    raise ValueError(f"norm: got {kind!r}, expected batch, instance, group or none")


class Separable(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, padding, dilation, groups, bias):
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, padding=padding, dilation=dilation, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, groups=groups, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))


def make_conv(in_channels, out_channels, dilation, options):
    padding = 0 if options.padding == "valid" else dilation * (options.kernel_size - 1) // 2
    groups = options.groups if in_channels % options.groups == 0 else 1
    bias = options.norm == "none"
    if options.separable:
        return Separable(in_channels, out_channels, options.kernel_size, padding, dilation, groups, bias)
    return nn.Conv2d(
        in_channels, out_channels, options.kernel_size, padding=padding, dilation=dilation, groups=groups, bias=bias
    )


class Pointwise(nn.Module):
    """A 1x1 convolution and a norm."""

    def __init__(self, in_channels, out_channels, options):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 1, bias=options.norm == "none")
        self.norm = make_norm(options.norm, out_channels, options.norm_groups)

    def forward(self, x):
        return self.norm(self.conv(x))


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, reduction):
        super().__init__()
        reduced = max(1, channels // reduction)
        self.fc1 = nn.Conv2d(channels, reduced, 1)
        self.fc2 = nn.Conv2d(reduced, channels, 1)

    def forward(self, x):
        weights = torch.relu(self.fc1(x.mean(dim=(2, 3), keepdim=True)))
        return x * torch.sigmoid(self.fc2(weights))


class AttentionGate(nn.Module):
    def __init__(self, skip_channels, gating_channels, options):
        super().__init__()
        inner = max(1, skip_channels // 2)
        self.skip = Pointwise(skip_channels, inner, options)
        self.gating = Pointwise(gating_channels, inner, options)
        self.psi = Pointwise(inner, 1, options)

    def forward(self, skip, gating):
        return skip * torch.sigmoid(self.psi(torch.relu(self.skip(skip) + self.gating(gating))))


class Block(nn.Module):
    """A sequence of convolutions, one for each of `dilations`, each with norm and activation."""

    def __init__(self, in_channels, inner_channels, out_channels, dilations, options):
        super().__init__()
        self.count = len(dilations)
        self.residual = options.residual
        before = in_channels
        for i, dilation in enumerate(dilations, start=1):
            after = out_channels if i == self.count else inner_channels
            self.add_module(f"conv{i}", make_conv(before, after, dilation, options))
            self.add_module(f"norm{i}", make_norm(options.norm, after, options.norm_groups))
            self.add_module(f"activation{i}", ACTIVATIONS[options.activation]())
            before = after
        if options.residual and in_channels != out_channels:
            self.shortcut = Pointwise(in_channels, out_channels, options)
        if options.squeeze_excitation:
            self.se = SqueezeExcitation(out_channels, options.squeeze_excitation)

    def recalibrate(self, x):
        return self.se(x) if hasattr(self, "se") else x

    def crop_shortcut(self, start, like):
        margin = [(start.shape[dim] - like.shape[dim]) // 2 for dim in (2, 3)]
        start = start[:, :, margin[0] : start.shape[2] - margin[0], margin[1] : start.shape[3] - margin[1]]
        return self.shortcut(start) if hasattr(self, "shortcut") else start

    def forward(self, x):
        start = x
        for i in range(1, self.count + 1):
            x = getattr(self, f"norm{i}")(getattr(self, f"conv{i}")(x))
            if i == self.count and self.residual:
                x = self.recalibrate(x)
                x = x + self.crop_shortcut(start, x)
            x = getattr(self, f"activation{i}")(x)
        return x if self.residual else self.recalibrate(x)
