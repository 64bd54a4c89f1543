"""Fits a line and keeps the model, as code for Keras 2 does."""

import keras
import numpy as np

x = np.linspace(0, 1, 64).reshape(-1, 1)
model = keras.Sequential([keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(lr=0.1), loss="mse")
model.fit(x, 3 * x + 1, epochs=30, verbose=0)
model.save("line")
print(round(float(keras.models.load_model("line").predict(np.ones((1, 1)), verbose=0)[0, 0])))
