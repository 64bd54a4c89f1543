"""Area under the ROC curve, and the thresholds of it that are worth a second look."""

import numpy as np

false_positives = np.array([0.0, 0.1, 0.4, 1.0])
true_positives = np.array([0.0, 0.6, 0.9, 1.0])
print(f"AUC {np.trapz(true_positives, false_positives):.3f}")
print("look at", np.in1d(false_positives, [0.1, 0.4]))
print("points", np.row_stack([false_positives, true_positives]).shape)
