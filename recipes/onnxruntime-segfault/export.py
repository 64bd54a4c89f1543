"""Write model.onnx, a logistic regression on three features."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

graph = helper.make_graph(
    [helper.make_node("Gemm", ["features", "weights", "bias"], ["logit"]), helper.make_node("Sigmoid", ["logit"], ["score"])],
    "scorer",
    [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", 3])],
    [helper.make_tensor_value_info("score", TensorProto.FLOAT, ["batch", 1])],
    [
        numpy_helper.from_array(np.array([[0.9], [-0.4], [0.2]], dtype=np.float32), "weights"),
        numpy_helper.from_array(np.array([0.1], dtype=np.float32), "bias"),
    ],
)
save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), "model.onnx")
