"""Look for what code for transformers 4 uses. Needs no PyTorch."""

import importlib

import transformers

NAMES = """
transformers TFAutoModel
transformers FlaxAutoModel
transformers AutoModelForVision2Seq
transformers CLIPFeatureExtractor
transformers SpecialTokensMixin
transformers.utils TRANSFORMERS_CACHE
transformers.utils is_tf_available
transformers.onnx export
transformers.models.bert.tokenization_bert_fast BertTokenizerFast
transformers.models.bert.tokenization_bert BasicTokenizer
"""
METHODS = "encode_plus batch_encode_plus additional_special_tokens as_target_tokenizer build_inputs_with_special_tokens"


def there(module: str, name: str) -> bool:
    try:
        return hasattr(importlib.import_module(module), name)
    except ImportError:
        return False


print("transformers", transformers.__version__)
for line in NAMES.split("\n")[1:-1]:
    print("there" if there(*line.split()) else "gone ", line)
tokenizer = transformers.BertTokenizerFast("vocab.txt")
for name in METHODS.split():
    print("there" if hasattr(tokenizer, name) else "gone ", f"tokenizer.{name}")
