"""Say on what the model would run, and normalise a batch for it."""

import numpy as np
import onnxruntime

BATCH = np.array([[0, 128, 255], [10, 20, 30]], dtype=np.float32)


def normalise(batch: np.ndarray) -> np.ndarray:
    return (batch - batch.mean(axis=1, keepdims=True)) / batch.std(axis=1, keepdims=True)


if __name__ == "__main__":
    print("CPUExecutionProvider" in onnxruntime.get_available_providers())
    print(normalise(BATCH).round(2))
