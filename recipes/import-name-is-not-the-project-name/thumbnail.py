"""Makes a thumbnail of a training image, by the settings in augment.yaml."""

import yaml
from PIL import Image

with open("augment.yaml", encoding="utf-8") as file:
    side = yaml.safe_load(file)["thumbnail"]["side"]
image = Image.new("RGB", (640, 480), "teal")
image.thumbnail((side, side))
print(image.size)
