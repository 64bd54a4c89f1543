import unittest

from pydantic import ValidationError

from scoring import Row, app, score


class Scoring(unittest.TestCase):
    def test_more_visits_mean_a_higher_score(self):
        self.assertEqual(score(Row(age=50, visits=0)), {"probability": 0.5})
        self.assertGreater(score(Row(age=50, visits=3))["probability"], 0.5)

    def test_a_row_without_a_feature_is_refused(self):
        with self.assertRaises(ValidationError):
            Row(age=50)

    def test_the_service_publishes_its_route(self):
        self.assertIn("/score", app.openapi()["paths"])


if __name__ == "__main__":
    unittest.main()
