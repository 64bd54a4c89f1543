# Upgrades NumPy and kills pip once the old package has been renamed.
python -m pip install --quiet -r requirements.txt &
while kill -0 $! && ! compgen -G ".venv/lib/python3*/site-packages/~umpy" > /dev/null; do :; done
kill -KILL $!
wait $! 2> /dev/null
exit 0
