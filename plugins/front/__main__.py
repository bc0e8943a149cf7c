"""`python -m plugins.front`: serves the front without Airflow, on this machine only unless told otherwise."""

from __future__ import annotations

import argparse

import uvicorn

# Longer than load balancers keep theirs (often 60 s), and than people read a page: who sends on a connection that is
# being closed at that moment gets no answer.
_KEEP_ALIVE_SECONDS = 75


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m plugins.front", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--workers", type=int, default=1)
    chosen = parser.parse_args()
    uvicorn.run(
        "plugins.front.app:create_standalone",
        factory=True,
        host=chosen.host,
        port=chosen.port,
        workers=chosen.workers,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        proxy_headers=False,  # only proxies that the settings trust say who a request is from
    )


if __name__ == "__main__":
    main()
