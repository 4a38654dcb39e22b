#!/usr/bin/env python3
"""Values of the metrics in tests/app/metrics_test.cpp, from their formulas and nothing but numpy: metrics.py"""

import math

import numpy as np

IGNORE = 255
CLASSES = 3


def disc(y, x, row, column, square):
    return (y - row) ** 2 + (x - column) ** 2 <= square


def scenes():
    """Two images of 40x48 pixels with masks: the first has ignored columns, the second lacks class 2."""
    y, x = np.mgrid[0:40, 0:48]
    truth, prediction = np.zeros((2, 40, 48), int), np.zeros((2, 40, 48), int)
    truth[0][disc(y, x, 12, 14, 64) | disc(y, x, 12, 34, 49)] = 1
    truth[0][(y >= 28) & (y < 32) & (x >= 4) & (x < 44)] = 2
    truth[0][x < 7] = IGNORE
    prediction[0][disc(y, x, 13, 15, 56) | disc(y, x, 9, 41, 49) | disc(y, x, 20, 2, 9)] = 1
    prediction[0][(y >= 27) & (y < 31) & (x >= 3) & (x < 40) | disc(y, x, 36, 40, 4)] = 2
    truth[1][disc(y, x, 20, 20, 100)] = 1
    prediction[1][disc(y, x, 20, 22, 81)] = 1
    prediction[1][(y < 3) & (x > 40)] = 2
    return list(zip(truth, prediction))


def shifted(mask, dy, dx):
    """The mask moved by one pixel, False where it moved away from the edge."""
    padded = np.pad(mask, 1)
    return padded[1 - dy : 1 - dy + mask.shape[0], 1 - dx : 1 - dx + mask.shape[1]]


CROSS = [(-1, 0), (1, 0), (0, -1), (0, 1)]
RING = [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)]


def distances(points, others):
    a, b = np.argwhere(points), np.argwhere(others)
    return np.sqrt(((a[:, None] - b[None]) ** 2).sum(2)).min(1)


def f1(hits_a, all_a, hits_b, all_b):
    precision, recall = hits_a / max(1, all_a), hits_b / max(1, all_b)
    return None if all_b == 0 else 0 if precision + recall == 0 else 2 * precision * recall / (precision + recall)


def boundary_f1(c):
    counts = np.zeros(4, int)
    for truth, prediction in scenes():
        prediction = np.where(truth == IGNORE, IGNORE, prediction)
        tolerance = max(1, 0.0075 * math.hypot(*truth.shape))

        def boundary(labels):
            other = (labels != c) & (labels != IGNORE)
            return (labels == c) & np.any([shifted(other, *step) for step in CROSS], axis=0)

        p, t = boundary(prediction), boundary(truth)
        counts += [(distances(p, t) <= tolerance).sum() if t.any() and p.any() else 0, p.sum(),
                   (distances(t, p) <= tolerance).sum() if t.any() and p.any() else 0, t.sum()]
    return f1(*counts)


def hausdorff_95(c):
    values, undefined = [], 0
    for truth, prediction in scenes():
        def outline(mask):
            return mask & ~np.all([shifted(mask, *step) for step in CROSS], axis=0)

        p, t = outline((prediction == c) & (truth != IGNORE)), outline(truth == c)
        if p.any() != t.any():
            undefined += 1
        elif p.any():
            values.append(max(np.percentile(distances(p, t), 95), np.percentile(distances(t, p), 95)))
    return (np.mean(values) if values else None), undefined


def components(mask):
    """Lists the pixels of each 8-connected component."""
    left, found = {tuple(p) for p in np.argwhere(mask)}, []
    while left:
        stack, component = [left.pop()], set()
        while stack:
            y, x = stack.pop()
            component.add((y, x))
            near = {(y + dy, x + dx) for dy, dx in RING} & left
            left -= near
            stack += near
        found.append(component)
    return found


def instances(c):
    """Numbers of true and predicted instances, and the IoU of each pair above 0.5."""
    truths = predictions = 0
    ious = []
    for truth, prediction in scenes():
        ignored = {tuple(p) for p in np.argwhere(truth == IGNORE)}
        true_components = components(truth == c)
        truths += len(true_components)
        for component in components(prediction == c):
            visible = component - ignored
            iou = max([len(visible & t) / len(visible | t) for t in true_components], default=0)
            if iou > 0.5:
                ious.append(iou)
            predictions += iou > 0.5 or len(component) <= 2 * len(visible)
    return truths, predictions, ious


def instance_ap(c):
    truths, predictions, ious = instances(c)
    if truths == 0:
        return None, None
    hits = [sum(iou > (50 + 5 * k) / 100 for iou in ious) for k in range(10)]
    values = [hit / (truths + predictions - hit) for hit in hits]
    return np.mean(values), values[0]


def panoptic_quality(c):
    truths, predictions, ious = instances(c)
    if truths == 0:
        return None, None, None
    half = (truths + predictions) / 2
    return sum(ious) / half, (np.mean(ious) if ious else None), len(ious) / half


def skeleton(mask):
    mask = mask.copy()
    while True:
        before = mask.copy()
        for half in range(2):
            n = [shifted(mask, -dy, -dx) for dy, dx in RING]
            count = np.sum(n, axis=0)
            rises = np.sum([~n[i] & n[(i + 1) % 8] for i in range(8)], axis=0)
            up, right, down, left = n[0], n[2], n[4], n[6]
            closed = [(up & right & down) | (right & down & left), (up & right & left) | (up & down & left)][half]
            mask = mask & ~((count >= 2) & (count <= 6) & (rises == 1) & ~closed)
        if (mask == before).all():
            return mask


def centerline_dice(c):
    counts = np.zeros(4, int)
    for truth, prediction in scenes():
        p, t = skeleton(prediction == c) & (truth != IGNORE), skeleton(truth == c)
        counts += [(p & (truth == c)).sum(), p.sum(), (t & (prediction == c)).sum(), t.sum()]
    return f1(*counts)


def calibration_error():
    """Confidence of the predicted class: 0.4 + 0.59 * ((7 * row + 3 * column) mod 16) / 15, as float32."""
    confidences, hits = [], []
    for truth, prediction in scenes():
        y, x = np.mgrid[0:40, 0:48]
        confidence = (0.4 + 0.59 * ((7 * y + 3 * x) % 16) / 15).astype(np.float32)
        confidences.append(confidence[truth != IGNORE])
        hits.append((truth == prediction)[truth != IGNORE])
    confidence, hit = np.concatenate(confidences).astype(float), np.concatenate(hits)
    error = 0
    for k in range(15):
        inside = (confidence > k / 15) & (confidence <= (k + 1) / 15)
        if inside.any():
            error += inside.mean() * abs(hit[inside].mean() - confidence[inside].mean())
    return error


if __name__ == "__main__":
    for metric in (boundary_f1, hausdorff_95, instance_ap, panoptic_quality, centerline_dice):
        print(metric.__name__, [metric(c) for c in range(CLASSES)])
    print("calibration_error", calibration_error())
