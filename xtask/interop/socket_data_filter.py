"""datalogd's SocketDataFilter between standard input and output.

Usage: socket_data_filter.py server|client PORT. As a server it prints the address on which it listens first.
A line of standard input is a JSON message to be sent once somebody is connected; a message that
comes is printed as a line. It ends when all that was sent has left and standard input has ended.
"""

import asyncio
import json
import os
import sys
import threading

from datalogd import DataSink
from datalogd.plugins.socket_datafilter import SocketDataFilter


class Printer(DataSink):
    """Prints each message that arrives, in the form of the messages to be sent."""

    def receive(self, data):
        print(json.dumps(data, separators=(",", ":"), ensure_ascii=False), flush=True)


async def until(condition):
    while not condition():
        await asyncio.sleep(0.01)


def read_lines(loop, queue):
    """Runs in a thread, since not every system reads a pipe without blocking."""
    for line in sys.stdin:
        loop.call_soon_threadsafe(queue.put_nowait, line)
    loop.call_soon_threadsafe(queue.put_nowait, None)


async def main(role, port):
    bridge = SocketDataFilter(sinks=[Printer()], role=role, port=port)
    if role == "server":
        await until(lambda: bridge._server and bridge._server.sockets)
        host, port = bridge._server.sockets[0].getsockname()
        print(f"listening on {host}:{port}", flush=True)
    lines = asyncio.Queue()
    threading.Thread(
        target=read_lines, args=(asyncio.get_running_loop(), lines), daemon=True
    ).start()
    while (line := await lines.get()) is not None:
        await until(lambda: bridge._connections)
        bridge.receive(json.loads(line))
        # The filter itself does not slow the sender down.
        for connection in bridge._connections:
            await connection.drain()
    for connection in bridge._connections:
        await until(lambda: connection.transport.get_write_buffer_size() == 0)


# The loop must be the one that the constructor finds.
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.run_until_complete(main(sys.argv[1], int(sys.argv[2])))
sys.stdout.flush()
# Its tasks run forever.
os._exit(0)
