"""The ledger of withdrawals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from include.domain.upload import Upload
    from include.domain.withdrawal import Approval, Withdrawal


class WithdrawalLedger(Protocol):
    """Requests to withdraw published uploads, what was decided, and whether it is carried out.

    A decision and the upload's state change in one commit, against which promotion's own compare-and-set runs.
    """

    def get(self, upload_id: str) -> Withdrawal | None:
        """The latest request to withdraw this upload, or None."""
        ...

    def request(self, upload_id: str, *, by: str, reason: str, run_id: str | None = None) -> Withdrawal:
        """Withdraw at once what promotion has not begun to bring over; for the rest ask for an approval.

        A request that stands or waits is answered as it is; one after a declined one takes its place; one for what a
        lost ledger had withdrawn stands. `run_id` is of the run that carries it, if it has begun. Conflict
        (`wrong_state`) for an upload that is not published, Refused (`reason_missing`) for an approval without reason.
        """
        ...

    def decide(self, upload_id: str, *, run_id: str, by: str, approval: Approval) -> Withdrawal:
        """Record what a data engineer says to the request that this run carries; what was decided before stays."""
        ...

    def open(self) -> tuple[Withdrawal, ...]:
        """What is neither carried out nor declined, the earliest asked for first."""
        ...

    def done(self, upload_id: str) -> Withdrawal:
        """Record that it is carried out; the first time counts. Conflict unless it stands."""
        ...

    def done_since(
        self, moment: datetime, *, database: str | None = None, table: str | None = None
    ) -> tuple[Upload, ...]:
        """The uploads whose withdrawal was carried out since then, of all tables, of a database or of one table."""
        ...

    def restore(self, withdrawal: Withdrawal) -> None:
        """Enter again what was lost with the ledger; a request that is known stays as it is."""
        ...
