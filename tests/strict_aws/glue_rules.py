"""Glue's rules that moto does not keep: versions, names, types, batch limits, pages.

Sources: the Glue Web API reference, https://docs.aws.amazon.com/glue/latest/webapi/<operation or structure>.html.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

from tests.strict_aws.glue_types import is_type
from tests.strict_aws.refusals import Refusal

Body = dict[str, Any]

NAME_MAX = 255  # API_TableInput, API_DatabaseInput, API_Column: "Maximum length of 255"
TYPE_MAX = 131_072  # API_Column
PARAMETER_KEY_MAX = 255
PARAMETER_VALUE_MAX = 512_000  # API_TableInput, Parameters
DESCRIPTION_MAX = 2048


@dataclass(frozen=True)
class Batch:
    """How many entries one request may have, and under which name."""

    entries: str
    limit: int


BATCHES = {
    "BatchCreatePartition": Batch("PartitionInputList", 100),
    "BatchUpdatePartition": Batch("Entries", 100),
    "BatchDeletePartition": Batch("PartitionsToDelete", 25),
    "BatchGetPartition": Batch("PartitionsToGet", 1000),
    "BatchDeleteTable": Batch("TablesToDelete", 100),
}

PAGE = 100  # smaller than some of AWS's own defaults, so that tests see more than one page
RESULTS_MAX = {"GetPartitions": 1000}  # API_GetPartitions, MaxResults: "Maximum value of 1000"; elsewhere 100
RESULTS_MAX_ELSEWHERE = 100
EXPRESSION_MAX = 2048  # API_GetPartitions, Expression
SEGMENTS_MAX = 10  # API_Segment, TotalSegments
PARTITION_VALUE_MAX = 1024  # API_PartitionInput, Values
COMMENT_MAX = 255  # API_Column
LOCATION_MAX = 2056  # API_StorageDescriptor
_SINGLE_LINE = re.compile("[\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff\t]*")  # the reference's pattern of names
PAGED = {
    "GetDatabases": "DatabaseList",
    "GetTables": "TableList",
    "GetPartitions": "Partitions",
    "GetTableVersions": "TableVersions",
}


def fold_names(body: Body) -> None:
    """API_TableInput, API_DatabaseInput: "For Hive compatibility, this is folded to lowercase when it is stored"."""
    for name in ("DatabaseName", "TableName", "Name"):
        if isinstance(body.get(name), str):
            body[name] = body[name].lower()
    for structure in ("DatabaseInput", "TableInput"):
        if isinstance(body.get(structure), dict) and isinstance(body[structure].get("Name"), str):
            body[structure]["Name"] = body[structure]["Name"].lower()


def check(action: str, body: Body) -> None:
    """Raise the Refusal that this request would get whatever is in the catalogue."""
    batch = BATCHES.get(action)
    if batch and len(body.get(batch.entries, ())) > batch.limit:
        raise invalid(f"{batch.entries}: Member must have length less than or equal to {batch.limit}")
    if action in {"CreateDatabase", "UpdateDatabase"}:
        _check_described("databaseInput", body["DatabaseInput"])
    if action in {"CreateTable", "UpdateTable"}:
        _check_table(body["TableInput"])
    if action in PAGED:
        _check_page(action, body)
    for partition in _partition_inputs(action, body):
        _check_storage(partition.get("StorageDescriptor", {}))
        _check_columns(partition.get("StorageDescriptor", {}).get("Columns", []))
        _check_parameters(partition)
        if any(len(value) > PARTITION_VALUE_MAX for value in partition.get("Values", [])):
            raise invalid(f"values: Member must have length less than or equal to {PARTITION_VALUE_MAX}")


def check_against_table(action: str, body: Body, table: Body | None) -> None:
    """Raise the Refusal that depends on the table as it is now (its VersionId counted from "0")."""
    if table is None:
        return
    if action == "UpdateTable":
        # API_UpdateTable: "VersionId: The version ID at which to update the table contents".
        if "VersionId" in body and body["VersionId"] != table["VersionId"]:
            raise Refusal(
                "ConcurrentModificationException",
                f"Update table failed due to concurrent modifications. Current version: {table['VersionId']}",
            )
        if body["TableInput"].get("PartitionKeys", []) != table.get("PartitionKeys", []) and table.get("PartitionKeys"):
            raise Refusal("InvalidInputException", "Partition keys cannot be changed.")
    wanted = len(table.get("PartitionKeys", []))
    for partition in _partition_inputs(action, body):
        if len(partition.get("Values", [])) != wanted:
            raise Refusal(
                "InvalidInputException", "The number of partition keys do not match the number of partition values"
            )


def leave_unprocessed(action: str, body: Body, *, most: int) -> list[Body]:
    """Take what is beyond `most` out of a BatchGetPartition.

    API_BatchGetPartition, UnprocessedKeys: "partition values in the request for which partitions were not returned".
    """
    if action != "BatchGetPartition":
        return []
    wanted = body["PartitionsToGet"]
    body["PartitionsToGet"] = wanted[:most]
    return list(wanted[most:])


def count_from_zero(answer: Body) -> None:
    """A new table has VersionId "0"; moto says "1"."""
    tables = [answer.get("Table"), *answer.get("TableList", [])]
    versions = answer.get("TableVersions", [])
    for entry in [*tables, *versions, *(version.get("Table") for version in versions)]:
        if entry and "VersionId" in entry:
            entry["VersionId"] = str(int(entry["VersionId"]) - 1)


def cut_page(action: str, body: Body, answer: Body) -> None:
    """Leave one page of a list in the answer, and the token of the next."""
    name = PAGED[action]
    start = _offset(body.get("NextToken"))
    size = min(int(body.get("MaxResults", PAGE)), PAGE)
    entries = answer[name]
    answer[name] = entries[start : start + size]
    if start + size < len(entries):
        answer["NextToken"] = base64.b64encode(f"from {start + size}".encode()).decode()


def invalid(message: str) -> Refusal:
    """What AWS answers to a request that breaks the service's model."""
    return Refusal("ValidationException", f"1 validation error detected: {message}")


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.b64decode(token).decode().removeprefix("from "))
    except ValueError:
        raise Refusal("InvalidInputException", "Invalid NextToken") from None


def _check_page(action: str, body: Body) -> None:
    most = RESULTS_MAX.get(action, RESULTS_MAX_ELSEWHERE)
    if not 1 <= int(body.get("MaxResults", 1)) <= most:
        raise invalid(f"maxResults: Member must have value between 1 and {most}")
    if len(body.get("Expression") or "") > EXPRESSION_MAX:
        raise invalid(f"expression: Member must have length less than or equal to {EXPRESSION_MAX}")
    if not 1 <= body.get("Segment", {}).get("TotalSegments", 1) <= SEGMENTS_MAX:
        raise invalid(f"segment.totalSegments: Member must have value less than or equal to {SEGMENTS_MAX}")


def _partition_inputs(action: str, body: Body) -> list[Body]:
    if action in {"CreatePartition", "UpdatePartition"}:
        return [body["PartitionInput"]]
    if action == "BatchCreatePartition":
        return list(body["PartitionInputList"])
    if action == "BatchUpdatePartition":
        return [entry["PartitionInput"] for entry in body["Entries"]]
    return []


def _check_table(table: Body) -> None:
    _check_described("tableInput", table)
    _check_storage(table.get("StorageDescriptor", {}))
    _check_columns([*table.get("StorageDescriptor", {}).get("Columns", []), *table.get("PartitionKeys", [])])


def _check_described(where: str, structure: Body) -> None:
    if not 1 <= len(structure.get("Name", "")) <= NAME_MAX:
        raise invalid(f"{where}.name: Member must have length between 1 and {NAME_MAX}")
    if not _SINGLE_LINE.fullmatch(structure["Name"]):
        raise invalid(f"{where}.name: Member must satisfy regular expression pattern: [\\u0020-\\uD7FF…\\t]*")
    if len(structure.get("Description", "")) > DESCRIPTION_MAX:
        raise invalid(f"{where}.description: Member must have length less than or equal to {DESCRIPTION_MAX}")
    _check_parameters(structure)


def _check_parameters(structure: Body) -> None:
    for key, value in structure.get("Parameters", {}).items():
        if not 1 <= len(key) <= PARAMETER_KEY_MAX or len(value) > PARAMETER_VALUE_MAX:
            raise invalid(f"parameters: {key[:40]!r} is too long, or its value is")


def _check_storage(storage: Body) -> None:
    if len(storage.get("Location", "")) > LOCATION_MAX:
        raise invalid(f"storageDescriptor.location: Member must have length less than or equal to {LOCATION_MAX}")


def _check_columns(columns: list[Body]) -> None:
    seen: set[str] = set()
    for column in columns:
        name, kind = column["Name"], column.get("Type", "")
        if not 1 <= len(name) <= NAME_MAX or len(kind) > TYPE_MAX:
            raise invalid("columns: a name or a type is too long, or there is none")
        if not _SINGLE_LINE.fullmatch(name) or len(column.get("Comment", "")) > COMMENT_MAX:
            raise invalid("columns: a name has a line break, or a comment is too long")
        # Athena and Hive fold column names: https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html
        if name.lower() in seen:
            raise Refusal("InvalidInputException", f"Duplicate column name: {name.lower()}")
        # "should be in lower case" there, and no more: stricter than Glue, so that we never lean on its folding.
        if name != name.lower():
            raise Refusal("InvalidInputException", f"Column name with capitals: {name}")
        if not is_type(kind):
            raise Refusal("InvalidInputException", f"Unknown type {kind!r} of column {name}")
        seen.add(name.lower())
