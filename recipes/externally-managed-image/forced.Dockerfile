FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-pip yamllint \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements.txt .
ENV PIP_BREAK_SYSTEM_PACKAGES=1
RUN pip install --no-cache-dir --root-user-action=ignore -r requirements.txt
COPY src/ src/
CMD ["python3", "src/calibrate.py"]
