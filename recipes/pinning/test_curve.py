import unittest

from curve import LOSS, STEPS, mean_level, smooth


class Curve(unittest.TestCase):
    def test_a_window_of_one_changes_nothing(self):
        self.assertEqual(smooth(LOSS, window=1).tolist(), LOSS)

    def test_smoothing_averages_neighbours(self):
        self.assertAlmostEqual(smooth(LOSS, window=2)[1], 0.8)

    def test_a_flat_curve_has_its_own_level(self):
        self.assertAlmostEqual(mean_level(STEPS, [0.7] * len(STEPS)), 0.7)


if __name__ == "__main__":
    unittest.main()
