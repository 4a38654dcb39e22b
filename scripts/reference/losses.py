"""The losses, computed by torch.nn.functional; one logit by its sigmoid rather than by a softmax over two classes.

logits (N,C,H,W); labels (N,H,W) int64 in [0,C), for C = 1 in {0, 1}, or IGNORE. Pixels labeled IGNORE do not count; if
all are ignored, the loss is 0.
"""

import math

import torch
import torch.nn.functional as F

IGNORE = 255


def cross_entropy(logits, labels, class_weights=None):
    """Returns the mean over labeled pixels, weighted by class."""
    if not (labels != IGNORE).any():
        return 0 * logits.sum()
    if logits.shape[1] == 1:
        return binary_cross_entropy(logits[:, 0], labels, class_weights)
    weights = None if class_weights is None else torch.tensor(class_weights, dtype=logits.dtype)
    return F.cross_entropy(logits, labels, weight=weights, ignore_index=IGNORE)


def binary_cross_entropy(logit, labels, class_weights=None):
    """Returns the cross entropy for one logit (N,H,W), that of class 1."""
    labeled = labels != IGNORE
    truth = labels[labeled].to(logit.dtype)
    background, foreground = class_weights or (1.0, 1.0)
    pixel_weights = torch.where(truth == 1, foreground, background).to(logit.dtype)
    total = F.binary_cross_entropy_with_logits(logit[labeled], truth, weight=pixel_weights, reduction="sum")
    return total / pixel_weights.sum()


def balancing_weights(class_share):
    """Returns the weights of class_weights: auto. Source: Paszke et al. 2016, arXiv:1606.02147."""
    return [1 / math.log(1.1 + share) for share in class_share]


def probabilities_and_truth(logits, labels):
    """Returns two lists by class: probabilities and 0/1 truth of the labeled pixels."""
    labeled = labels != IGNORE
    truth = labels[labeled]
    if logits.shape[1] == 1:
        foreground = torch.sigmoid(logits[:, 0][labeled])
        return [1 - foreground, foreground], [(truth == 0).double(), (truth == 1).double()]
    probability = F.softmax(logits, dim=1)
    classes = range(logits.shape[1])
    return [probability[:, c][labeled] for c in classes], [(truth == c).double() for c in classes]


def dice(logits, labels, smooth=1.0, include_background=True):
    """Returns one minus soft Dice, averaged over the classes in the labels; sums run over the whole batch."""
    terms = []
    for c, (p, t) in enumerate(zip(*probabilities_and_truth(logits, labels))):
        if t.sum() > 0 and (c > 0 or include_background):
            terms.append(1 - (2 * (p * t).sum() + smooth) / (p.sum() + t.sum() + smooth))
    return torch.stack(terms).mean() if terms else 0 * logits.sum()


LOSSES = {"cross_entropy": cross_entropy, "dice": dice}

# Cases of golden.py. A new one stands at the end, so that the random numbers of the others stay.
# name: (channels of the logits, kind of labels as in golden.py, terms of `loss`)
GOLDEN = {
    "multi_class": (3, "mixed", [{"name": "cross_entropy"}, {"name": "dice"}]),
    "cross_entropy": (3, "mixed", [{"name": "cross_entropy"}]),
    "cross_entropy_weighted": (3, "mixed", [{"name": "cross_entropy", "class_weights": [0.5, 2.0, 3.0]}]),
    "cross_entropy_auto": (3, "mixed", [{"name": "cross_entropy", "class_weights": "auto"}]),
    "dice": (3, "mixed", [{"name": "dice"}]),
    "dice_absent_class": (3, "absent", [{"name": "dice"}]),
    "dice_unsmoothed": (3, "mixed", [{"name": "dice", "smooth": 0.0}]),
    "dice_foreground": (3, "mixed", [{"name": "dice", "include_background": False}]),
    "dice_foreground_absent": (3, "background", [{"name": "dice", "include_background": False}]),
    "weighted_terms": (3, "mixed", [{"name": "cross_entropy", "weight": 0.3}, {"name": "dice", "weight": 2.0}]),
    "binary": (1, "binary", [{"name": "cross_entropy"}, {"name": "dice"}]),
    "binary_cross_entropy": (1, "binary", [{"name": "cross_entropy"}]),
    "binary_cross_entropy_weighted": (1, "binary", [{"name": "cross_entropy", "class_weights": [0.5, 4.0]}]),
    "binary_dice": (1, "binary", [{"name": "dice"}]),
    "binary_dice_foreground": (1, "binary", [{"name": "dice", "include_background": False}]),
    "all_ignored": (3, "ignored", [{"name": "cross_entropy"}, {"name": "dice"}]),
    "binary_all_ignored": (1, "ignored", [{"name": "cross_entropy"}, {"name": "dice"}]),
}


def total(terms, logits, labels):
    """Returns the weighted sum of terms, each {"name": ..., "weight": ..., option: ...}."""
    value = 0 * logits.sum()
    for term in terms:
        options = {key: option for key, option in term.items() if key not in ("name", "weight")}
        value = value + term.get("weight", 1.0) * LOSSES[term["name"]](logits, labels, **options)
    return value
