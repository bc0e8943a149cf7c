"""What a person has answered, beside what exists by now: others may have made their new table meanwhile."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from plugins.front.answers import Answers
from plugins.front.provided import Context
from plugins.front.visitors import SignedIn


def given_answers(context: Context, session: SignedIn) -> Answers:
    """The answers of the session."""
    answers = Answers.of(session.answers)
    if answers.database is None or not answers.creates:
        return answers
    return answers.beside({known.table for known in context.ledger.tables(answers.database.name)})


GivenAnswers = Annotated[Answers, Depends(given_answers)]
