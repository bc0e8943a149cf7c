"""What kind of value each text of a column is, and the value: `domain.text_rules` for whole columns of bytes.

The kinds of rows are numbers here, below; `domain.text_rules.Kind` has the words. Where a value cannot be found in a
few integer operations (a number of 16 digits or more) its row is left to the caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from include.conversion.kernels.compiled import compiled, inlined

if TYPE_CHECKING:
    from include.conversion.kernels.compiled import Bytes, Doubles, Int, Integers, Positions

EMPTY, QUOTED_EMPTY, NULL_WORD = 0, 1, 2
FIRST_VALUE = 3
BOOLEAN, INTEGER, BIG_INTEGER, POINT, SCIENTIFIC, DATE, TIMESTAMP, TIMESTAMP_ZONED, TEXT = range(3, 12)

# How a column is read.
BY_RULES, AS_TEXT, DAY_FIRST = range(3)

# Places in the facts of a column.
SEEN, INTEGER_DIGITS, DECIMAL_PLACES, NEGATIVE_ZERO, DIES, SLOW, FINE, FACTS = range(8)

_DAY = 86_400_000_000
_FIRST_MICROSECOND = -719_162 * _DAY  # 0001-01-01
_END_MICROSECOND = (2_932_896 + 1) * _DAY  # after 9999-12-31
_QUOTE, _MINUS, _PLUS, _POINT, _COLON, _SPACE, _SLASH = 0x22, 0x2D, 0x2B, 0x2E, 0x3A, 0x20, 0x2F
_ZERO, _T, _Z, _E, _LOWER_E = 0x30, 0x54, 0x5A, 0x45, 0x65
_MAX_DIGITS = 38
_SAFE_DIGITS = 15  # every double prints so many back
_EXACT_POWER = 22  # ten to it is a double, and so is a quotient by it correctly rounded
_WORD_MAX = 5  # bytes of the longest null or boolean word

POWERS = 10.0 ** np.arange(_EXACT_POWER + 1)


@compiled
def column_kinds(
    buffer: Bytes,
    starts: Positions,
    ends: Positions,
    mode: Int,
    powers: Doubles,
    null_words: Bytes,
    words_first: Int,
    kinds: Bytes,
    values: Integers,
    doubles: Doubles,
    facts: Integers,
    slow: Positions,
) -> None:
    """Kinds, values and facts of the texts of one column.

    After the first TEXT nothing but null words and quoted empties is looked for: the column is a string.

    Args:
        buffer: holds the texts; a quoted one has its quote before it.
        starts: of each text.
        ends: after each text.
        mode: BY_RULES, AS_TEXT or DAY_FIRST.
        powers: `POWERS`.
        null_words: the words, each behind its length (two bytes, the low one first).
        words_first: 1 if some word could be read as a value too.
        kinds: to be filled.
        values: to be filled: integers; booleans as 0 and 1; days; microseconds.
        doubles: the same memory as `values`, filled for POINT and SCIENTIFIC.
        facts: to be filled, see the places above. SEEN has a bit for each kind, DIES is 1 if a number does not survive
            as a double, SLOW the number of rows left to the caller, FINE that of timestamps finer than a millisecond.
        slow: rows of numbers whose double and whose survival are left to the caller.
    """
    text_seen = False
    longest = _longest(null_words)
    for row in range(len(starts)):
        start = np.int64(starts[row])
        end = np.int64(ends[row])
        if text_seen and end - start > longest:
            continue
        if start == end:
            quoted = start > 0 and buffer[start - 1] == _QUOTE
            kinds[row] = QUOTED_EMPTY if quoted else EMPTY
            values[row] = 0
            if mode == AS_TEXT:
                if quoted:
                    facts[SEEN] |= 1 << TEXT
            else:
                facts[SEEN] |= np.int64(1) << np.int64(kinds[row])
            continue
        if mode == AS_TEXT:
            facts[SEEN] |= 1 << TEXT
            break
        if (words_first or text_seen) and _is_word(buffer, start, end, null_words):
            kinds[row] = NULL_WORD
            values[row] = 0
            facts[SEEN] |= 1 << NULL_WORD
            continue
        if text_seen:
            continue
        values[row] = 0
        if mode == DAY_FIRST:
            kind = TEXT if end - start < 10 else _instant(buffer, start, end, row, True, values, facts)
            if kind == TEXT and _is_word(buffer, start, end, null_words):
                kind = NULL_WORD
        else:
            kind = _kind(buffer, start, end, row, powers, null_words, values, doubles, facts, slow)
        kinds[row] = kind
        facts[SEEN] |= np.int64(1) << np.int64(kind)
        text_seen = kind == TEXT


@compiled
def all_kinds(
    buffer: Bytes,
    starts: Positions,
    ends: Positions,
    modes: Bytes,
    powers: Doubles,
    null_words: Bytes,
    words_first: Int,
    kinds: Bytes,
    values: Integers,
    doubles: Doubles,
    facts: Integers,
    slow: Positions,
) -> None:
    """`column_kinds` of every column of a range: the arrays have one more dimension, which is the column."""
    for column in range(len(starts)):
        column_kinds(
            buffer,
            starts[column],
            ends[column],
            modes[column],
            powers,
            null_words,
            words_first,
            kinds[column],
            values[column],
            doubles[column],
            facts[column],
            slow[column],
        )


@compiled
def _longest(words: Bytes) -> Int:
    """Length of the longest of the words, each of which stands behind the two bytes of its length."""
    longest: Int = 0
    at: Int = 0
    while at < len(words):
        size = np.int64(words[at]) + 256 * np.int64(words[at + 1])
        longest = max(longest, size)
        at += 2 + size
    return longest


@compiled
def _is_word(buffer: Bytes, start: Int, end: Int, words: Bytes) -> bool:
    """Whether the text is one of the words, each of which stands behind the two bytes of its length."""
    length = end - start
    at: Int = 0
    while at < len(words):
        size = np.int64(words[at]) + 256 * np.int64(words[at + 1])
        at += 2
        if size == length:
            same = True
            for offset in range(length):
                if buffer[start + offset] != words[at + offset]:
                    same = False
                    break
            if same:
                return True
        at += size
    return False


@inlined
def _boolean(buffer: Bytes, start: Int, end: Int) -> Int:
    """1 or 0 for `true` or `false` in lower, title or upper case, else -1."""
    length = end - start
    word: Int
    upper: Int
    if length == 4:
        word, result = 0x74727565, 1  # true
    elif length == 5:
        if buffer[start + 4] not in (0x65, 0x45):
            return -1
        word, result = 0x66616C73, 0  # fals
    else:
        return -1
    upper = 0
    for offset in range(length):
        byte = np.int64(buffer[start + offset])
        if offset < 4 and byte | 0x20 != (word >> (24 - 8 * offset)) & 0xFF:
            return -1
        upper |= ((byte & 0x20) == 0) << offset
    return result if upper in (0, 1, (1 << length) - 1) else -1


@inlined
def _kind(
    buffer: Bytes,
    start: Int,
    end: Int,
    row: Int,
    powers: Doubles,
    null_words: Bytes,
    values: Integers,
    doubles: Doubles,
    facts: Integers,
    slow: Positions,
) -> Int:
    first = np.int64(buffer[start])
    if _ZERO <= first <= _ZERO + 9 or first == _MINUS:
        if end - start >= 10 and buffer[start + 4] == _MINUS and buffer[start + 7] == _MINUS:
            return _instant(buffer, start, end, row, False, values, facts)
        kind = _number(buffer, start, end, row, powers, values, doubles, facts, slow)
        if kind != TEXT:
            return kind
    elif end - start <= _WORD_MAX:
        truth = _boolean(buffer, start, end)
        if truth >= 0:
            values[row] = truth
            return BOOLEAN
    return NULL_WORD if _is_word(buffer, start, end, null_words) else TEXT


@inlined
def _number(
    buffer: Bytes,
    start: Int,
    end: Int,
    row: Int,
    powers: Doubles,
    values: Integers,
    doubles: Doubles,
    facts: Integers,
    slow: Positions,
) -> Int:
    """The kind of a text that begins with a digit or a minus sign: one of the numbers, or TEXT."""
    negative = buffer[start] == _MINUS
    at = start + 1 if negative else start
    begin = at
    mantissa = np.int64(0)
    while at < end:
        digit = np.int64(buffer[at]) - _ZERO
        if digit < 0 or digit > 9:
            break
        if at - begin < 18:
            mantissa = mantissa * 10 + digit
        at += 1
    integers = at - begin
    if integers == 0 or (integers > 1 and buffer[begin] == _ZERO):
        return TEXT
    lone_zero = integers == 1 and mantissa == 0
    if at == end:
        if lone_zero and negative:
            return TEXT
        return _integer(buffer, begin, end, row, negative, mantissa, values, facts)
    places = np.int64(0)
    significant = np.int64(0) if lone_zero else integers
    if buffer[at] == _POINT:
        at += 1
        first_place = at
        while at < end:
            digit = np.int64(buffer[at]) - _ZERO
            if digit < 0 or digit > 9:
                break
            if significant or digit:
                significant += 1
                if significant <= 18:
                    mantissa = mantissa * 10 + digit
            at += 1
        places = at - first_place
        if places == 0:
            return TEXT
    if at == end:
        kind = POINT
        power = -places
    else:
        if buffer[at] not in (_E, _LOWER_E):
            return TEXT
        exponent = _exponent(buffer, at + 1, end)
        if exponent == _NO_EXPONENT:
            return TEXT
        kind = SCIENTIFIC
        power = exponent - places
    facts[INTEGER_DIGITS] = max(facts[INTEGER_DIGITS], 0 if lone_zero else integers)
    facts[DECIMAL_PLACES] = max(facts[DECIMAL_PLACES], places)
    if significant == 0:
        if negative:
            facts[NEGATIVE_ZERO] = 1
        doubles[row] = -0.0 if negative else 0.0
    elif significant <= _SAFE_DIGITS and -_EXACT_POWER <= power <= _EXACT_POWER:
        value = np.float64(mantissa)
        value = value / powers[-power] if power < 0 else value * powers[power]
        doubles[row] = -value if negative else value
    elif significant <= _LONG_DIGITS and -_EXACT_POWER <= power <= 0 and _long(mantissa, powers[-power], row, doubles):
        if negative:
            doubles[row] = -doubles[row]
    else:
        slow[facts[SLOW]] = row
        facts[SLOW] += 1
    return kind


@inlined
def _long(mantissa: Int, power: np.float64, row: Int, doubles: Doubles) -> Int:
    """The double nearest to `mantissa / power`, if it can be told and prints the mantissa's 16 or 17 digits back.

    The quotient is found with about twice a double's digits: `high + low` is the mantissa, exactly, and what Dekker's
    product leaves of it by the first quotient corrects that. Where the sum is near the middle between two doubles, or
    the text near the middle between two texts, the answer is no, and somebody slower decides.
    """
    high = np.float64(mantissa)
    low = np.float64(mantissa - np.int64(high))
    quotient = high / power
    correction = (_rest(high, low, quotient, power)) / power
    value = quotient + correction
    if quotient + correction * _LESS != value or quotient + correction * _MORE != value:
        return 0
    rest = _rest(high, low, value, power)
    if rest > _NEARLY_HALF or rest < -_NEARLY_HALF:
        return 0
    doubles[row] = value
    return 1


@inlined
def _rest(high: np.float64, low: np.float64, quotient: np.float64, power: np.float64) -> np.float64:
    """`high + low - quotient * power`, by Dekker's exact product."""
    product = quotient * power
    split = quotient * _SPLITTER
    upper = split - (split - quotient)
    lower = quotient - upper
    split = power * _SPLITTER
    power_upper = split - (split - power)
    power_lower = power - power_upper
    error = ((upper * power_upper - product) + upper * power_lower + lower * power_upper) + lower * power_lower
    return (high - product) - error + low


_SPLITTER = 134217729.0  # 2**27 + 1
_LESS, _MORE = 1 - 2.0**-40, 1 + 2.0**-40
_NEARLY_HALF = 0.499
_LONG_DIGITS = 17

_NO_EXPONENT = 1 << 40
_LARGE_EXPONENT = 100_000  # beyond any double; more digits need not be counted


@compiled
def _exponent(buffer: Bytes, at: Int, end: Int) -> Int:
    negative = False
    if at < end and buffer[at] in (_MINUS, _PLUS):
        negative = buffer[at] == _MINUS
        at += 1
    if at == end:
        return _NO_EXPONENT
    result = np.int64(0)
    while at < end:
        digit = np.int64(buffer[at]) - _ZERO
        if digit < 0 or digit > 9:
            return _NO_EXPONENT
        result = min(result * 10 + digit, np.int64(_LARGE_EXPONENT))
        at += 1
    return -result if negative else result


@inlined
def _integer(
    buffer: Bytes,
    begin: Int,
    end: Int,
    row: Int,
    negative: Int,
    mantissa: Int,
    values: Integers,
    facts: Integers,
) -> Int:
    digits = end - begin
    if digits > _MAX_DIGITS:
        return TEXT
    value = -mantissa if negative else mantissa
    if digits > 18:
        limit = np.int64(922337203685477580)  # the largest before its last digit
        last = np.int64(buffer[end - 1]) - _ZERO
        if digits > 19 or mantissa > limit or (mantissa == limit and last > (8 if negative else 7)):
            facts[DIES] = 1
            facts[INTEGER_DIGITS] = max(facts[INTEGER_DIGITS], digits)
            return BIG_INTEGER
        value = value * 10 - last if negative else value * 10 + last
    values[row] = value
    facts[INTEGER_DIGITS] = max(facts[INTEGER_DIGITS], 0 if value == 0 else digits)
    if digits > _SAFE_DIGITS:
        double = np.float64(value)
        if double >= 9223372036854775808.0 or np.int64(double) != value:
            facts[DIES] = 1
    return INTEGER


@compiled
def _two(buffer: Bytes, at: Int) -> Int:
    """The number of two digits, or a large one if they are none."""
    tens = np.int64(buffer[at]) - _ZERO
    ones = np.int64(buffer[at + 1]) - _ZERO
    if tens < 0 or tens > 9 or ones < 0 or ones > 9:
        return 1000
    return tens * 10 + ones


@inlined
def _days(buffer: Bytes, year_at: Int, month_at: Int, day_at: Int) -> Int:
    """Days since 1970-01-01 of a date by where its parts are, or _NO_DAY."""
    century, years = _two(buffer, year_at), _two(buffer, year_at + 2)
    month, day = _two(buffer, month_at), _two(buffer, day_at)
    year = century * 100 + years
    if century > 99 or years > 99 or year == 0 or month < 1 or month > 12 or day < 1 or day > 31:
        return _NO_DAY
    leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
    if day > 28:
        if month == 2 and day > 28 + leap:
            return _NO_DAY
        if day == 31 and month in (4, 6, 9, 11):
            return _NO_DAY
    # Howard Hinnant's days_from_civil: years begin in March, so that the leap day is the last of one.
    shifted = year - (month <= 2)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


_NO_DAY = 1 << 40


@inlined
def _instant(
    buffer: Bytes,
    start: Int,
    end: Int,
    row: Int,
    day_first: Int,
    values: Integers,
    facts: Integers,
) -> Int:
    """The kind of a text of ten bytes or more: DATE, a timestamp, or TEXT."""
    mark = buffer[start + 2]
    if day_first and mark in (_SLASH, _MINUS, _POINT) and buffer[start + 5] == mark:
        days = _days(buffer, start + 6, start + 3, start)
    elif buffer[start + 4] == _MINUS and buffer[start + 7] == _MINUS:
        days = _days(buffer, start, start + 5, start + 8)
    else:
        return TEXT
    if days == _NO_DAY:
        return TEXT
    length = end - start
    if length == 10:
        values[row] = days
        return DATE
    at = start + 10
    if length < 16 or buffer[at] not in (_T, _SPACE) or buffer[at + 3] != _COLON:
        return TEXT
    hours, minutes, seconds = _two(buffer, at + 1), _two(buffer, at + 4), np.int64(0)
    at += 6
    fraction = np.int64(0)
    if at + 2 < end and buffer[at] == _COLON:
        seconds = _two(buffer, at + 1)
        at += 3
        if at < end and buffer[at] == _POINT:
            at += 1
            digits = 0
            while at < end:
                digit = np.int64(buffer[at]) - _ZERO
                if digit < 0 or digit > 9:
                    break
                digits += 1
                if digits > 6:
                    return TEXT
                fraction = fraction * 10 + digit
                at += 1
            if digits == 0:
                return TEXT
            while digits < 6:
                fraction *= 10
                digits += 1
    if hours > 23 or minutes > 59 or seconds > 59:
        return TEXT
    instant = days * _DAY + ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + fraction
    kind = TIMESTAMP
    if at < end:
        offset = _offset(buffer, at, end)
        if offset == _NO_OFFSET:
            return TEXT
        instant -= offset * 60_000_000
        if instant < _FIRST_MICROSECOND or instant >= _END_MICROSECOND:
            return TEXT
        kind = TIMESTAMP_ZONED
    values[row] = instant
    if fraction % 1000:
        facts[FINE] += 1
    return kind


_NO_OFFSET = 1 << 40


@compiled
def _offset(buffer: Bytes, at: Int, end: Int) -> Int:
    """Minutes east of Greenwich of `Z` or `+HH:MM`, or _NO_OFFSET."""
    length = end - at
    if length == 1 and buffer[at] == _Z:
        return 0
    if length != 6 or buffer[at] not in (_PLUS, _MINUS) or buffer[at + 3] != _COLON:
        return _NO_OFFSET
    hours, minutes = _two(buffer, at + 1), _two(buffer, at + 4)
    if hours > 23 or minutes > 59:
        return _NO_OFFSET
    total = hours * 60 + minutes
    return -total if buffer[at] == _MINUS else total
