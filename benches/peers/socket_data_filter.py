"""datalogd's SocketDataFilter as a server that sends every message to many peers.

Usage: socket_data_filter.py PEERS. It prints the port on which it listens first, or `missing` if
there is no datalogd 0.4.2. A line of standard input is a number of messages to be sent to each of
the PEERS, once all are connected; when they have left, it prints the seconds of CPU time that they
took. It ends when standard input ends.
"""

import asyncio
import os
import sys
import time
from importlib import metadata

try:
    from datalogd.plugins.socket_datafilter import SocketDataFilter

    version = metadata.version("datalogd")
except ImportError:
    version = None

# As many as fit easily into a socket's buffer are sent between two looks at the buffers.
BURST = 64

# The same as those of the other contenders, without their delimiter.
MESSAGES = [b"%0199d" % number for number in range(1000)]


async def until(condition):
    while not condition():
        await asyncio.sleep(0.01)


async def send(bridge, count):
    for number in range(count):
        bridge.receive(MESSAGES[number % len(MESSAGES)])
        if number % BURST == BURST - 1:
            await drain(bridge)
    await drain(bridge)


async def drain(bridge):
    """It knows no back-pressure of its own."""
    for connection in bridge._connections:
        await connection.drain()


async def main(peers):
    # It is given bytes, as the other contenders are: that spares it the encoding.
    bridge = SocketDataFilter(role="server", port=0, structure_type="none")
    await until(lambda: bridge._server and bridge._server.sockets)
    print(bridge._server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        await until(lambda: len(bridge._connections) == peers)
        for connection in bridge._connections:
            # Then whoever drains waits until the buffer is empty.
            connection.transport.set_write_buffer_limits(0)
        start = time.process_time()
        await send(bridge, int(line))
        print(time.process_time() - start, flush=True)


if version != "0.4.2":
    print("missing", flush=True)
    sys.exit()
# The loop must be the one that the constructor finds.
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.run_until_complete(main(int(sys.argv[1])))
# Its tasks know no end.
os._exit(0)
