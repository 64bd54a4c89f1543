"""Classifies two points by their nearest neighbour."""

from sklearn.neighbors import KNeighborsClassifier

model = KNeighborsClassifier(n_neighbors=1).fit([[0.0], [1.0], [10.0]], ["cat", "cat", "dog"])
print(*model.predict([[0.4], [8.0]]))
