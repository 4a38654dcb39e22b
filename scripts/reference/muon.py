"""Muon for matrices, as Jordan et al. 2024 publish it, with decoupled weight decay and the two scales of torch.optim.Muon
(which PyTorch has from version 2.9 on). Source: https://kellerjordan.github.io/posts/muon; arXiv:2502.16982."""

import torch


def newton_schulz(g, steps):
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g / (g.norm() + 1e-7)
    if g.shape[0] > g.shape[1]:
        x = x.T
    for _ in range(steps):
        s = x @ x.T
        x = a * x + (b * s + c * s @ s) @ x
    return x.T if g.shape[0] > g.shape[1] else x


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters, lr, momentum, nesterov, ns_steps, adjust_lr_fn, weight_decay=0.0):
        defaults = {"lr": lr, "momentum": momentum, "nesterov": nesterov, "ns_steps": ns_steps}
        super().__init__(parameters, {**defaults, "adjust_lr_fn": adjust_lr_fn, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for theta in group["params"]:
                buffer = self.state[theta].setdefault("m", torch.zeros_like(theta))
                buffer.mul_(group["momentum"]).add_(theta.grad)
                update = theta.grad + group["momentum"] * buffer if group["nesterov"] else buffer
                rows, columns = update.flatten(1).shape
                original = max(1, rows / columns) ** 0.5
                factor = original if group["adjust_lr_fn"] == "original" else 0.2 * max(rows, columns) ** 0.5
                update = newton_schulz(update.flatten(1), group["ns_steps"]).reshape(theta.shape)
                theta.mul_(1 - group["lr"] * group["weight_decay"]).sub_(group["lr"] * factor * update)
