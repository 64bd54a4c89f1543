import unittest

import numpy as np

from nearest import nearest

ROWS = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0], [0.0, 0.0]])


class Nearest(unittest.TestCase):
    def test_the_same_direction_comes_first(self):
        self.assertEqual(nearest(np.array([0.0, 1.0]), ROWS, 2), [1, 2])

    def test_length_does_not_count(self):
        self.assertEqual(nearest(np.array([5.0, 5.0]), ROWS, 1), [2])

    def test_an_empty_row_is_never_near(self):
        self.assertEqual(nearest(np.array([1.0, 0.1]), ROWS, 4)[-1], 3)


if __name__ == "__main__":
    unittest.main()
