"""What the service will use for the model's positions."""

from transformers import AutoConfig

config = AutoConfig.from_pretrained("model")
print("rope_theta", config.rope_theta if hasattr(config, "rope_theta") else config.rope_parameters["rope_theta"])
