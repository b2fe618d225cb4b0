"""Says which endpoint of a Starlette application a request target reaches, as uvicorn hands it over.

One JSON object per line: {"routes": [{"name", "path", "methods"}], "requests": [[method, target]]}. One JSON list per line
comes back, with the name of the endpoint that was reached and its path parameters, or the status of the answer.
"""

import asyncio
import json
import sys

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState


class Transport(asyncio.Transport):
    """Remembers what a protocol writes; there is no socket."""

    def __init__(self):
        super().__init__()
        self.written = b""

    def write(self, data):
        self.written += data

    def close(self):
        pass

    def is_closing(self):
        return False

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass


def endpoint_named(name):
    async def endpoint(request):
        return Response(headers={"x-reached": json.dumps([name, request.path_params])})

    return endpoint


def routes_of(route):
    """A final `/*` is the prefix itself, the prefix with a slash, and all that is below it."""
    name, path = route["name"], route["path"]
    paths = [path]
    if path.endswith("/*"):
        prefix = path[:-2]
        paths = [prefix, prefix + "/{rest:path}"] if prefix else ["/{rest:path}"]
    return [Route(each, endpoint_named(name), methods=route["methods"]) for each in paths]


async def reach(config, loop, method, target):
    protocol = H11Protocol(config, ServerState(), {}, _loop=loop)
    transport = Transport()
    protocol.connection_made(transport)
    head = f"{method} {target} HTTP/1.1\r\nhost: app.test\r\nconnection: close\r\n\r\n"
    protocol.data_received(head.encode("latin-1"))
    while protocol.server_state.tasks:
        await asyncio.sleep(0)
    protocol.connection_lost(None)
    lines = transport.written.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    for line in lines:
        if line.startswith("x-reached: "):
            return json.loads(line[len("x-reached: ") :])
    return int(lines[0].split(" ")[1])


async def main():
    loop = asyncio.get_running_loop()
    for line in sys.stdin:
        batch = json.loads(line)
        routes = [route for each in batch["routes"] for route in routes_of(each)]
        config = Config(Starlette(routes=routes), lifespan="off", log_config=None, access_log=False)
        reached = [await reach(config, loop, *request) for request in batch["requests"]]
        print(json.dumps(reached), flush=True)


asyncio.run(main())
