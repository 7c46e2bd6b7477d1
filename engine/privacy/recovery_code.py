"""The recovery code: 160 random bits that a person can print, keep in a drawer and type again.

Thirty-six letters and digits in nine groups of four, from an alphabet without letters that look
like digits or like one another. The last four are a checksum, so a slip is told from a wrong code
before anything is tried. Typing is forgiven: small letters, missing or other separators, wide
letters, O for 0, I and L for 1.
"""

import hashlib
import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
CODE_BYTES = 20
CODE_LETTERS = 32
CHECK_LETTERS = 4
GROUP = 4
_BITS = 5
# What may stand between letters: hyphens and dashes of every kind, points, underlines.
_BETWEEN = frozenset("-_.,:;/|\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\u30fb\u3001\u3002")


class CodeMistyped(Exception):
    """This can be nobody's recovery code; the message ends a sentence: "… does not open it: {message}."."""


def new() -> bytes:
    """The bytes of a new code."""
    return secrets.token_bytes(CODE_BYTES)


def written(code: bytes) -> str:
    """The code as it is shown and printed."""
    letters = _letters(int.from_bytes(code), CODE_LETTERS) + _check(code)
    return "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))


def typed(text: str) -> bytes:
    """The bytes of a code as somebody typed it. Raises `CodeMistyped`."""
    wide = unicodedata.normalize("NFKC", text).upper()
    letters = "".join(letter for letter in wide if not letter.isspace() and letter not in _BETWEEN).translate(ALIKE)
    for letter in letters:
        if letter not in ALPHABET:
            raise CodeMistyped(f"“{letter}” occurs in no recovery code")
    if len(letters) != CODE_LETTERS + CHECK_LETTERS:
        raise CodeMistyped(f"it has {len(letters)} letters and digits instead of {CODE_LETTERS + CHECK_LETTERS}")
    number = 0
    for letter in letters[:CODE_LETTERS]:
        number = number << _BITS | ALPHABET.index(letter)
    code = number.to_bytes(CODE_BYTES)
    if _check(code) != letters[CODE_LETTERS:]:
        raise CodeMistyped("a letter or digit of it was mistyped")
    return code


def looks_like_one(text: str) -> bool:
    """Whether a text is a recovery code by its checksum, whoever's it may be."""
    try:
        typed(text)
    except CodeMistyped:
        return False
    return True


def _letters(number: int, count: int) -> str:
    return "".join(ALPHABET[number >> _BITS * at & 31] for at in reversed(range(count)))


def _check(code: bytes) -> str:
    digest = hashlib.sha256(b"hanare recovery code" + code).digest()
    return _letters(int.from_bytes(digest[:3]) >> 4, CHECK_LETTERS)
