"""The U-Net as a plain PyTorch module.

Written independently of the C++ program, with the same options and parameter names; equal parameters give equal logits.
Sources: Ronneberger et al. 2015, arXiv:1505.04597; normalization and padded convolutions as in most later work; blocks
as cited in blocks.py.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import blocks
import upsampling


def pair(value):
    return tuple(value) if isinstance(value, (list, tuple)) else (value, value)


def center_crop(x, like):
    """Crops x around its center to the size of `like`."""
    top = (x.shape[2] - like.shape[2]) // 2
    left = (x.shape[3] - like.shape[3]) // 2
    return x[:, :, top : top + like.shape[2], left : left + like.shape[3]]


class DecoderBlock(nn.Module):
    """Upsamples `low`, concatenates it with `skip`, and convolves."""

    def __init__(self, up, block, attention, valid):
        super().__init__()
        self.up = up
        self.valid = valid
        if attention is not None:
            self.attention = attention
        for name, module in block.named_children():  # parameter names as in C++: without the block's own name
            self.add_module(name, module)
        self.block = [block]  # in a list, so that PyTorch does not register it a second time

    def forward(self, low, skip):
        x = self.up(low)
        if skip is not None:
            if self.valid:
                skip = center_crop(skip, x)
            if hasattr(self, "attention"):
                skip = self.attention(skip, x)
            x = torch.cat([skip, x], dim=1)
        return self.block[0](x)


class ResNetEncoder(nn.Module):
    """Features of the torchvision network at 1/2, 1/4, ... of the resolution of the image."""

    def __init__(self, name, in_channels, levels):
        super().__init__()
        import torchvision

        net = getattr(torchvision.models, name)()
        self.conv1 = net.conv1
        if in_channels != 3:
            self.conv1 = nn.Conv2d(in_channels, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = net.bn1
        self.channels = [64]
        for level in range(1, levels):
            layer = getattr(net, f"layer{level}")
            self.add_module(f"layer{level}", layer)
            last = layer[-1]
            self.channels.append((last.bn3 if hasattr(last, "bn3") else last.bn2).num_features)

    def forward(self, x):
        features = [F.relu(self.bn1(self.conv1(x)))]
        x = F.max_pool2d(features[0], 3, stride=2, padding=1)
        for level in range(1, len(self.channels)):
            x = getattr(self, f"layer{level}")(x)
            features.append(x)
        return features


class UNet(nn.Module):
    """images (N,in_channels,H,W) -> logits (N,num_classes,H,W), any H and W from 1."""

    def __init__(
        self,
        in_channels,
        num_classes,
        encoder="plain",
        depth=4,
        base_channels=32,
        max_channels=1024,
        factors="auto",
        upsampling_options="conv_transpose",
        stacked=False,
        bottleneck_dilations="auto",
        dropout=0.0,
        dropout_levels="auto",
        deep_supervision=(),
        attention_gates=False,
        **block_options,
    ):
        super().__init__()
        mode, up_options = upsampling.split(upsampling_options)
        options = blocks.Options(**block_options)
        self.valid = options.padding == "valid"
        self.factors = self.level_factors(factors, depth, stacked, up_options)
        self.depth = depth
        keeps = mode in ("nearest", "bilinear") and up_options.get("kernel_size", 3) == 0
        channels = [min(base_channels * 2**level, max_channels) for level in range(depth + 1)]
        out = [channels[max(0, level - 1)] if keeps else channels[level] for level in range(depth + 1)]
        dilations = [options.dilation] * options.convs_per_level
        deepest_dilations = dilations if bottleneck_dilations == "auto" else bottleneck_dilations
        if encoder == "plain":
            self.encoder = nn.ModuleList(
                blocks.Block(before, after, after, dilations, options)
                for before, after in zip([in_channels] + channels, channels[:-1])
            )
            self.bottleneck = blocks.Block(channels[-2], channels[-1], out[-1], deepest_dilations, options)
            skip_channels, low = channels[:-1], out[-1]
        else:
            self.encoder = ResNetEncoder(encoder, in_channels, depth)
            skip_channels, low = [0] + self.encoder.channels[:-1], self.encoder.channels[-1]
        self.decoder = nn.ModuleList()
        for level in reversed(range(depth)):
            up = upsampling.make(mode, up_options, low, channels[level], self.factors[level], stacked)
            joined = (low if keeps else channels[level]) + skip_channels[level]
            block = blocks.Block(joined, channels[level], out[level], dilations, options)
            has_gate = attention_gates and skip_channels[level] > 0
            up_channels = low if keeps else channels[level]
            gate = blocks.AttentionGate(skip_channels[level], up_channels, options) if has_gate else None
            self.decoder.append(DecoderBlock(up, block, gate, self.valid))
            low = out[level]
        self.head = nn.Conv2d(low, num_classes, 1)
        self.aux_head = nn.ModuleDict(
            {str(level): nn.Conv2d(out[level], num_classes, 1) for level in range(1, len(deep_supervision) + 1)}
        )
        self.dropout = nn.Dropout(dropout)
        self.dropout_levels = (depth - 1, depth) if dropout_levels == "auto" else tuple(dropout_levels)
        block_shrinkage = options.convs_per_level * options.shrinkage(options.dilation)
        bottleneck_shrinkage = sum(options.shrinkage(dilation) for dilation in deepest_dilations)
        self.shrinkage = [block_shrinkage] * depth + [bottleneck_shrinkage]

    @staticmethod
    def level_factors(factors, depth, stacked, up_options):
        if factors != "auto":
            return [pair(factor) for factor in factors]
        usual = 4 if stacked else up_options.get("stride", 2)
        return [pair(2 if usual == "auto" else usual)] * depth

    def sizes(self, deepest, axis):
        """Returns input size, output size and whether every level fits, for a bottleneck input of `deepest` pixels."""
        size_in, size_out = deepest, deepest - self.shrinkage[-1]
        fits = size_out >= 2
        for level in reversed(range(self.depth)):
            size_in = size_in * self.factors[level][axis] + self.shrinkage[level]
            size_out = size_out * self.factors[level][axis] - self.shrinkage[level]
            fits = fits and size_out >= 1
        return size_in, size_out, fits

    def pad(self, images):
        """Pads images to a size that the network supports: by reflection on all sides for valid convolutions, otherwise by
        repeating the last row and column."""
        indices = []
        for axis in (0, 1):
            size = images.shape[2 + axis]
            deepest = 2
            while not self.sizes(deepest, axis)[2] or self.sizes(deepest, axis)[1] < size:
                deepest += 1
            size_in, size_out, _ = self.sizes(deepest, axis)
            margin = (size_in - size_out) // 2
            # Unlike PyTorch, NumPy reflects more than once where the padding exceeds the image.
            mode = "reflect" if self.valid else "edge"
            indices.append(np.pad(np.arange(size), (margin, size_in - margin - size), mode=mode))
        return images[:, :, indices[0]][:, :, :, indices[1]]

    def drop(self, level, x):
        return self.dropout(x) if level in self.dropout_levels else x

    def encode(self, x):
        """Returns the skip connections by level, and the input of the decoder."""
        if isinstance(self.encoder, ResNetEncoder):
            features = [self.drop(i + 1, feature) for i, feature in enumerate(self.encoder(x))]
            return [None] + features[:-1], features[-1]
        skips = []
        for level, block in enumerate(self.encoder):
            x = self.drop(level, block(x))
            skips.append(x)
            x = F.max_pool2d(x, self.factors[level])
        return skips, self.drop(self.depth, self.bottleneck(x))

    def forward_all(self, images):
        """Returns the logits, then those of deep supervision, upsampled to the same size."""
        skips, x = self.encode(self.pad(images))
        features = {}
        for level, block in zip(reversed(range(self.depth)), self.decoder):
            x = block(x, skips[level])
            features[level] = x
        logits = self.head(x)
        outputs = [logits]
        for level, head in self.aux_head.items():
            factor = [math.prod(each[axis] for each in self.factors[: int(level)]) for axis in (0, 1)]
            x = head(features[int(level)])
            x = F.interpolate(x, size=(x.shape[2] * factor[0], x.shape[3] * factor[1]), mode="bilinear")
            outputs.append(center_crop(x, logits) if self.valid else x)
        return [each[:, :, : images.shape[2], : images.shape[3]] for each in outputs]

    def forward(self, images):
        return self.forward_all(images)[0]


def from_options(in_channels, options):
    """Builds the network from the `model` section of a config, given as a dict."""
    options = dict(options)
    if "upsampling" in options:
        options["upsampling_options"] = options.pop("upsampling")
    return UNet(in_channels, **options)
