# The job that builds the image. `set -e` stops at the first command that fails.
set -e
python -m pip install --quiet -r requirements.txt
python -m pip install --quiet -r requirements-notify.txt
echo "ready to deploy"
