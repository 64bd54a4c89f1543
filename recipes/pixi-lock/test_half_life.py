import unittest

import numpy as np

from half_life import half_life


class HalfLife(unittest.TestCase):
    def test_of_an_exact_decay(self) -> None:
        hours = np.linspace(0.0, 20.0, 11)
        self.assertAlmostEqual(half_life(hours, 800 * np.exp2(-hours / 4.0)), 4.0)


if __name__ == "__main__":
    unittest.main()
