"""Switches of a training run, read from the environment."""

import os
from distutils.util import strtobool

MIXED_PRECISION = bool(strtobool(os.environ.get("MIXED_PRECISION", "no")))

print(f"mixed precision: {MIXED_PRECISION}")
