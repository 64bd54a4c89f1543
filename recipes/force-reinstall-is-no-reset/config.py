"""Reads the settings of a training run, and refuses those that make no sense."""

from marshmallow import Schema, fields, validate
from tabulate import tabulate


class Run(Schema):
    """Settings of one training run."""

    learning_rate = fields.Float(required=True, validate=validate.Range(min=0, max=1))
    epochs = fields.Integer(load_default=3)


print(tabulate(sorted(Run().load({"learning_rate": 0.001}).items())))
