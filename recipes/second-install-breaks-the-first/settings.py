"""Settings of a training run, checked before the run starts."""

from pydantic import BaseModel, PositiveInt


class Settings(BaseModel):
    batch_size: PositiveInt
    learning_rate: float


settings = Settings.model_validate_json('{"batch_size": 32, "learning_rate": 0.001}')
print(settings)
