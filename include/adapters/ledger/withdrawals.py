"""Withdrawals in SQL: the decision and the upload's state change in one commit, so promotion never meets half of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from include.adapters.ledger.engine import reading, writing
from include.adapters.ledger.tables import UPLOAD_COLUMNS, audit_trail, upload_states, uploads, withdrawals
from include.domain.errors import Conflict, NotFound
from include.domain.upload import State, Upload
from include.domain.withdrawal import Approval, Withdrawal, approval_needed

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from include.ports import Clock


@dataclass(frozen=True)
class SqlWithdrawalLedger:
    """`WithdrawalLedger` over SQLite or PostgreSQL."""

    engine: Engine
    clock: Clock

    def get(self, upload_id: str) -> Withdrawal | None:
        """The latest request to withdraw this upload, or None."""
        with reading(self.engine) as connection:
            return _one(connection, upload_id)

    def request(self, upload_id: str, *, by: str, reason: str, run_id: str | None = None) -> Withdrawal:
        """Withdraw at once what promotion has not begun to bring over; for the rest ask for an approval.

        A request that stands or waits is answered as it is. Conflict (`wrong_state`) for an upload that is not
        published, Refused (`reason_missing`) for an approval without a reason.
        """
        now = self.clock.now()
        with writing(self.engine) as connection:
            upload = _locked(connection, upload_id)
            asked = _one(connection, upload_id)
            if asked is not None and asked.approval is not Approval.DECLINED:
                return asked
            gone = upload.state is State.WITHDRAWN  # by a ledger that was lost: what is left of it can be carried out
            approval = Approval.NOT_NEEDED if gone else approval_needed(upload, reason=reason)
            again = f"{upload_id}__{now:%Y%m%dT%H%M%S%f}"  # a run id is good for one request: the declined one has it
            new = Withdrawal(
                upload_id=upload_id,
                requested_by=by,
                reason=reason,
                requested_at=now,
                run_id=run_id or (again if asked else upload_id),
                approval=approval,
            )
            if asked is None:
                connection.execute(insert(withdrawals).values(asdict(new)))
            else:
                connection.execute(update(withdrawals).where(withdrawals.c.upload_id == upload_id).values(asdict(new)))
            if new.stands and not gone:
                _set_withdrawn(connection, new, now=now)
            _audit(connection, new, who=by, what="withdrawal asked for", now=now)
            return new

    def decide(self, upload_id: str, *, run_id: str, by: str, approval: Approval) -> Withdrawal:
        """Record what a data engineer says to the request that this run carries; what was decided before stays."""
        now = self.clock.now()
        with writing(self.engine) as connection:
            _locked(connection, upload_id)
            asked = _present(connection, upload_id)
            if asked.run_id != run_id or asked.approval is not Approval.WANTED:
                return asked
            said = {"approval": approval, "decided_by": by, "decided_at": now}
            connection.execute(update(withdrawals).where(withdrawals.c.upload_id == upload_id).values(said))
            decided = _present(connection, upload_id)
            if decided.stands:
                _set_withdrawn(connection, decided, now=now)
            _audit(
                connection, decided, who=by, what=f"withdrawal {'approved' if decided.stands else 'declined'}", now=now
            )
            return decided

    def open(self) -> tuple[Withdrawal, ...]:
        """What is neither carried out nor declined, the earliest asked for first."""
        query = (
            select(withdrawals)
            .where(withdrawals.c.done_at.is_(None), withdrawals.c.approval != Approval.DECLINED)
            .order_by(withdrawals.c.requested_at, withdrawals.c.upload_id)
        )
        with reading(self.engine) as connection:
            return tuple(Withdrawal(**row) for row in connection.execute(query).mappings())

    def done(self, upload_id: str) -> Withdrawal:
        """Record that it is carried out; the first time counts. Conflict unless it stands."""
        now = self.clock.now()
        with writing(self.engine) as connection:
            _locked(connection, upload_id)
            asked = _present(connection, upload_id)
            if not asked.stands:
                raise Conflict(f"The withdrawal of {upload_id} was not decided.", code="wrong_state")
            if asked.done_at is None:
                change = update(withdrawals).where(withdrawals.c.upload_id == upload_id).values(done_at=now)
                connection.execute(change)
                _audit(connection, asked, who="withdraw_upload", what="withdrawal carried out", now=now)
            return _present(connection, upload_id)

    def done_since(
        self, moment: datetime, *, database: str | None = None, table: str | None = None
    ) -> tuple[Upload, ...]:
        """The uploads whose withdrawal was carried out since then, of all tables, of a database or of one table."""
        query = (
            select(*UPLOAD_COLUMNS)
            .join(withdrawals, withdrawals.c.upload_id == uploads.c.id)
            .where(withdrawals.c.done_at >= moment, uploads.c.state == State.WITHDRAWN)
            .order_by(withdrawals.c.done_at, uploads.c.id)
        )
        if database is not None:
            query = query.where(uploads.c.database == database)
        if table is not None:
            query = query.where(uploads.c.table == table)
        with reading(self.engine) as connection:
            return tuple(Upload(**row) for row in connection.execute(query).mappings())

    def restore(self, withdrawal: Withdrawal) -> None:
        """Enter again what was lost with the ledger; a request that is known stays as it is."""
        with writing(self.engine) as connection:
            _locked(connection, withdrawal.upload_id)
            if _one(connection, withdrawal.upload_id) is None:
                connection.execute(insert(withdrawals).values(asdict(withdrawal)))


def _locked(connection: Connection, upload_id: str) -> Upload:
    """The upload, which promotion cannot take until this commit; SQLite's writers wait for each other anyway."""
    query = select(*UPLOAD_COLUMNS).where(uploads.c.id == upload_id).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("There is no such upload.", code="no_such_upload", title="Upload not found")
    return Upload(**row)


def _one(connection: Connection, upload_id: str) -> Withdrawal | None:
    row = connection.execute(select(withdrawals).where(withdrawals.c.upload_id == upload_id)).mappings().first()
    return None if row is None else Withdrawal(**row)


def _present(connection: Connection, upload_id: str) -> Withdrawal:
    asked = _one(connection, upload_id)
    if asked is None:
        raise NotFound(f"Nobody asked to withdraw {upload_id}.", code="no_such_withdrawal")
    return asked


def _set_withdrawn(connection: Connection, asked: Withdrawal, *, now: datetime) -> None:
    change: dict[str, Any] = {"state": State.WITHDRAWN, "revision": None, "updated_at": now}
    connection.execute(update(uploads).where(uploads.c.id == asked.upload_id).values(change))
    line = {"upload_id": asked.upload_id, "state": State.WITHDRAWN, "at": now, "actor": asked.requested_by}
    connection.execute(insert(upload_states).values(**line, note=asked.reason))


def _audit(connection: Connection, asked: Withdrawal, *, who: str, what: str, now: datetime) -> None:
    details = {"upload_id": asked.upload_id, "requested_by": asked.requested_by, "reason": asked.reason}
    connection.execute(insert(audit_trail).values(at=now, who=who, what=what, details=details))
