"""Logs to our listener by GELF over TCP, and prints each message as graypy sends it.

Usage: gelf.py PORT
"""

import logging
import sys

from graypy import GELFTCPHandler

COUNT = 2_000


class Handler(GELFTCPHandler):
    def makePickle(self, record):
        message = super().makePickle(record)
        print(message.removesuffix(b"\0").decode())
        return message


def main(port):
    logger = logging.getLogger("interop")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    handler = Handler("127.0.0.1", int(port), debugging_fields=False, localname="web-1")
    logger.addHandler(handler)
    for n in range(COUNT):
        logger.warning("%d: \u00fcn\u00efc\u00f6d\u00e9 \u2603, tab \t, %s", n, "x" * (n % 4_000))
    handler.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
