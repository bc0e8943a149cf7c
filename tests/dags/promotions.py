"""Runs of the promotion's DAG by Airflow itself, in front of the strict AWS; in a process of its own.

Two tables are published; one of them is somebody else's on the Analytical Platform. One run by hand for the other, then
the scheduled run of a night. Writes what came of them.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airflow.models import DagRun
from airflow.models.asset import AssetEvent, AssetModel
from airflow.models.xcom import XComModel
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from airflow.utils.types import DagRunType
from sqlalchemy import event, select

from tests.aws_pipeline import AP_ACCOUNT, make_aws_pipeline
from tests.published import published
from tests.strict_aws.presign import SECRET
from tests.strict_aws.server import OWN_ACCOUNT, REGION, strict_aws

SLOT = datetime(2027, 3, 28, 1, tzinfo=UTC)
FOREIGN = "data_eng_uploader_dev_travel"


def dag_file() -> Any:
    """The DAG, read anew: a test run leaves its parameters in it."""
    return runpy.run_path(str(Path(__file__).resolve().parents[2] / "dags" / "promote_to_analytical_platform.py"))[
        "dag"
    ]


def connection(account: str, endpoint_url: str) -> str:
    """An Airflow connection to an account of the strict AWS."""
    extra = {"endpoint_url": endpoint_url, "region_name": REGION}
    return json.dumps({"conn_type": "aws", "login": account, "password": SECRET, "extra": extra})


def found(run_id: str, task_id: str, key: str) -> Any:
    """An XCom of a run."""
    with create_session() as session:
        query = select(XComModel).where(XComModel.run_id == run_id, XComModel.task_id == task_id, XComModel.key == key)
        row = session.scalars(query).first()
        return None if row is None else XComModel.deserialize_value(row)


def told(run: DagRun) -> dict[str, Any]:
    """What is to be seen of a run in Airflow."""
    with create_session() as session:
        events = session.execute(
            select(AssetModel.uri, AssetEvent.extra)
            .join(AssetModel, AssetModel.id == AssetEvent.asset_id)
            .where(AssetEvent.source_run_id == run.run_id)
        ).all()
        states = {f"{one.task_id}{one.map_index}": str(one.state) for one in run.get_task_instances(session=session)}
    report = found(run.run_id, "report", "report")
    return {"state": str(run.state), "tasks": states, "events": [[*one] for one in events], "report": report}


def main() -> None:
    """Run them."""
    folder = Path(sys.argv[1])
    initdb()
    with strict_aws() as aws:
        os.environ["AIRFLOW_CONN_AWS_UPLOADER"] = connection(OWN_ACCOUNT, aws.endpoint_url)
        os.environ["AIRFLOW_CONN_AWS_ANALYTICAL_PLATFORM"] = connection(AP_ACCOUNT, aws.endpoint_url)
        pipeline = make_aws_pipeline(aws, folder)
        uploads = [published(pipeline, table=table) for table in ("boats", "trips", "trips")]
        by_hand = dag_file().test(run_conf={"database": "travel", "table": "trips", "upload_id": uploads[1].id})
        aws.client("glue", account=AP_ACCOUNT).create_table(DatabaseName=FOREIGN, TableInput={"Name": "boats"})

        def by_the_timetable(mapper: object, connection: object, run: DagRun) -> None:
            del mapper, connection
            run.run_type = DagRunType.SCHEDULED

        event.listen(DagRun, "before_insert", by_the_timetable)
        night = dag_file().test(run_after=SLOT, logical_date=SLOT)
        answer = {
            "by_hand": told(by_hand),
            "night": told(night),
            "timestamps": [upload.extraction_timestamp for upload in uploads],
        }
    print("TOLD" + json.dumps(answer))  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
