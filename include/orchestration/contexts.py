"""The pipeline's context inside an Airflow task: AWS by the Airflow connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.services.context import HousekeepingContext, PipelineContext, PromotionContext


def pipeline_context() -> PipelineContext:
    """Wire the ingestion; endpoint, role and region are what the Airflow connection says now."""
    from include import bootstrap
    from include.settings import Settings

    settings = Settings()
    return bootstrap.pipeline(_clients(settings.uploader_connection), settings=settings)


def promotion_context() -> PromotionContext:
    """Wire the promotion, on both connections."""
    from include import bootstrap
    from include.settings import Settings

    settings = Settings()
    return bootstrap.promotion(
        _clients(settings.uploader_connection),
        analytical_platform=_clients(settings.analytical_platform_connection),
        settings=settings,
    )


def housekeeping_context() -> HousekeepingContext:
    """Wire housekeeping, on both connections."""
    from include import bootstrap
    from include.settings import Settings

    settings = Settings()
    return bootstrap.housekeeping(
        _clients(settings.uploader_connection),
        analytical_platform=_clients(settings.analytical_platform_connection),
        settings=settings,
    )


def _clients(connection: str) -> Callable[[str], Any]:
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

    from include.adapters.aws_clients import client_config

    return lambda service: AwsBaseHook(aws_conn_id=connection, client_type=service, config=client_config()).get_conn()
