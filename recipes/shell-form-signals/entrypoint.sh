#!/bin/sh
echo "run $RUN_NAME"
exec "$@"
