FROM python:3.13-slim
WORKDIR /app
COPY src/ src/
ENV CHECKPOINT=on RUN_NAME=base
CMD echo "run $RUN_NAME" && python src/worker.py
