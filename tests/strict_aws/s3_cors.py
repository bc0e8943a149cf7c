"""What a bucket's CORS rules let a browser do.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html ("How does Amazon S3 evaluate the CORS
configuration on a bucket?") and https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from tests.strict_aws.refusals import Refusal

_FORBIDDEN = 403


@dataclass(frozen=True)
class Rule:
    """One rule: a request is allowed by the first rule that its origin, method and headers all match."""

    origins: list[str]
    methods: list[str]
    headers: list[str] = field(default_factory=list)
    exposed: list[str] = field(default_factory=list)
    seconds: str | None = None

    def allows(self, origin: str, method: str, headers: list[str]) -> bool:
        """Whether a request is allowed; each name and origin may have one `*`."""
        return (
            any(_matches(pattern, origin) for pattern in self.origins)
            and method in self.methods
            and all(any(_matches(pattern.lower(), name.lower()) for pattern in self.headers) for name in headers)
        )

    def answer(self, origin: str) -> dict[str, str]:
        """The headers of an answer to an allowed request."""
        everyone = "*" in self.origins
        found = {"Access-Control-Allow-Origin": "*" if everyone else origin}
        if self.exposed:
            found["Access-Control-Expose-Headers"] = ", ".join(self.exposed)
        if not everyone:
            found["Access-Control-Allow-Credentials"] = "true"
        found["Access-Control-Allow-Methods"] = ", ".join(self.methods)
        found["Vary"] = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
        return found


def read_rules(configuration: bytes) -> list[Rule]:
    """The rules of a bucket's CORS configuration."""
    rules = []
    for element in ET.fromstring(configuration):  # noqa: S314  what the server behind the layer wrote
        values: dict[str, list[str]] = {}
        for child in element:
            values.setdefault(child.tag.rpartition("}")[2], []).append(child.text or "")
        rules.append(
            Rule(
                values.get("AllowedOrigin", []),
                values.get("AllowedMethod", []),
                values.get("AllowedHeader", []),
                values.get("ExposeHeader", []),
                values.get("MaxAgeSeconds", [None])[0],
            )
        )
    return rules


def preflight(rules: list[Rule], asked: dict[str, str]) -> dict[str, str]:
    """The headers that answer a preflight request, which nobody signs; the Refusal if no rule allows it."""
    origin, method = asked.get("origin"), asked.get("access-control-request-method")
    if origin is None or method is None:
        raise Refusal("BadRequest", "Insufficient information. Origin request header needed.")
    names = [name.strip() for name in asked.get("access-control-request-headers", "").split(",") if name.strip()]
    for rule in rules:
        if rule.allows(origin, method, names):
            allowed = rule.answer(origin)
            if names:
                allowed["Access-Control-Allow-Headers"] = ", ".join(name.lower() for name in names)
            if rule.seconds is not None:
                allowed["Access-Control-Max-Age"] = rule.seconds
            return allowed
    raise Refusal(
        "AccessForbidden",
        "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request "
        "method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the "
        "resource's CORS spec."
        if rules
        else "CORSResponse: CORS is not enabled for this bucket.",
        _FORBIDDEN,
    )


def actual(rules: list[Rule], *, origin: str, method: str) -> dict[str, str]:
    """The headers that a browser's own request is answered with; none if no rule allows it."""
    return next((rule.answer(origin) for rule in rules if rule.allows(origin, method, [])), {})


def _matches(pattern: str, value: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), value) is not None
