"""Measures decoding and augmentation with OpenCV and NumPy on one core; prints the seconds of each batch as JSON.

Runs the same pipeline as `unet bench --part loading` with the settings of compare.py: read an image and its mask, warp
both once (rotation, scale, flip, crop), change brightness and contrast, normalize, move channels first.
"""

import argparse
import json
import math
import pathlib
import sys
import time

import cv2
import numpy as np


def crop_matrix(rng, shape, size):
    """Returns the affine matrix from a random crop to the image: rotation, scale and flip about its center."""
    angle = math.radians(rng.uniform(-15, 15))
    scale = 1 / math.exp(rng.uniform(math.log(0.8), math.log(1.25)))
    flip = -1 if rng.random() < 0.5 else 1
    linear = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) * scale
    linear = linear @ np.diag([flip, 1])
    center = np.array([rng.uniform(size / 2, shape[1] - size / 2), rng.uniform(size / 2, shape[0] - size / 2)])
    return np.hstack([linear, (center - linear @ np.full(2, size / 2))[:, None]])


def sample(rng, image_path, mask_path, size):
    image = cv2.cvtColor(cv2.imread(str(image_path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    mask = cv2.imread(str(mask_path), cv2.IMREAD_GRAYSCALE)
    matrix = crop_matrix(rng, mask.shape, size)
    inverse = cv2.WARP_INVERSE_MAP
    image = cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_LINEAR | inverse, borderMode=cv2.BORDER_REFLECT_101)
    mask = cv2.warpAffine(mask, matrix, (size, size), flags=cv2.INTER_NEAREST | inverse, borderMode=cv2.BORDER_REFLECT_101)
    pixels = image.astype(np.float32) / 255
    pixels += np.float32(rng.uniform(-0.2, 0.2))
    mean = pixels.mean()
    pixels = (pixels - mean) * np.float32(rng.uniform(0.75, 1.25)) + mean
    np.clip(pixels, 0, 1, out=pixels)
    pixels = (pixels - 0.5) / np.float32(0.25)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)), mask.astype(np.int64)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=pathlib.Path, help="a folder with images/ and masks/")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--repeat", type=int, default=7)
    arguments = parser.parse_args()
    cv2.setNumThreads(0)
    rng = np.random.default_rng(0)
    images = sorted((arguments.data / "images").iterdir())
    masks = sorted((arguments.data / "masks").iterdir())
    seconds = []
    for i in range(-1, arguments.repeat):
        start = time.perf_counter()
        chosen = rng.integers(len(images), size=arguments.batch)
        made = [sample(rng, images[k], masks[k], arguments.size) for k in chosen]
        np.stack([pixels for pixels, _ in made])
        np.stack([labels for _, labels in made])
        if i >= 0:
            seconds.append(time.perf_counter() - start)
    json.dump({"seconds": seconds}, sys.stdout)


if __name__ == "__main__":
    main()
