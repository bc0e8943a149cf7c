"""The Airflow plugin: serves the upload front at /uploader/ and links to it from Airflow's navigation."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from airflow.plugins_manager import AirflowPlugin


class DataUploaderPlugin(AirflowPlugin):
    """The front within Airflow's API server; it signs people in by itself."""

    name = "data_uploader"

    # Without url_route it is a plain link: the front refuses to be framed.
    external_views = [{"name": "Data Uploader", "href": "/uploader/", "destination": "nav"}]  # noqa: RUF012  Airflow's own

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The web app, imported only where Airflow serves it: every task process loads this file."""
        from include import bootstrap
        from plugins.front.app import create_app

        return [{"app": create_app(bootstrap.front), "url_prefix": "/uploader", "name": "Data Uploader"}]
