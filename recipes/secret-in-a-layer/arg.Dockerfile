FROM python:3.13-slim
ARG INDEX_LOGIN
WORKDIR /srv
COPY requirements-private.txt .
RUN pip install --no-cache-dir --no-input --root-user-action=ignore \
    --index-url http://${INDEX_LOGIN}@packages.internal:8080/simple/ --trusted-host packages.internal \
    -r requirements-private.txt
COPY app/ app/
CMD ["python", "app/report.py"]
