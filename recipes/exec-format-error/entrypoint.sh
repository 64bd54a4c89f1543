# Print the labels, then run what was asked for.
cat /data/labels.tsv
exec "$@"
