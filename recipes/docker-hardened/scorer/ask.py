"""Ask a server for a score: `python -m scorer.ask 5.9 3.0 4.2 1.5`, with SCORER_HOST where it is another machine."""

import json
import os
import sys
import urllib.request

url = f"http://{os.environ.get('SCORER_HOST', '127.0.0.1')}:8000/predict"
features = json.dumps([float(word) for word in sys.argv[1:]]).encode()
with urllib.request.urlopen(url, features, timeout=5) as response:
    print(response.read().decode())
