"""Reads tokens, one a line; answers each by its claims, or by a line that begins with `refused`."""

import json
import sys

import jwt
from verify import Verifier

verifier = Verifier(*sys.argv[1:4])
for line in sys.stdin:
    try:
        print(json.dumps(verifier.verify(line.strip())))
    except jwt.PyJWTError as error:
        print("refused", type(error).__name__)
