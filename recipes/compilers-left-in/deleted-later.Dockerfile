FROM python:3.13-slim
RUN apt-get update
RUN apt-get install -y --no-install-recommends g++
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --root-user-action=ignore -r requirements.txt
RUN apt-get purge -y --autoremove g++ && rm -rf /var/lib/apt/lists/*
COPY src/ src/
CMD ["python", "src/neighbours.py"]
