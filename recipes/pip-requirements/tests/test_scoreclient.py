import httpx
import pytest
import respx

from scoreclient import Prediction, classify, open_client, softmax


def test_softmax_adds_up_to_one_and_survives_large_scores():
    assert softmax([1000.0, 1000.0]) == [0.5, 0.5]
    assert sum(softmax([3.0, 1.0, 0.2])) == pytest.approx(1)


@respx.mock(base_url="http://model.test")
def test_every_row_gets_its_most_likely_label(respx_mock):
    scores = {"scores": [[2.0, 0.0], [0.5, 0.5]]}
    route = respx_mock.post("/score").mock(return_value=httpx.Response(200, json=scores))

    with open_client("http://model.test") as client:
        first, second = classify([[0.1], [0.2]], ["cat", "dog"], client)

    assert route.called
    assert first == Prediction("cat", pytest.approx(0.8808, abs=1e-4))
    assert second.probability == 0.5


@respx.mock(base_url="http://model.test")
def test_a_server_error_is_not_taken_for_a_score(respx_mock):
    respx_mock.post("/score").mock(return_value=httpx.Response(503))
    with open_client("http://model.test") as client, pytest.raises(httpx.HTTPStatusError):
        classify([[0.1]], ["cat", "dog"], client)
