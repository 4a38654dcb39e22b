#!/usr/bin/env python3
"""Writes the golden values of the C++ tests, computed by PyTorch.

Everything is computed in float64 from numbers that float32 represents exactly; random numbers come from the frozen
RandomState of NumPy. The files are therefore reproducible byte for byte with one version of PyTorch, and differ only in
the last bits between versions.
"""

import argparse
import json
import pathlib

import numpy as np
import torch

import losses
import onednn  # noqa: F401
import safetensors_io
from lion import Lion
from muon import Muon
from unet import from_options

SMALL = {"num_classes": 2, "depth": 2, "base_channels": 2}

# name: (in_channels, options of `model`)
UNETS = {
    "unet_batch": (
        3,
        {"num_classes": 3, "depth": 2, "base_channels": 4, "max_channels": 8, "norm": "batch", "activation": "relu"},
    ),
    "unet_instance": (
        1,
        {"num_classes": 1, "depth": 2, "base_channels": 2, "norm": "instance", "activation": "leaky_relu"},
    ),
    "unet_group": (
        3,
        {"num_classes": 3, "depth": 2, "base_channels": 2, "norm": "group", "norm_groups": 4, "activation": "silu"},
    ),
    "unet_none": (1, {"num_classes": 3, "depth": 2, "base_channels": 2, "norm": "none", "activation": "gelu"}),
    "unet_shallow": (3, {"num_classes": 1, "depth": 1, "base_channels": 3, "norm": "batch", "activation": "elu"}),
    # every upsampling mode
    "up_transpose4": (1, {**SMALL, "upsampling": {"mode": "conv_transpose", "kernel_size": 4, "padding": 1}}),
    "up_transpose3": (
        1,
        {
            **SMALL,
            "upsampling": {
                "mode": "conv_transpose",
                "kernel_size": 3,
                "padding": 1,
                "output_padding": 1,
                "groups": 2,
                "bias": False,
            },
        },
    ),
    "up_transpose_axes": (
        1,
        {
            **SMALL,
            "upsampling": {
                "mode": "conv_transpose",
                "kernel_size": [2, 4],
                "stride": [3, 2],
                "padding": [1, 1],
                "output_padding": [1, 0],
                "dilation": [3, 1],
            },
        },
    ),
    "up_nearest": (1, {**SMALL, "upsampling": "nearest"}),
    "up_bilinear": (1, {**SMALL, "upsampling": {"mode": "bilinear", "kernel_size": 1}}),
    "up_bilinear_corners": (
        1,
        {**SMALL, "upsampling": {"mode": "bilinear", "kernel_size": 0, "align_corners": True}},
    ),
    "up_pixel_shuffle": (1, {**SMALL, "upsampling": "pixel_shuffle"}),
    "up_factors": (1, {**SMALL, "factors": [2, 4]}),
    "up_stacked": (1, {**SMALL, "depth": 1, "stacked": True}),
    "up_stacked_shuffle": (1, {**SMALL, "factors": [4, 2], "stacked": True, "upsampling": "pixel_shuffle"}),
    # every kind of block
    "block_convs": (1, {**SMALL, "convs_per_level": 3, "kernel_size": 5, "dilation": 2, "groups": 2}),
    "block_single": (1, {**SMALL, "convs_per_level": 1, "norm": "none", "activation": "prelu"}),
    "block_separable": (3, {**SMALL, "separable": True}),
    "block_residual": (1, {**SMALL, "residual": True, "squeeze_excitation": 2}),
    "block_squeeze": (1, {**SMALL, "squeeze_excitation": 1, "norm": "group", "activation": "prelu"}),
    "block_attention": (1, {**SMALL, "attention_gates": True}),
    "block_bottleneck": (1, {**SMALL, "bottleneck_dilations": [1, 2, 4]}),
    "block_supervision": (1, {**SMALL, "depth": 3, "max_channels": 4, "deep_supervision": [0.5, 0.25]}),
    "block_valid": (1, {**SMALL, "padding": "valid"}),
    "block_valid_all": (
        1,
        {
            **SMALL,
            "padding": "valid",
            "residual": True,
            "attention_gates": True,
            "deep_supervision": [1.0],
            "upsampling": "nearest",
        },
    ),
}

# name: (batch, height, width)
INPUTS = {"odd": (2, 13, 9), "square": (1, 16, 16)}

CLASS_SHARE = [0.7, 0.25, 0.05]

# kind of labels: {label: probability}
LABELS = {
    "mixed": {0: 0.5, 1: 0.25, 2: 0.1, losses.IGNORE: 0.15},
    "absent": {0: 0.6, 2: 0.2, losses.IGNORE: 0.2},
    "background": {0: 0.9, losses.IGNORE: 0.1},
    "binary": {0: 0.6, 1: 0.25, losses.IGNORE: 0.15},
    "ignored": {losses.IGNORE: 1.0},
}

# name: (optimizer, its options, weight decays)
OPTIMIZERS = {
    "sgd_plain": ("sgd", {"momentum": 0.0, "nesterov": False}, (0.0, 0.02)),
    "sgd_momentum": ("sgd", {"momentum": 0.9, "nesterov": False}, (0.0, 0.01)),
    "sgd_nesterov": ("sgd", {"momentum": 0.8, "nesterov": True}, (0.0, 0.02)),
    "rmsprop_plain": ("rmsprop", {"alpha": 0.99, "eps": 1e-8, "momentum": 0.0}, (0.0, 0.01)),
    "rmsprop_momentum": ("rmsprop", {"alpha": 0.9, "eps": 1e-3, "momentum": 0.7}, (0.0, 0.01)),
    "adam": ("adam", {"betas": [0.9, 0.999], "eps": 1e-8}, (0.0, 0.03)),
    "adam_quick": ("adam", {"betas": [0.8, 0.95], "eps": 1e-4}, (0.0, 0.03)),
    "adamw": ("adamw", {"betas": [0.9, 0.999], "eps": 1e-8}, (0.0, 0.01)),
    "adamw_quick": ("adamw", {"betas": [0.5, 0.9], "eps": 1e-3}, (0.0, 0.1)),
    "lion": ("lion", {"betas": [0.9, 0.99]}, (0.0, 0.1)),
    "lion_quick": ("lion", {"betas": [0.5, 0.8]}, (0.0, 1.0)),
    "muon": (
        "muon",
        {"momentum": 0.95, "nesterov": True, "ns_steps": 5, "adjust_lr_fn": "match_rms_adamw"},
        (0.0, 0.1),
    ),
    "muon_original": (
        "muon",
        {"momentum": 0.5, "nesterov": False, "ns_steps": 3, "adjust_lr_fn": "original"},
        (0.0, 0.02),
    ),
}
OPTIMIZER_CLASSES = {
    "sgd": torch.optim.SGD,
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "lion": Lion,
    "muon": Muon,
}

STEPS = 50

# name: (schedule, its options, warm-up steps of STEPS)
SCHEDULES = {
    "constant": ("constant", {}, 0),
    "constant_warm": ("constant", {}, 5),
    "poly": ("poly", {"power": 0.9}, 0),
    "poly_warm": ("poly", {"power": 2.0}, 4),
    "cosine": ("cosine", {"final_factor": 0.0}, 0),
    "cosine_warm": ("cosine", {"final_factor": 0.1}, 6),
    "cosine_restarts": ("cosine_restarts", {"period": 12, "period_factor": 1, "final_factor": 0.0}, 0),
    "cosine_restarts_warm": ("cosine_restarts", {"period": 3, "period_factor": 2, "final_factor": 0.05}, 5),
    "one_cycle": ("one_cycle", {"pct_start": 0.3, "div_factor": 25.0, "final_div_factor": 10000.0}, 0),
    "one_cycle_warm": ("one_cycle", {"pct_start": 0.45, "div_factor": 10.0, "final_div_factor": 100.0}, 7),
    "exponential": ("exponential", {"final_factor": 0.01}, 0),
    "exponential_warm": ("exponential", {"final_factor": 0.3}, 3),
    "step": ("step", {"every": 6, "gamma": 0.5}, 0),
    "step_warm": ("step", {"every": 4, "gamma": 0.1}, 3),
    "plateau": ("plateau", {"patience": 3, "gamma": 0.5, "threshold": 0.0}, 0),
    "plateau_impatient": ("plateau", {"patience": 0, "gamma": 0.7, "threshold": 0.02}, 0),
    "plateau_warm": ("plateau", {"patience": 2, "gamma": 0.1, "threshold": 0.01}, 8),
}


def normal(random, *shape):
    """Returns normal random numbers that float32 represents exactly, as float64."""
    return random.normal(size=shape).astype(np.float32).astype(np.float64)


def as_float32(tensor):
    return tensor.detach().numpy().astype(np.float32)


def randomize(model, random):
    """Fills all parameters with random values, so that every part of the network contributes."""
    for name, parameter in model.named_parameters():
        if parameter.dim() == 4:
            values = normal(random, *parameter.shape) * (2 / parameter[0].numel()) ** 0.5
        elif "norm" in name and name.endswith("weight"):
            values = 1 + 0.2 * normal(random, *parameter.shape)
        else:
            values = 0.1 * normal(random, *parameter.shape)
        parameter.data = torch.from_numpy(values.astype(np.float32).astype(np.float64))


def train_once(model, image, upstream):
    """Returns {name: tensor} of one forward and backward pass in training mode."""
    model.train()
    model.zero_grad()
    outputs = model.forward_all(image)
    torch.autograd.backward(outputs, [upstream * (i + 1) for i in range(len(outputs))])
    tensors = {"logits": as_float32(outputs[0])}
    for name, parameter in model.named_parameters():
        tensors["gradients/" + name] = as_float32(parameter.grad)
    for name, buffer in model.named_buffers():
        tensors["buffers/" + name] = buffer.numpy().copy() if buffer.dim() == 0 else as_float32(buffer)
    return tensors


@torch.no_grad()
def evaluate(model, image):
    model.eval()
    return as_float32(model(image))


def unet_file(in_channels, options, seed):
    """Returns the parameters, then for each input in turn a training pass and an evaluation of the same model."""
    random = np.random.RandomState(seed)
    model = from_options(in_channels, options).double()
    randomize(model, random)
    tensors = {"parameters/" + name: as_float32(p) for name, p in model.named_parameters()}
    for name, (batch, height, width) in INPUTS.items():
        image = torch.from_numpy(normal(random, batch, in_channels, height, width))
        upstream = torch.from_numpy(normal(random, batch, options["num_classes"], height, width))
        tensors[name + "/image"] = as_float32(image)
        tensors[name + "/upstream"] = as_float32(upstream)
        for part, value in train_once(model, image, upstream).items():
            tensors[f"{name}/{part}"] = value
        tensors[name + "/evaluated"] = evaluate(model, image)
    pixel = torch.from_numpy(normal(random, 1, in_channels, 1, 1))
    tensors["pixel/image"] = as_float32(pixel)
    tensors["pixel/evaluated"] = evaluate(model, pixel)
    return tensors, {"model": json.dumps(options), "in_channels": str(in_channels)}


def losses_file():
    """Returns logits, labels, value (float64) and gradient of the logits for each case."""
    random = np.random.RandomState(1)
    tensors, metadata = {}, {}
    for name, (channels, labels_kind, terms) in losses.GOLDEN.items():
        metadata[name] = json.dumps({"terms": terms})
        shares = LABELS[labels_kind]
        labels = random.choice(list(shares), p=list(shares.values()), size=(2, 5, 7)).astype(np.int64)
        logits = torch.from_numpy(2 * normal(random, 2, channels, 5, 7)).requires_grad_()
        explicit = [
            {**term, "class_weights": losses.balancing_weights(CLASS_SHARE)}
            if term.get("class_weights") == "auto"
            else term
            for term in terms
        ]
        value = losses.total(explicit, logits, torch.from_numpy(labels))
        value.backward()
        tensors[name + "/logits"] = as_float32(logits)
        tensors[name + "/labels"] = labels
        tensors[name + "/value"] = value.detach().numpy()
        tensors[name + "/gradient"] = as_float32(logits.grad)
    tensors["class_share"] = np.array(CLASS_SHARE)
    return tensors, metadata


def parameter_after_each_step(rule, options, weight_decay, start, gradients, rates):
    parameter = torch.nn.Parameter(torch.from_numpy(start.copy()))
    optimizer = OPTIMIZER_CLASSES[rule]([parameter], lr=0.1, weight_decay=weight_decay, **options)
    after = []
    for gradient, rate in zip(gradients, rates):
        optimizer.param_groups[0]["lr"] = rate
        parameter.grad = torch.from_numpy(gradient.copy())
        optimizer.step()
        after.append(parameter.detach().numpy().copy())
    return np.stack(after)


def optimizers_file():
    """Returns a parameter, its gradients and learning rates, and for each case the parameter after each step."""
    random = np.random.RandomState(2)
    start = normal(random, 2, 3)
    gradients = normal(random, STEPS, 2, 3)
    rates = np.linspace(0.1, 0.02, STEPS)
    tensors = {"start": start, "gradients": gradients, "lr": rates}
    metadata = {}
    for name, (rule, options, weight_decays) in OPTIMIZERS.items():
        for weight_decay in weight_decays:
            case = name + ("_decayed" if weight_decay > 0 else "")
            metadata[case] = json.dumps({"optimizer": {"name": rule, **options}, "weight_decay": weight_decay})
            tensors[case] = parameter_after_each_step(rule, options, weight_decay, start, gradients, rates)
    return tensors, metadata


def make_schedule(optimizer, kind, options, total):
    """Returns a PyTorch schedule over `total` steps. PolynomialLR needs PyTorch 2.0, hence its formula."""
    schedulers = torch.optim.lr_scheduler
    if kind == "poly":
        return schedulers.LambdaLR(optimizer, lambda step: (1 - min(step, total) / total) ** options["power"])
    if kind == "cosine":
        return schedulers.CosineAnnealingLR(optimizer, T_max=total, eta_min=options["final_factor"])
    if kind == "cosine_restarts":
        return schedulers.CosineAnnealingWarmRestarts(
            optimizer, options["period"], options["period_factor"], options["final_factor"]
        )
    if kind == "one_cycle":
        return schedulers.OneCycleLR(optimizer, max_lr=1.0, total_steps=total, cycle_momentum=False, **options)
    if kind == "exponential":
        return schedulers.ExponentialLR(optimizer, gamma=options["final_factor"] ** (1 / total))
    if kind == "step":
        return schedulers.StepLR(optimizer, step_size=options["every"], gamma=options["gamma"])
    return schedulers.LambdaLR(optimizer, lambda step: 1.0)


def learning_rates(kind, options, warmup):
    """Returns the learning rate of each of STEPS steps, with a peak of 1."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    if warmup > 0:
        schedule = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1 / (warmup + 1), total_iters=warmup)
    else:
        schedule = make_schedule(optimizer, kind, options, STEPS)
    rates = []
    for step in range(STEPS):
        if step == warmup > 0:
            schedule = make_schedule(optimizer, kind, options, STEPS - warmup)
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < STEPS - 1:
            schedule.step()
    return np.array(rates)


def plateau_learning_rates(options, warmup, scores):
    """Returns the learning rates of `plateau`, with a validation after each step, including those of the warm-up."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer,
        mode="max",
        patience=options["patience"],
        factor=options["gamma"],
        threshold=options["threshold"],
        threshold_mode="abs",
        eps=0,
    )
    rates = []
    for score in scores:
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step(score)
    return np.where(np.arange(STEPS) < warmup, learning_rates("constant", {}, warmup), rates)


def schedules_file():
    """Returns the learning rates for each case, and the scores that `plateau` follows."""
    random = np.random.RandomState(3)
    scores = 0.7 - 0.5 * np.exp(-np.arange(STEPS) / 8) + 0.02 * random.normal(size=STEPS)
    tensors, metadata = {"scores": scores}, {}
    for name, (kind, options, warmup) in SCHEDULES.items():
        metadata[name] = json.dumps({"schedule": {"name": kind, **options}, "warmup": warmup})
        is_plateau = kind == "plateau"
        tensors[name] = (
            plateau_learning_rates(options, warmup, scores) if is_plateau else learning_rates(kind, options, warmup)
        )
    return tensors, metadata


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the .safetensors files")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    files = {name: unet_file(*case, seed) for seed, (name, case) in enumerate(UNETS.items())}
    files["losses"] = losses_file()
    files["optimizers"] = optimizers_file()
    files["schedules"] = schedules_file()
    for name, (tensors, metadata) in files.items():
        safetensors_io.write(out / f"{name}.safetensors", tensors, metadata)


if __name__ == "__main__":
    main()
