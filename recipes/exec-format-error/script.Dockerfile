FROM debian:trixie-slim
COPY labels.tsv /data/labels.tsv
COPY --chmod=755 entrypoint.sh /entrypoint.sh
ENTRYPOINT ["/entrypoint.sh"]
CMD ["true"]
