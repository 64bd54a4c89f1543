FROM python:3.13-slim
WORKDIR /srv
COPY requirements-private.txt .
COPY netrc /root/.netrc
RUN pip install --no-cache-dir --no-input --root-user-action=ignore \
    --index-url http://packages.internal:8080/simple/ --trusted-host packages.internal \
    -r requirements-private.txt && \
    rm /root/.netrc
COPY app/ app/
CMD ["python", "app/report.py"]
