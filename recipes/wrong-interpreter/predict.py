"""Reads a trained model's labels and prints the likeliest."""

import humanize

SCORES = {"cat": 0.08, "dog": 0.91, "other": 0.01}

best = max(SCORES, key=SCORES.get)
print(f"{best} out of {humanize.apnumber(len(SCORES))} labels")
