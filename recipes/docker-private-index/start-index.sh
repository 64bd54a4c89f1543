# Start the index, wait at most 10 seconds until it listens, and print the address at which the steps of a build reach it.
docker build --quiet -t docker-private-index-server index >&2
docker run --detach --rm --name docker-private-index-server --env INDEX_LOGIN=build:s3cret-of-the-index "$@" docker-private-index-server >&2
for _ in $(seq 50); do
    docker exec docker-private-index-server python -c "import socket; socket.create_connection(('127.0.0.1', 8080))" 2>/dev/null && break
    sleep 0.2
done
docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' docker-private-index-server
