FROM python:3.13-slim
WORKDIR /ask
COPY requirements.txt .
ENTRYPOINT ["pip", "download", "--quiet", "--quiet", "--no-deps", "--only-binary", ":all:"]
