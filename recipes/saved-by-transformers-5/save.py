"""The end of a training run: save the tokenizer and the configuration of a small model."""

from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, PreTrainedTokenizerFast

words = Tokenizer(models.WordLevel({"[UNK]": 0, "refund": 1, "takes": 2, "five": 3, "days": 4}, unk_token="[UNK]"))
words.pre_tokenizer = pre_tokenizers.Whitespace()
PreTrainedTokenizerFast(tokenizer_object=words).save_pretrained("model")
LlamaConfig(num_hidden_layers=2, rope_parameters={"rope_type": "default", "rope_theta": 500000.0}).save_pretrained("model")
