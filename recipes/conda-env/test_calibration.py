import numpy as np
from calibration import best_temperature, calibration_error, probabilities


def test_sure_and_right_is_calibrated():
    assert calibration_error(np.ones(4), np.ones(4)) == 0


def test_sure_and_half_right_is_not():
    assert calibration_error(np.ones(4), np.array([1, 0, 1, 0])) == 0.5


def test_rows_sum_to_one():
    assert np.allclose(probabilities(np.array([[1.0, 2.0], [800.0, -800.0]])).sum(axis=1), 1)


def test_doubled_logits_are_cooled_by_two():
    random = np.random.default_rng(1)
    logits = random.normal(size=(5000, 3))
    labels = np.array([random.choice(3, p=row) for row in probabilities(logits)])
    assert abs(best_temperature(logits * 2, labels) - 2) < 0.3
