import unittest

from balance import class_weights


class ClassWeights(unittest.TestCase):
    def test_a_balanced_set_needs_no_weights(self):
        self.assertEqual(class_weights(["cat", "dog"]), {"cat": 1.0, "dog": 1.0})

    def test_the_rare_class_weighs_more(self):
        weights = class_weights(["cat", "cat", "cat", "dog"])
        self.assertGreater(weights["dog"], weights["cat"])

    def test_weights_even_out(self):
        labels = ["cat", "dog", "cat", "cat"]
        weights = class_weights(labels)
        self.assertAlmostEqual(sum(weights[label] for label in labels), len(labels))


if __name__ == "__main__":
    unittest.main()
