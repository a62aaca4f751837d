"""A language of templates as one of its users has it, and what may be wrong with a template.

    TemplateProblem     something is wrong with a template: what, and in which line
    ├─ TemplateRefused  it is not of the language, as can be told before there is anything to fill in
    └─ TemplateFailed   it came to nothing when it was filled in

What a problem says quotes the template at most, and never what it was filled in with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

Facts = Mapping[str, Any]
"""What a template is filled in with: texts, figures and days, mappings and lists of them. Never an entity."""


class TemplateProblem(Exception):
    """Something is wrong with a template."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        super().__init__(problem, line)
        self.problem = problem
        self.line = line

    def __str__(self) -> str:
        return self.problem if self.line is None else f"{self.problem} (line {self.line})"


class TemplateRefused(TemplateProblem):
    """A text is no template of the language."""


class TemplateFailed(TemplateProblem):
    """A template cannot be filled in with these facts."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Language:
    """What a user of templates allows in them, beside what is the same for all (docs/templates.md)."""

    max_source: int
    """Most characters of a template."""

    max_made: int
    """Most characters that it may make."""

    max_loops: int
    max_nested: int
    """How deep loops may stand in each other; 1: not at all."""

    names: frozenset[str] | None = None
    """What a template may speak of; naming anything else is refused. None: what is not known is empty."""

    lists: frozenset[str] | None = None
    """Names that loops may go over. None: any name, and any field of one."""

    has_figures: bool = False
    """Whether facts are figures that can be reckoned with."""

    whole_lines: bool = False
    """Whether a line that holds a statement and nothing else makes no line."""

    filters: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """Filters of its own."""

    filters_with_facts: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """More of them, which get the facts before the value."""

    MAX_STEPS: ClassVar = 2_000_000
    """Most parts of a template that may be gone through in its loops."""

    def check(self, source: str) -> None:
        """Raises TemplateRefused for a text that is no template."""
        from cashbox_service.app.templating import engine

        engine.compiled(self, source, escaping=True)

    def fill_in(self, source: str, facts: Facts, *, escaping: bool) -> str:
        """What a template makes of facts; ``escaping``: it is HTML. Raises TemplateRefused, TemplateFailed."""
        from cashbox_service.app.templating import engine

        return engine.fill_in(self, source, facts, escaping=escaping)
