"""Sends datapoints to carbon-cache through our FramedSender, and asks for each through our FramedTransport.

Usage: carbon.py FRAMES PICKLE_PORT QUERY_PORT
FRAMES is the example of influx-transport. Every datapoint and every question is a pickle in a frame of its own.
The last line says how many datapoints were sent, how many carbon has, and how many of them are as they were sent.
"""

import pickle
import struct
import subprocess
import sys
import time

COUNT = 2_000
DEADLINE = 30


def main(frames, pickle_port, query_port):
    now = int(time.time())
    sent = {f"interop.metric-{n}.\u00fc": (now + n, n / 8) for n in range(COUNT)}
    messages = [pickle.dumps([datapoint], protocol=2) for datapoint in sent.items()]
    speak(frames, "send", pickle_port, messages)

    questions = [pickle.dumps({"type": "cache-query", "metric": metric}, protocol=2) for metric in sent]
    deadline = time.monotonic() + DEADLINE
    while True:
        answers = [pickle.loads(answer)["datapoints"] for answer in speak(frames, "ask", query_port, questions)]
        received = sum(map(len, answers))
        # carbon may not yet have read what the system has taken.
        if received >= COUNT or time.monotonic() > deadline:
            break
    equal = sum(answer == [datapoint] for answer, datapoint in zip(answers, sent.values()))
    print(COUNT, received, equal)


def speak(frames, command, port, messages):
    """Runs the example, with frames on its standard input and output too, and returns its output."""
    arguments = [frames, command, "len:u32be", f"127.0.0.1:{port}", "len:u32be"]
    wire = b"".join(struct.pack(">I", len(message)) + message for message in messages)
    output = subprocess.run(arguments, input=wire, stdout=subprocess.PIPE, check=True, timeout=DEADLINE).stdout
    printed = []
    while output:
        (length,) = struct.unpack_from(">I", output)
        printed.append(output[4:4 + length])
        output = output[4 + length:]
    return printed


if __name__ == "__main__":
    main(*sys.argv[1:])
