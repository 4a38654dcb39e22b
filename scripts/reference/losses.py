"""The losses, computed by torch.nn.functional or written from their papers; one logit by its sigmoid rather than by a
softmax over two classes.

logits (N,C,H,W); labels (N,H,W) int64 in [0,C), for C = 1 in {0, 1}, or IGNORE. Pixels labeled IGNORE do not count; if
all are ignored, the loss is 0.
"""

import math

import torch
import torch.nn.functional as F

IGNORE = 255


def cross_entropy(logits, labels, class_weights=None, label_smoothing=0.0):
    """Returns the mean over labeled pixels, weighted by class."""
    if not (labels != IGNORE).any():
        return 0 * logits.sum()
    if label_smoothing > 0:
        z, truth = labeled_logits(logits, labels)
        weights = None if class_weights is None else torch.tensor(class_weights, dtype=logits.dtype)
        return F.cross_entropy(z, truth, weight=weights, label_smoothing=label_smoothing)
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


def labeled_logits(logits, labels):
    """Returns logits (M,C) and classes (M) of the labeled pixels; one logit z as (0, z)."""
    if logits.shape[1] == 1:
        logits = torch.cat([0 * logits, logits], dim=1)
    labeled = labels != IGNORE
    return logits.movedim(1, -1)[labeled], labels[labeled]


def over_images(loss, logits, labels, **options):
    """Returns the mean of the loss of each image by itself."""
    return sum(loss(logits[i : i + 1], labels[i : i + 1], **options) for i in range(len(labels))) / len(labels)


def dice(logits, labels, smooth=1.0, include_background=True, squared=False, per="batch"):
    """Returns one minus soft Dice, averaged over the classes in the labels; sums run over the whole batch or image."""
    if per == "image":
        return over_images(dice, logits, labels, smooth=smooth, include_background=include_background, squared=squared)
    terms = []
    for c, (p, t) in enumerate(zip(*probabilities_and_truth(logits, labels))):
        if t.sum() > 0 and (c > 0 or include_background):
            size = (p**2).sum() + (t**2).sum() if squared else p.sum() + t.sum()
            terms.append(1 - (2 * (p * t).sum() + smooth) / (size + smooth))
    return torch.stack(terms).mean() if terms else 0 * logits.sum()


def tversky(logits, labels, alpha=0.3, beta=0.7, gamma=1.0, smooth=1.0, include_background=True, per="batch"):
    """Returns the mean over classes of (1 - TI)^(1 / gamma). Source: Salehi et al. 2017, arXiv:1706.05721; Abraham &
    Khan 2018, arXiv:1810.07842."""
    if per == "image":
        options = {"alpha": alpha, "beta": beta, "gamma": gamma, "smooth": smooth}
        return over_images(tversky, logits, labels, include_background=include_background, **options)
    terms = []
    for c, (p, t) in enumerate(zip(*probabilities_and_truth(logits, labels))):
        if t.sum() > 0 and (c > 0 or include_background):
            hits, false_positives, false_negatives = (p * t).sum(), (p * (1 - t)).sum(), ((1 - p) * t).sum()
            index = (hits + smooth) / (hits + alpha * false_positives + beta * false_negatives + smooth)
            terms.append((1 - index) ** (1 / gamma))
    return torch.stack(terms).mean() if terms else 0 * logits.sum()


def own_cross_entropy(logits, labels):
    """Returns the cross entropy (M) of each labeled pixel."""
    if logits.shape[1] == 1:
        labeled = labels != IGNORE
        truth = labels[labeled].to(logits.dtype)
        return F.binary_cross_entropy_with_logits(logits[:, 0][labeled], truth, reduction="none")
    return F.cross_entropy(*labeled_logits(logits, labels), reduction="none")


def pixel_class_weights(labels, class_weights):
    """Returns the class weight (M) of each labeled pixel."""
    truth = labels[labels != IGNORE]
    return torch.tensor(class_weights, dtype=torch.float64)[truth] if class_weights else torch.ones(len(truth)).double()


def focal(logits, labels, gamma=2.0, class_weights=None):
    """Returns the mean over labeled pixels of -(1 - p)^gamma log p, weighted by class.
    Source: Lin et al. 2017, arXiv:1708.02002."""
    if not (labels != IGNORE).any():
        return 0 * logits.sum()
    nll, weights = own_cross_entropy(logits, labels), pixel_class_weights(labels, class_weights)
    return (weights * (1 - torch.exp(-nll)) ** gamma * nll).sum() / weights.sum()


def top_k_cross_entropy(logits, labels, share=0.1, class_weights=None):
    """Returns the mean over the pixels with the largest cross entropy whose weights add up to `share` of the weight of
    all labeled pixels, the last of them in part."""
    if not (labels != IGNORE).any():
        return 0 * logits.sum()
    nll, order = own_cross_entropy(logits, labels).sort(descending=True)
    weights = pixel_class_weights(labels, class_weights)[order]
    wanted = share * weights.sum()
    counted = torch.minimum(weights, (wanted - (weights.cumsum(0) - weights)).clamp(min=0))
    return (counted * nll).sum() / wanted


def boundary_cross_entropy(logits, labels, weight, class_weights=None, label_smoothing=0.0, w0=10.0, sigma=5.0):
    """Returns the mean over labeled pixels, weighted by class and by the map `weight` (N,H,W), which is given.
    Source: Ronneberger et al. 2015, arXiv:1505.04597, equation 1."""
    if not (labels != IGNORE).any():
        return 0 * logits.sum()
    weights = pixel_class_weights(labels, class_weights) * weight[labels != IGNORE]
    return (weights * own_cross_entropy(logits, labels)).sum() / weights.sum()


def lovasz_extension(errors, truth):
    """Returns the Lovász extension of 1 - IoU at errors (M), from the IoU of each prefix of the sorted errors.
    Source: Berman et al. 2018, arXiv:1705.08790, equations 8 and 9."""
    order = errors.argsort(descending=True, stable=True)
    value, loss_before = 0, 0
    mispredicted = torch.zeros_like(truth)
    for i in order:
        mispredicted[i] = 1
        intersection = (truth * (1 - mispredicted)).sum()
        union = truth.sum() + ((1 - truth) * mispredicted).sum()
        loss = 1 - intersection / union
        value = value + errors[i] * (loss - loss_before)
        loss_before = loss
    return value


def lovasz_softmax(logits, labels, include_background=True, per="batch"):
    """Returns the mean over the classes in the labels of the Lovász extension of 1 - IoU."""
    if per == "image":
        return over_images(lovasz_softmax, logits, labels, include_background=include_background)
    terms = []
    for c, (p, t) in enumerate(zip(*probabilities_and_truth(logits, labels))):
        if t.sum() > 0 and (c > 0 or include_background):
            terms.append(lovasz_extension((t - p).abs(), t))
    return torch.stack(terms).mean() if terms else 0 * logits.sum()


def window_minimum(image, offsets):
    """Returns the minimum of (H,W) over neighbors at these offsets (rows, columns), within the image."""
    shifted = []
    for dy, dx in offsets:
        padded = F.pad(image[None], (1, 1, 1, 1), value=float("inf"))[0]
        shifted.append(padded[1 + dy : 1 + dy + image.shape[0], 1 + dx : 1 + dx + image.shape[1]])
    return torch.stack(shifted).min(dim=0).values


def erode(image):
    return window_minimum(image, [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)])


def opening(image):
    window = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    return -window_minimum(-erode(image), window)


def soft_skeleton(image, iterations):
    """Source: Shit et al. 2021, arXiv:2003.07311, algorithm 1."""
    skeleton = F.relu(image - opening(image))
    for _ in range(iterations):
        image = erode(image)
        skeleton = skeleton + (1 - skeleton) * F.relu(image - opening(image))
    return skeleton


def cl_dice(logits, labels, iterations=3, smooth=1.0, per="batch"):
    """Returns one minus soft clDice, averaged over the foreground classes in the labels; ignored pixels are background
    for the skeletons. Source: Shit et al. 2021, arXiv:2003.07311, algorithm 2."""
    if per == "image":
        return over_images(cl_dice, logits, labels, iterations=iterations, smooth=smooth)
    probability = F.softmax(torch.cat([0 * logits, logits], dim=1) if logits.shape[1] == 1 else logits, dim=1)
    terms = []
    for c in range(1, probability.shape[1]):
        truth = (labels == c).double()
        if truth.sum() == 0:
            continue
        predicted = probability[:, c] * (labels != IGNORE)
        skeleton = torch.stack([soft_skeleton(image, iterations) for image in predicted])
        true_skeleton = torch.stack([soft_skeleton(image, iterations) for image in truth])
        precision = ((skeleton * truth).sum() + smooth) / (skeleton.sum() + smooth)
        sensitivity = ((true_skeleton * predicted).sum() + smooth) / (true_skeleton.sum() + smooth)
        terms.append(1 - 2 * precision * sensitivity / (precision + sensitivity))
    return torch.stack(terms).mean() if terms else 0 * logits.sum()


LOSSES = {
    "cross_entropy": cross_entropy,
    "dice": dice,
    "focal": focal,
    "top_k_cross_entropy": top_k_cross_entropy,
    "boundary_cross_entropy": boundary_cross_entropy,
    "tversky": tversky,
    "lovasz_softmax": lovasz_softmax,
    "cl_dice": cl_dice,
}

# Losses with a weight map (N,H,W), the `weight` of `total`; other losses do not see it.
WITH_WEIGHT_MAP = {"boundary_cross_entropy"}

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
    "label_smoothing": (3, "mixed", [{"name": "cross_entropy", "label_smoothing": 0.1}]),
    "label_smoothing_weighted": (
        3,
        "mixed",
        [{"name": "cross_entropy", "label_smoothing": 0.3, "class_weights": [0.5, 2.0, 3.0]}],
    ),
    "label_smoothing_all_ignored": (3, "ignored", [{"name": "cross_entropy", "label_smoothing": 0.1}]),
    "binary_label_smoothing": (1, "binary", [{"name": "cross_entropy", "label_smoothing": 0.2}]),
    "dice_per_image": (3, "absent", [{"name": "dice", "per": "image"}]),
    "dice_squared": (3, "mixed", [{"name": "dice", "squared": True}]),
    "dice_squared_per_image": (
        3,
        "mixed",
        [{"name": "dice", "squared": True, "per": "image", "include_background": False}],
    ),
    "binary_dice_squared": (1, "binary", [{"name": "dice", "squared": True, "smooth": 0.0}]),
    "focal": (3, "mixed", [{"name": "focal"}]),
    "focal_gamma_half": (3, "mixed", [{"name": "focal", "gamma": 0.5}]),
    "focal_gamma_0": (3, "absent", [{"name": "focal", "gamma": 0.0}]),
    "focal_weighted": (3, "mixed", [{"name": "focal", "class_weights": [0.5, 2.0, 3.0]}]),
    "focal_auto": (3, "mixed", [{"name": "focal", "class_weights": "auto"}]),
    "focal_dice": (3, "mixed", [{"name": "dice"}, {"name": "focal", "weight": 3.0}]),
    "focal_all_ignored": (3, "ignored", [{"name": "focal"}]),
    "binary_focal": (1, "binary", [{"name": "focal", "gamma": 1.0}]),
    "top_k": (3, "mixed", [{"name": "top_k_cross_entropy"}]),
    "top_k_half": (3, "absent", [{"name": "top_k_cross_entropy", "share": 0.5}]),
    "top_k_weighted": (
        3,
        "mixed",
        [{"name": "top_k_cross_entropy", "share": 0.25, "class_weights": [0.5, 2.0, 3.0]}],
    ),
    "top_k_all_ignored": (3, "ignored", [{"name": "top_k_cross_entropy"}]),
    "binary_top_k": (1, "binary", [{"name": "top_k_cross_entropy", "share": 0.3}]),
    "boundary": (3, "mixed", [{"name": "boundary_cross_entropy"}]),
    "boundary_weighted": (3, "mixed", [{"name": "boundary_cross_entropy", "class_weights": [0.5, 2.0, 3.0]}]),
    "boundary_among_others": (
        3,
        "mixed",
        [{"name": "cross_entropy"}, {"name": "boundary_cross_entropy", "weight": 0.5}, {"name": "dice"}],
    ),
    "boundary_all_ignored": (3, "ignored", [{"name": "boundary_cross_entropy"}]),
    "binary_boundary": (1, "binary", [{"name": "boundary_cross_entropy"}, {"name": "dice"}]),
    "tversky": (3, "mixed", [{"name": "tversky"}]),
    "tversky_focal": (3, "absent", [{"name": "tversky", "gamma": 4 / 3, "smooth": 0.0}]),
    "tversky_foreground": (3, "mixed", [{"name": "tversky", "alpha": 0.2, "beta": 1.5, "include_background": False}]),
    "tversky_per_image": (3, "mixed", [{"name": "tversky", "gamma": 2.0, "per": "image"}]),
    "tversky_all_ignored": (3, "ignored", [{"name": "tversky", "gamma": 2.0}]),
    "binary_tversky": (1, "binary", [{"name": "tversky", "gamma": 0.5}]),
    "lovasz": (3, "mixed", [{"name": "lovasz_softmax"}]),
    "lovasz_absent_class": (3, "absent", [{"name": "lovasz_softmax"}]),
    "lovasz_per_image": (3, "mixed", [{"name": "lovasz_softmax", "per": "image", "include_background": False}]),
    "lovasz_all_ignored": (3, "ignored", [{"name": "lovasz_softmax"}]),
    "binary_lovasz": (1, "binary", [{"name": "lovasz_softmax"}]),
    "cl_dice": (3, "mixed", [{"name": "cl_dice"}]),
    "cl_dice_absent_class": (3, "absent", [{"name": "cl_dice", "iterations": 1, "smooth": 0.0}]),
    "cl_dice_per_image": (3, "mixed", [{"name": "dice"}, {"name": "cl_dice", "per": "image"}]),
    "cl_dice_all_ignored": (3, "ignored", [{"name": "cl_dice"}]),
    "binary_cl_dice": (1, "binary", [{"name": "cl_dice"}]),
}


def total(terms, logits, labels, weight=None):
    """Returns the weighted sum of terms, each {"name": ..., "weight": ..., option: ...}."""
    value = 0 * logits.sum()
    for term in terms:
        options = {key: option for key, option in term.items() if key not in ("name", "weight")}
        if term["name"] in WITH_WEIGHT_MAP:
            options["weight"] = weight
        value = value + term.get("weight", 1.0) * LOSSES[term["name"]](logits, labels, **options)
    return value
