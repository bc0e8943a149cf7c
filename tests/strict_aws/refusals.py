"""An answer in which AWS refuses a request, in the words of the service it comes from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape


@dataclass(eq=False)
class Refusal(Exception):
    """An error code with its HTTP status and message."""

    code: str
    message: str
    status: int = 400

    def as_json(self) -> bytes:
        """The body that a JSON service (Glue) answers."""
        return json.dumps({"__type": self.code, "Message": self.message}).encode()

    def as_xml(self) -> bytes:
        """The body that S3 answers."""
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{self.code}</Code>'
            f"<Message>{escape(self.message)}</Message><RequestId>strict</RequestId></Error>"
        ).encode()
