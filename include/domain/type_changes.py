"""How a column's type changed: whether it became wider, and what became of the fields within it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain import column_types as ct

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBERS = (ct.BigInt, ct.Double, ct.Decimal)
_MOMENTS = (ct.Date, ct.Timestamp)


def is_wider(was: str, becomes: str) -> bool:
    """Whether a type (API words) is one that the other may become as files are added; both as `display` writes them."""
    return _is_wider(ct.parse(was), ct.parse(becomes))


def _is_wider(was: ct.ColumnType, becomes: ct.ColumnType) -> bool:
    if was == becomes or isinstance(was, ct.Null) or isinstance(becomes, ct.String):
        return True
    match was, becomes:
        case ct.Array(had), ct.Array(has):
            return _is_wider(had, has)
        case ct.Struct(fields), ct.Struct(more):
            after = dict(more)
            return all(name in after and _is_wider(inner, after[name]) for name, inner in fields)
        case ct.Decimal(had), ct.Decimal(has):
            return had <= has
        case _:
            return any(_is_later(chain, was, becomes) for chain in (_NUMBERS, _MOMENTS))


def _is_later(chain: tuple[type, ...], was: ct.ColumnType, becomes: ct.ColumnType) -> bool:
    if type(was) not in chain or type(becomes) not in chain:
        return False
    return chain.index(type(was)) < chain.index(type(becomes))


def fields_changed(was: str, becomes: str) -> tuple[str, ...]:
    """What became of the fields of a nested type, such as `field address.street added`; nothing for a plain one."""
    before, after = ct.parse(was), ct.parse(becomes)
    nested = (ct.Struct, ct.Array)
    return tuple(_differences(before, after, "")) if isinstance(before, nested) and isinstance(after, nested) else ()


def _differences(was: ct.ColumnType, becomes: ct.ColumnType, path: str) -> Iterator[str]:
    match was, becomes:
        case ct.Array(had), ct.Array(has):
            yield from _differences(had, has, f"{path}[]")
        case ct.Struct(fields), ct.Struct(more):
            before, after = dict(fields), dict(more)
            for name, inner in after.items():
                place = f"{path}.{name}" if path else name
                if name in before:
                    yield from _differences(before[name], inner, place)
                else:
                    yield f"field {place} added: {ct.display(inner)}"
            yield from (f"field {path}.{name} taken out".replace(" .", " ") for name in before if name not in after)
        case _ if was != becomes:
            yield f"{f'field {path}' if path else 'values'}: {ct.display(was)} became {ct.display(becomes)}"
        case _:
            return
