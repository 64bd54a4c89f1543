# /uv and /uvx, as in uv's own image.
FROM below AS wheel
ARG UV
RUN --mount=from=conditions,target=/conditions \
    bundle=/conditions/usr/local/share/ca-certificates/provenv.crt; if [ -e $bundle ]; then export PIP_CERT=$bundle; fi; \
    export PIP_CONFIG_FILE=/conditions/etc/pip.conf && \
    pip download --no-cache-dir --no-deps --only-binary :all: --dest /tmp uv==$UV && \
    python -m zipfile -e /tmp/uv-*.whl /tmp/uv && mv /tmp/uv/uv-*.data/scripts /programs && chmod 755 /programs/*
FROM scratch
COPY --from=wheel /programs/ /
ENTRYPOINT ["/uv"]
