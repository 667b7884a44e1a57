"""A runner that runs nothing: it answers from a script and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from roost.setup.run import Outcome

DONE = Outcome(0, "")


class ScriptedRunner:
    """Answers each command with the next outcome whose words it holds; with success otherwise."""

    def __init__(self, *script: tuple[str, Outcome]) -> None:
        self.script = list(script)
        self.commands: list[str] = []

    def __call__(self, command: Sequence[str], on_line: Callable[[str], None]) -> Outcome:
        text = " ".join(command)
        self.commands.append(text)
        for entry in self.script:
            words, outcome = entry
            if words in text:
                self.script.remove(entry)
                for line in outcome.tail.splitlines():
                    on_line(line)
                return outcome
        return DONE

    def ran(self, words: str) -> int:
        """How often a command with these words was run."""
        return sum(words in command for command in self.commands)
