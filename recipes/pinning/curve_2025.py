"""The same number, as the script stood in the middle of 2025."""

import bottleneck as bn
import numpy as np

STEPS = [0, 10, 20, 30, 40]
LOSS = [1.0, 0.6, 0.5, 0.3, 0.2]

smoothed = bn.move_mean(np.asarray(LOSS), window=2, min_count=1)
print(f"mean loss {np.trapz(smoothed, STEPS) / (STEPS[-1] - STEPS[0]):.4f}")
