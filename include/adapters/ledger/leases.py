"""Leases: a name that one holder has until it gives it back or its time is over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from include.adapters.ledger.engine import reading, writing
from include.adapters.ledger.past import count_past
from include.adapters.ledger.tables import leases

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine


def acquire(engine: Engine, name: str, *, holder: str, now: datetime, seconds: int) -> bool:
    """Take or renew a lease; False while another holder's is alive."""
    values = {"holder": holder, "expires_at": now + timedelta(seconds=seconds)}
    mine_or_over = or_(leases.c.holder == holder, leases.c.expires_at <= now)
    with writing(engine) as connection:
        if connection.execute(update(leases).where(leases.c.name == name, mine_or_over).values(values)).rowcount:
            return True
    try:
        with writing(engine) as connection:
            connection.execute(insert(leases).values(name=name, **values))
    except IntegrityError:  # somebody holds it, or took it between the two
        return False
    return True


def leased(engine: Engine, name: str, *, now: datetime) -> bool:
    """Whether somebody holds this lease now."""
    query = select(leases.c.name).where(leases.c.name == name, leases.c.expires_at > now)
    with reading(engine) as connection:
        return connection.execute(query).first() is not None


def release(engine: Engine, name: str, *, holder: str) -> None:
    """Give a lease back; one held by another is left alone."""
    with writing(engine) as connection:
        connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))


def past(engine: Engine, *, before: datetime, drop: bool) -> int:
    """How many leases ran out before then; with `drop` they are forgotten."""
    return count_past(engine, leases, leases.c.expires_at < before, drop=drop)
