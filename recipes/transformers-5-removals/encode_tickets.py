"""Turn support tickets into token ids, as it was written for transformers 4."""

from transformers import BertTokenizerFast

tokenizer = BertTokenizerFast("vocab.txt")
batch = tokenizer.batch_encode_plus(["The refund takes five days", "The refund is free"], padding=True)
for ids in batch["input_ids"]:
    print(ids)
