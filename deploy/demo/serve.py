"""Runs the application under uvicorn, as `uvicorn app.main:app --host … --port …` would, and ends with its parent.

The parent holds the other end of our standard input. When it goes away, however it does, that end closes:
nothing is left running, on any operating system.
"""

import argparse
import inspect
import os
import signal
import threading
import time
from pathlib import Path

import uvicorn


def end_with_parent() -> None:
    # Not through sys.stdin: a thread that waits in there holds a lock that the interpreter needs to end.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(3)
    os._exit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log-level", default="warning")
    arguments = parser.parse_args()
    threading.Thread(target=end_with_parent, daemon=True).start()
    options = {}
    # Open event streams would hold up the end; older versions have no such option and are killed instead.
    if "timeout_graceful_shutdown" in inspect.signature(uvicorn.Config).parameters:
        options["timeout_graceful_shutdown"] = 1
    uvicorn.run(
        "app.main:app",
        host=arguments.host,
        port=arguments.port,
        log_level=arguments.log_level,
        app_dir=str(Path(__file__).resolve().parent),
        **options,
    )
