# Wait, for at most 30 seconds, until a container's health check has come to a verdict, and print it.
for _ in $(seq 150); do
    status=$(docker inspect --format '{{.State.Health.Status}}' "$1")
    [ "$status" = starting ] || break
    sleep 0.2
done
echo "$status"
