# Debian's CPython where the official image has its own: /usr/local/bin/python with pip, its headers, and no PEP 668 marker.
FROM below
ARG PYTHON
RUN --mount=from=conditions,target=/conditions \
    bundle=/conditions/usr/local/share/ca-certificates/provenv.crt; if [ -e $bundle ]; then export PIP_CERT=$bundle; fi; \
    export PIP_CONFIG_FILE=/conditions/etc/pip.conf && \
    apt-get update && \
    apt-get install -y --no-install-recommends python$PYTHON python$PYTHON-venv ca-certificates netbase tzdata && \
    cd /tmp && apt-get download -o APT::Sandbox::User=root libpython$PYTHON-dev && \
    dpkg-deb -x libpython*.deb /tmp/dev && cp -a /tmp/dev/usr/include/. /usr/include/ && \
    python$PYTHON -m venv --copies /usr/local && \
    /usr/local/bin/python -m pip install --no-cache-dir --root-user-action ignore --upgrade pip==26.3 && \
    /usr/local/bin/python -m pip uninstall --yes --quiet setuptools --root-user-action ignore && \
    rm -rf /usr/local/bin/[Aa]ctivate* /usr/local/.gitignore && \
    apt-get clean && rm -rf /var/lib/apt/lists/* /tmp/*
RUN test "$(command -v python)" = /usr/local/bin/python && test "$(command -v pip)" = /usr/local/bin/pip && \
    python -c "import ssl, sqlite3, ctypes, lzma, venv"
ENV LANG=C.UTF-8
CMD ["python3"]
