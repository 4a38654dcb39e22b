"""The upsampling modes of the decoder.

Sources: Odena et al. 2016, doi:10.23915/distill.00003 (nearest and convolution); Shi et al. 2016, arXiv:1609.05158
(sub-pixel convolution).
"""

from torch import nn


def split(options):
    """Splits "nearest" or {"mode": "nearest", ...} into the mode and its other options."""
    if isinstance(options, str):
        return options, {}
    others = dict(options)
    return others.pop("mode"), others


def as_tuple(value):
    return tuple(value) if isinstance(value, (list, tuple)) else (value, value)


class Interpolation(nn.Module):
    """Interpolation, then a padded convolution; no convolution if kernel_size is 0."""

    def __init__(self, mode, in_channels, out_channels, factor, kernel_size=3, align_corners=False):
        super().__init__()
        corners = {"align_corners": align_corners} if mode == "bilinear" else {}
        self.upsample = nn.Upsample(scale_factor=tuple(float(each) for each in factor), mode=mode, **corners)
        if kernel_size:
            self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, padding=kernel_size // 2)

    def forward(self, x):
        x = self.upsample(x)
        return self.conv(x) if hasattr(self, "conv") else x


class PixelShuffle(nn.Module):
    def __init__(self, in_channels, out_channels, factor, kernel_size=3):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels * factor[0] ** 2, kernel_size, padding=kernel_size // 2)
        self.shuffle = nn.PixelShuffle(factor[0])

    def forward(self, x):
        return self.shuffle(self.conv(x))


def conv_transpose(in_channels, out_channels, factor, options):
    options = {key: value for key, value in options.items() if value != "auto"}
    stride = as_tuple(options.pop("stride", factor))
    kernel_size = as_tuple(options.pop("kernel_size", stride))
    for key in ("padding", "output_padding", "dilation"):
        if key in options:
            options[key] = as_tuple(options[key])
    return nn.ConvTranspose2d(in_channels, out_channels, kernel_size, stride=stride, **options)


def make_step(mode, options, in_channels, out_channels, factor):
    if mode == "conv_transpose":
        return conv_transpose(in_channels, out_channels, factor, options)
    if mode == "pixel_shuffle":
        return PixelShuffle(in_channels, out_channels, factor, **options)
    return Interpolation(mode, in_channels, out_channels, factor, **options)


def make(mode, options, in_channels, out_channels, factor, stacked):
    """Returns one upsampling step by `factor`, or several by 2 if stacked."""
    if not stacked:
        return make_step(mode, options, in_channels, out_channels, factor)
    steps = factor[0].bit_length() - 1
    return nn.Sequential(
        *(make_step(mode, options, in_channels if i == 0 else out_channels, out_channels, (2, 2)) for i in range(steps))
    )
