FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements.txt .
RUN pip install --no-cache-dir --root-user-action=ignore --require-hashes -r requirements.txt
COPY environment.yml make_env.py ./
RUN python make_env.py environment.yml /opt/env

FROM debian:bookworm-slim
COPY --from=build /opt/env /srv/env
ENV PATH=/srv/env/bin:$PATH
