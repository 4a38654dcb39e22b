"""Imported by programs that compute: leaves oneDNN out where the tests found that it computes wrong values."""

import os

import torch

if os.environ.get("UNET_WITHOUT_ONEDNN") == "1":
    torch.backends.mkldnn.enabled = False
