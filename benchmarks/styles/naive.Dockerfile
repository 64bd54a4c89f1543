FROM python:3.13-slim
WORKDIR /app
COPY . .
RUN apt-get update
RUN apt-get install -y --no-install-recommends g++
RUN pip install -r requirements.txt
CMD ["python", "app/main.py"]
