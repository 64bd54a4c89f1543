"""How far the confidence of a classifier is from its accuracy, before and after its logits are cooled or heated."""

import numpy as np


# --8<-- [start:error]
def calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = 10) -> float:
    """The gap between confidence and accuracy, averaged over bins of confidence."""
    places = np.clip((confidence * bins).astype(int), 0, bins - 1)
    gaps = np.bincount(places, weights=confidence - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))
# --8<-- [end:error]


def probabilities(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Softmax of logits that are divided by a temperature."""
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def best_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature at which the labels are likeliest."""
    tried = np.linspace(0.5, 5.0, 451)
    rows = np.arange(len(labels))
    losses = [-np.log(probabilities(logits, each)[rows, labels]).mean() for each in tried]
    return float(tried[int(np.argmin(losses))])


def main() -> None:
    """A classifier that is right about as often as its halved logits say, and surer than it should be."""
    random = np.random.default_rng(7)
    honest = random.normal(size=(4000, 5)) * 1.5
    labels = np.array([random.choice(5, p=row) for row in probabilities(honest)])
    logits = honest * 2
    for temperature in (1.0, best_temperature(logits, labels)):
        chances = probabilities(logits, temperature)
        correct = chances.argmax(axis=1) == labels
        print(f"temperature {temperature:.1f}: calibration error {calibration_error(chances.max(axis=1), correct):.2f}")


if __name__ == "__main__":
    main()
