"""Expected calibration error of a classifier: how far its confidence is from how often it is right."""

import numpy as np

CONFIDENCE = np.array([0.95, 0.92, 0.85, 0.83, 0.65, 0.61])
RIGHT = np.array([1, 1, 1, 0, 1, 0])


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = 5) -> float:
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(confidence[which == each].mean() - right[which == each].mean()) * (which == each).mean() for each in set(which)]
    return float(sum(gaps))


if __name__ == "__main__":
    print(f"calibration error {calibration_error(CONFIDENCE, RIGHT):.3f}")
