"""Lion, which PyTorch lacks. Source: Chen et al. 2023, arXiv:2302.06675, algorithm 2."""

import torch


class Lion(torch.optim.Optimizer):
    def __init__(self, parameters, lr, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(parameters, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for theta in group["params"]:
                momentum = self.state[theta].setdefault("m", torch.zeros_like(theta))
                update = torch.sign(beta1 * momentum + (1 - beta1) * theta.grad)
                self.state[theta]["m"] = beta2 * momentum + (1 - beta2) * theta.grad
                theta.copy_(theta - group["lr"] * (update + group["weight_decay"] * theta))
