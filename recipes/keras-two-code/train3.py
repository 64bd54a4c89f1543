"""Fits a line and keeps the model, with Keras 3."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
x = np.linspace(0, 1, 64).reshape(-1, 1)
model = keras.Sequential([keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.1), loss="mse")
model.fit(x, 3 * x + 1, epochs=30, verbose=0)
model.save("line.keras")
print(round(float(keras.models.load_model("line.keras").predict(np.ones((1, 1)), verbose=0)[0, 0])))
