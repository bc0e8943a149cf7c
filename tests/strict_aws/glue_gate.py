"""Glue requests on their way through the rules to the server behind the layer and back."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.strict_aws import glue_rules
from tests.strict_aws.refusals import Refusal
from tests.strict_aws.wsgi import Answer, ask, put_body, take_body

if TYPE_CHECKING:
    from tests.strict_aws.glue_rules import Body
    from tests.strict_aws.wsgi import Environ

_OK = 200
_JSON = {"Content-Type": "application/x-amz-json-1.1"}
_UNKNOWN_ACTION = "InvalidAction"  # MiniStack's word for an operation that it lacks


@dataclass
class GlueGate:
    """One request at a time: the version is compared and the table changed in one step, as in AWS."""

    behind: Any
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, action: str, environ: Environ, *, batch_get_max: int) -> Answer:
        """What AWS would answer."""
        body = json.loads(take_body(environ) or b"{}")
        try:
            glue_rules.fold_names(body)
            glue_rules.check(action, body)
            unprocessed = glue_rules.leave_unprocessed(action, body, most=batch_get_max)
            with self.lock:
                glue_rules.check_against_table(action, body, self._table(body, environ))
                answer = self._changed(action, body, environ)
            if answer.status != _OK:
                return answer
            content = json.loads(answer.body or b"{}")
            if action in glue_rules.PAGED:
                glue_rules.cut_page(action, body, content)
        except Refusal as refusal:
            return refuse(refusal)
        if unprocessed:
            content["UnprocessedKeys"] = [*content.get("UnprocessedKeys", ()), *unprocessed]
        glue_rules.count_from_zero(content)
        return Answer(_OK, answer.headers, json.dumps(content).encode())

    def _changed(self, action: str, body: Body, environ: Environ) -> Answer:
        """The answer of the server behind, which counts versions from 1 and may lack BatchDeletePartition."""
        asked = {
            name: value for name, value in body.items() if action not in glue_rules.PAGED or name not in _OF_A_PAGE
        }
        if str(asked.get("VersionId", "")).isdecimal():
            asked["VersionId"] = str(int(asked["VersionId"]) + 1)
        if action == "DeletePartition":
            return self._deleted(body, environ)
        answer = self._ask(action, asked, environ)
        if action == "BatchDeletePartition" and answer.status != _OK and _code(answer) == _UNKNOWN_ACTION:
            return self._deleted_one_by_one(body, environ)
        return answer

    def _deleted(self, body: Body, environ: Environ) -> Answer:
        """API_DeletePartition: EntityNotFoundException for one that is not there; MiniStack says nothing."""
        there = self._ask("GetPartition", body, environ)
        return self._ask("DeletePartition", body, environ) if there.status == _OK else there

    def _deleted_one_by_one(self, body: Body, environ: Environ) -> Answer:
        errors = []
        for entry in body["PartitionsToDelete"]:
            one = {"DatabaseName": body["DatabaseName"], "TableName": body["TableName"]}
            answer = self._deleted({**one, "PartitionValues": entry["Values"]}, environ)
            if answer.status != _OK:
                detail = {"ErrorCode": _code(answer), "ErrorMessage": "Partition not found."}
                errors.append({"PartitionValues": entry["Values"], "ErrorDetail": detail})
        return Answer(_OK, _JSON, json.dumps({"Errors": errors}).encode())

    def _table(self, body: Body, environ: Environ) -> Body | None:
        name = body.get("TableName") or body.get("TableInput", {}).get("Name")
        if name is None or "DatabaseName" not in body:
            return None
        answer = self._ask("GetTable", {"DatabaseName": body["DatabaseName"], "Name": name}, environ)
        if answer.status != _OK:
            return None
        content = json.loads(answer.body)
        glue_rules.count_from_zero(content)
        table: Body = content["Table"]
        return table

    def _ask(self, action: str, body: Body, environ: Environ) -> Answer:
        environ = {**environ, "HTTP_X_AMZ_TARGET": f"AWSGlue.{action}"}
        put_body(environ, json.dumps(body).encode())
        return ask(self.behind, environ)


_OF_A_PAGE = frozenset({"NextToken", "MaxResults"})  # the layer cuts the pages itself


def refuse(refusal: Refusal) -> Answer:
    """A refusal as Glue words it."""
    return Answer(refusal.status, {**_JSON, "x-amzn-ErrorType": refusal.code}, refusal.as_json())


def _code(answer: Answer) -> str:
    return str(json.loads(answer.body or b"{}").get("__type", "")).rpartition("#")[2]
