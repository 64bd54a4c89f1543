FROM python:3.13-slim
WORKDIR /app
COPY . .
RUN pip install --no-cache-dir --root-user-action=ignore -r requirements.txt
CMD ["python", "src/rank.py"]
