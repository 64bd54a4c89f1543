"""Score one request with a model that was exported to ONNX."""

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
print("model loaded")
features = np.array([[1.0, 0.5, -0.2]], dtype=np.float32)
print("score", session.run(["score"], {"features": features})[0].round(3))
