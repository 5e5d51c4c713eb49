"""Answers each frame of our FramedTransport with the same frame, by a library that frames and unframes.

Usage: framings.py FRAMES FRAMING
FRAMES is the example of influx-transport; its standard input and output have frames with a length of four bytes.
The last line says how many frames were sent, how many came back, and how many of them are as they were sent.
"""

import random
import socket
import struct
import subprocess
import sys
import threading

COUNT = 2_000
DEADLINE = 60


def netstring():
    import pynetstring

    def frames(stream):
        decoder = pynetstring.Decoder()
        while data := stream.read1(997):
            yield from decoder.feed(data)

    return frames, pynetstring.encode


def protobuf():
    import io

    from google.protobuf import proto
    from google.protobuf.wrappers_pb2 import BytesValue

    def frames(stream):
        while (message := proto.parse_length_prefixed(BytesValue, stream)) is not None:
            yield message.SerializeToString()

    def encode(frame):
        wire = io.BytesIO()
        proto.serialize_length_prefixed(BytesValue.FromString(frame), wire)
        return wire.getvalue()

    return frames, encode


def mllp():
    from hl7 import client

    def frames(stream):
        return client.read_stream(stream.raw)

    return frames, lambda frame: client.SB + frame + client.EB + client.CR


def slip():
    import sliplib

    def frames(stream):
        driver = sliplib.Driver()
        while data := stream.read1(997):
            driver.receive(data)
            while (frame := driver.get(block=False)) is not None:
                yield frame

    return frames, sliplib.Driver().send


def cobs():
    from cobs import cobs as library

    def frames(stream):
        rest = b""
        while data := stream.read1(997):
            *whole, rest = (rest + data).split(b"\0")
            yield from map(library.decode, whole)

    return frames, lambda frame: library.encode(frame) + b"\0"


def messages(framing):
    """Different frames of up to 3,000 bytes, full of those that a framing may treat in its own way."""
    dice = random.Random(7)
    special = b"\x00\x02\x03\x0a\x0d\x1e\xc0\xdb\xdc\xdd,:09"
    for n in range(COUNT):
        body = bytes(dice.choice(special) if dice.random() < 0.2 else dice.randrange(256) for _ in range(n * 3 // 2))
        if framing == "protobuf":
            from google.protobuf.wrappers_pb2 import BytesValue

            yield BytesValue(value=body + b"%d" % n).SerializeToString()
        elif framing == "mllp":
            # HL7 is text; its only control character is the carriage return between segments.
            yield b"MSH|^~\\&|a|b|||2026||ADT|%d\rPID|%s|x" % (n, body.hex().encode())
        else:
            yield b"%d" % n + body


def serve(listener, frames, encode):
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as stream:
        for frame in frames(stream):
            connection.sendall(encode(frame))


def main(program, framing):
    frames, encode = globals()[framing]()
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(listener, frames, encode), daemon=True).start()
    sent = list(messages(framing))
    wire = b"".join(struct.pack(">I", len(frame)) + frame for frame in sent)
    arguments = [program, "ask", framing, f"127.0.0.1:{listener.getsockname()[1]}", "len:u32be"]
    output = subprocess.run(arguments, input=wire, stdout=subprocess.PIPE, check=True, timeout=DEADLINE).stdout
    received = []
    while output:
        (length,) = struct.unpack_from(">I", output)
        received.append(output[4:4 + length])
        output = output[4 + length:]
    print(len(sent), len(received), sum(one == other for one, other in zip(sent, received)))


if __name__ == "__main__":
    main(*sys.argv[1:])
