"""Log the loss of a run for TensorBoard."""

from tensorboardX import SummaryWriter

with SummaryWriter("runs/first") as writer:
    for step, loss in enumerate([2.31, 1.87, 1.42]):
        writer.add_scalar("loss", loss, step)
print("steps logged:", step + 1)
