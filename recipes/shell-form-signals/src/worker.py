"""Train in steps, and save a checkpoint when told to stop."""

import os
import signal
import sys
import time

PAUSE = float(os.environ.get("PAUSE", "0.2"))
step = 0


# --8<-- [start:handler]
def stop(number: int, frame: object) -> None:
    print(f"{signal.Signals(number).name}: checkpoint saved", flush=True)
    sys.exit(0)


if os.environ.get("CHECKPOINT") == "on":
    signal.signal(signal.SIGTERM, stop)
# --8<-- [end:handler]

while True:
    step += 1
    print(f"step {step}", flush=True)
    time.sleep(PAUSE)
