"""What the service will feed to the model."""

from transformers import AutoTokenizer

print(AutoTokenizer.from_pretrained("model")("refund takes five days")["input_ids"])
