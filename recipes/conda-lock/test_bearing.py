import unittest

import numpy as np

from bearing import RATE, strongest


class Strongest(unittest.TestCase):
    def setUp(self) -> None:
        self.time = np.arange(RATE) / RATE

    def test_one_tone(self) -> None:
        self.assertEqual(strongest(np.sin(2 * np.pi * 80 * self.time), 1), [80.0])

    def test_the_louder_tone_comes_first(self) -> None:
        signal = np.sin(2 * np.pi * 40 * self.time) + 2 * np.sin(2 * np.pi * 90 * self.time)
        self.assertEqual(strongest(signal, 2), [90.0, 40.0])


if __name__ == "__main__":
    unittest.main()
