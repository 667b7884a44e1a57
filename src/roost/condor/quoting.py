"""HTCondor's quoting: arguments, environment and ClassAd strings, byte for byte.

Follows "arguments" and "environment" in the manual page of condor_submit, and the lexical rules of
strings in the manual's chapter on ClassAds.

A value passes two readers that replace what stands after a ``$``: the submit language (``$(NAME)``,
``$F(NAME)``, ``$ENV(NAME)``) and, at match time, the schedd (``$$(NAME)``). Their escapes do not mix:
``$(DOLLAR)$(DOLLAR)(x)`` comes out as ``$$(DOLLAR)(x)``. So no ``$`` is written next to what could
make it special; the quotes are closed in between: ``'a$'$'(b)'`` reads ``a$$(b)``. What should be
replaced, ``$(Process)`` and ``$(Cluster)``, is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_MACRO = re.compile(r"(?<!\$)\$\((Process|Cluster)\)", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_DELICATE = re.compile(rf"{_MACRO.pattern}|\$([A-Za-z$(])|'", re.IGNORECASE)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quote_arguments(argv: Sequence[str]) -> str:
    """Arguments in the new syntax, without its outer quotes: the job attribute ``Arguments``."""
    return " ".join(_quote(argument) for argument in argv)


def quote_environment(environment: Mapping[str, str]) -> str:
    """Variables in the same syntax: the job attribute ``Environment``."""
    return " ".join(f"{_quote(name)}={_quote(value)}" for name, value in environment.items())


def quote_string(text: str) -> str:
    """A ClassAd string literal; one line, whatever is in ``text``."""
    return '"' + "".join(_escape(character) for character in text) + '"'


def find_macros(text: str) -> set[str]:
    """Which of ``process`` and ``cluster`` HTCondor will replace in a text."""
    return {match[1].lower() for match in _MACRO.finditer(text)}


def replace_macros(text: str, *, process: int, cluster: int) -> str:
    """What HTCondor makes of ``$(Process)`` and ``$(Cluster)``."""
    values = {"process": str(process), "cluster": str(cluster)}
    return _MACRO.sub(lambda match: values[match[1].lower()], text)


def _quote(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else f"'{_DELICATE.sub(_inside_quotes, text)}'"


def _inside_quotes(match: re.Match[str]) -> str:
    if match[0] == "'":
        return "''"
    special = match[2]
    if special is None:  # a macro
        return match[0]
    return f"$'{special}'"


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return f"\\{ord(character):03o}" if character < " " or character == "\x7f" else character
