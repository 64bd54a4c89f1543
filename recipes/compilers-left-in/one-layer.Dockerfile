FROM python:3.13-slim
WORKDIR /app
RUN --mount=type=bind,source=requirements.txt,target=/tmp/requirements.txt \
    apt-get update \
    && apt-get install -y --no-install-recommends g++ \
    && pip install --no-cache-dir --root-user-action=ignore -r /tmp/requirements.txt \
    && apt-get purge -y --autoremove g++ \
    && apt-get clean \
    && rm -rf /var/lib/apt/lists/*
COPY src/ src/
CMD ["python", "src/neighbours.py"]
