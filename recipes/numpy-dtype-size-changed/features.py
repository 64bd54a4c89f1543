"""Features of trips for the model of arrival times."""

import pandas as pd

trips = pd.read_csv("data/trips.csv")
trips["km_per_hour"] = trips["km"] / trips["minutes"] * 60
print(trips.groupby("city")["km_per_hour"].mean().round(1).to_string())
