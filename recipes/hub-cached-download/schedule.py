"""The noise schedule of a diffusion model, kept in a configuration that diffusers can save."""

import numpy as np
from diffusers.configuration_utils import ConfigMixin, register_to_config


class Schedule(ConfigMixin):
    config_name = "schedule.json"

    @register_to_config
    def __init__(self, first: float = 0.0001, last: float = 0.02, steps: int = 1000) -> None:
        self.betas = np.linspace(first, last, steps)


schedule = Schedule(steps=500)
print(f"{schedule.config.steps} steps, signal left {np.prod(1 - schedule.betas):.4f}")
