"""Accuracy by group, from the predictions of a classifier."""

import pandas as pd

predictions = pd.DataFrame(
    {"label": ["cat", "cat", "dog", "dog", "dog"], "predicted": ["cat", "dog", "dog", "dog", "cat"]}
)
correct = predictions["label"] == predictions["predicted"]
print(correct.groupby(predictions["label"]).mean().round(2).to_string())
