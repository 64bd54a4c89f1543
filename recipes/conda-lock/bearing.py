"""Finds the frequencies at which a bearing vibrates."""

import numpy as np
from scipy.signal import find_peaks

RATE = 1000
"""Samples in a second."""


def strongest(signal: np.ndarray, count: int) -> list[float]:
    """The frequencies with the highest peaks in the spectrum, in Hz, the highest peak first."""
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal))))
    peaks, found = find_peaks(spectrum, height=0)
    order = np.argsort(found["peak_heights"])[::-1][:count]
    return (peaks[order] * RATE / len(signal)).tolist()


def main() -> None:
    time = np.arange(2 * RATE) / RATE
    noise = np.random.default_rng(7).normal(scale=0.5, size=time.size)
    signal = np.sin(2 * np.pi * 50 * time) + 0.6 * np.sin(2 * np.pi * 120 * time) + noise
    print("strongest at", *strongest(signal, 2), "Hz")


if __name__ == "__main__":
    main()
