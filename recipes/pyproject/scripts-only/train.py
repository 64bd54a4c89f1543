"""Fit a line to data/points.csv by least squares and write the weights to models/."""

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent

points = np.loadtxt(HERE / "data" / "points.csv", delimiter=",", skiprows=1)
design = np.column_stack([points[:, 0], np.ones(len(points))])
weights, *_ = np.linalg.lstsq(design, points[:, 1])
np.savetxt(HERE / "models" / "line.txt", weights)
print(f"slope {weights[0]:.2f}, intercept {weights[1]:.2f}")
