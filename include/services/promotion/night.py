"""The report of a night: one for each London date on which the scheduled promotion ran, kept and mailed once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.domain.promotion import london_date, nights_covered
from include.ports import Mail, Night
from include.services.notices import send_once
from include.services.promotion.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from include.services.context import PromotionContext


def report_night(
    context: PromotionContext, *, run_id: str, run_after: datetime, outcomes: Sequence[Outcome]
) -> dict[str, Any]:
    """Keep and mail the report of the scheduled run of `run_after`; returns what the Airflow UI shows of it.

    Reporting the same London date again (a cleared task, a second run) changes the report that is kept, and mails
    nothing: the mail is of the night, not of its repair.
    """
    day = london_date(run_after)
    before = context.nights.night(day)
    night = Night(
        london_date=day,
        run_id=run_id,
        covers=before.covers if before else nights_covered(day, last=context.nights.last_before(day)),
        outcomes=tuple(outcome.to_json() for outcome in outcomes),
        reported_at=context.clock.now(),
    )
    context.nights.report(night)
    send_once(context, night_mail(context, night))
    missed = [one.isoformat() for one in night.covers if one != day]
    return {"london_date": day.isoformat(), "covers_missed": missed, **summary(outcomes)}


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """What the Airflow UI shows of a run, also of one by hand."""
    return {
        "tables": len(outcomes),
        **{f"partitions_{what}": sum(len(getattr(one, what)) for one in outcomes) for what in _WHAT},
        "promoted": {_name(one): _counts(one) for one in outcomes if one.error is None},
        "not_promoted": {_name(one): f"{one.error} {one.repair}" for one in outcomes if one.error is not None},
    }


def night_mail(context: PromotionContext, night: Night) -> Mail:
    """To the team, also when there was nothing to do: silence would say nothing."""
    settings = context.settings
    outcomes = [Outcome.from_json(one) for one in night.outcomes]
    bad = [one for one in outcomes if one.error is not None]
    good = [one for one in outcomes if one.error is None]
    if bad:
        result = f"{len(bad)} of {len(outcomes)} tables not promoted"
    elif any(one.changed for one in good):
        result = f"{len(good)} table{'s' if len(good) > 1 else ''} promoted"
    else:
        result = "nothing to do"
    missed = [one for one in night.covers if one != night.london_date]
    body = [f"The promotion of the night of {_words(night.london_date)} has ended: {result}."]
    if missed:
        body += ["", f"It also covers the nights that were missed: {', '.join(_words(one) for one in missed)}."]
    if bad:
        body += ["", "Not promoted"]
        for one in bad:
            body += [f"- {_name(one)}: {one.error}", f"  What to do: {one.repair}"]
    if good:
        body += ["", "Promoted", *(f"- {_name(one)}: {_counts(one)}" for one in good)]
    run = f"{settings.airflow_url.rstrip('/')}/dags/promote_to_analytical_platform/runs/{night.run_id}"
    return Mail(
        id=f"promotion-{settings.env}-{night.london_date.isoformat()}",
        to=settings.team_email,
        subject=f"[{settings.env}] Promotion of {_words(night.london_date)}: {result}",
        text="\n".join([*body, "", f"Run: {run}", f"Data Uploader, {settings.env}", ""]),
    )


_WHAT = ("added", "replaced", "removed")


def _name(outcome: Outcome) -> str:
    return f"{outcome.database}.{outcome.table}"


def _counts(outcome: Outcome) -> str:
    counts = ", ".join(f"{len(getattr(outcome, what))} {what}" for what in _WHAT)
    return f"{counts}; the table itself changed" if outcome.table_changed else counts


def _words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
