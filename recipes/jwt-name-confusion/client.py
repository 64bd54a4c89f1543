"""Signs a request to a model server."""

import jwt

KEY = "only-for-this-example-and-32-bytes-long"

signed = jwt.encode({"model": "ranker", "version": 3}, KEY, algorithm="HS256")
print(jwt.decode(signed, KEY, algorithms=["HS256"]))
