"""Count the tokens of support tickets, to see which are too long for the model."""

from transformers import BertTokenizerFast

tokenizer = BertTokenizerFast("vocab.txt")
for ticket in ("The refund takes five days", "The refund is free"):
    print(len(tokenizer(ticket)["input_ids"]), "tokens:", ticket)
