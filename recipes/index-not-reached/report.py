from tabulate import tabulate

print(tabulate([("cats", 812), ("dogs", 790)], headers=("label", "images")))
