# Look for a text in an image: in its history, and in the files of all its layers, also those that a later layer removed. Found: exit code 1.
image=$1 text=$2
folder=$(mktemp -d)
docker save "$image" | tar -x -C "$folder"
history=$(docker history --no-trunc "$image" | grep -c -e "$text")
layers=$(find "$folder" -type f | while read -r blob; do
    if tar -tf "$blob" >/dev/null 2>&1; then tar -xOf "$blob"; fi
done | grep -c -a -e "$text")
rm -r "$folder"
echo "history: $history, layers: $layers"
test "$history" = 0 && test "$layers" = 0
