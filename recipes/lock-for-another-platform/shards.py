"""Write the examples of a training set as records, and read some of them back in another order, as a data loader does."""

from array_record.python.array_record_module import ArrayRecordReader, ArrayRecordWriter

EXAMPLES = [f"{label}\t{text}" for label, text in [(1, "works well"), (0, "broke at once"), (1, "as described")]]

writer = ArrayRecordWriter("train.array_record", "group_size:1")
for example in EXAMPLES:
    writer.write(example.encode())
writer.close()

reader = ArrayRecordReader("train.array_record")
print(reader.num_records(), "examples; shuffled:", [example.decode() for example in reader.read([2, 0])])
reader.close()
