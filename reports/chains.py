"""How the figures of signed projects divide by chain: one table for the page, the papers and the walls."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from parkportal.writing import write_percent
from reports.models import ScorecardLine, ScorecardSlice
from reports.words import write_value

LISTED: Final = "projects_100m"
"""The count of a chain's projects, which is also the figure whose projects 附件2 lists."""
INVESTED, OUTPUT = "signed_investment", "expected_output"
FIGURES: Final = (LISTED, INVESTED, OUTPUT)
"""What a table of chains shows."""


@dataclass(frozen=True)
class ChainRow:
    """A chain and its parts of the figures of a scorecard; `code` is "" for what belongs to no chain."""

    code: str
    name: str
    lines: Mapping[str, ScorecardLine]
    parts: Mapping[str, ScorecardSlice]

    def amount(self, figure: str) -> Fraction:
        """The chain's part of a figure, in its stored unit; 0 where the figure has none of the chain."""
        return self.parts[figure].actual if figure in self.parts else Fraction(0)

    def text(self, figure: str) -> str:
        """The part in the figure's display unit; “—” where the scorecard has no such figure."""
        line, part = self.lines.get(figure), self.parts.get(figure)
        if line is None or line.actual is None:
            return "—"
        return write_value(line.indicator, self.amount(figure), part.inexact if part else "")

    @property
    def share(self) -> str:
        """The chain's investment in percent of the whole, without the sign; “—” where nothing is invested."""
        line = self.lines.get(INVESTED)
        return write_percent(self.amount(INVESTED) / line.actual) if line and line.actual else "—"


def by_chain(lines: Mapping[str, ScorecardLine], *more: str) -> list[ChainRow]:
    """Every chain of which any shown figure has a part, so that columns add up; the largest investment first.

    `more` are figures of which the parts are wanted, too; those of the others are not read.
    """
    parts: dict[str, dict[str, ScorecardSlice]] = defaultdict(dict)
    for code in (*FIGURES, *more):
        for part in lines[code].parts if code in lines else ():
            if part.dimension == ScorecardSlice.Dimension.CHAIN:
                parts[part.key][code] = part
    rows = [
        ChainRow(key, next(iter(found.values())).name, lines, found)
        for key, found in parts.items()
        if not found.keys().isdisjoint(FIGURES)
    ]
    return sorted(rows, key=lambda row: (-row.amount(INVESTED), -row.amount(LISTED), row.code))


def whole_text(lines: Mapping[str, ScorecardLine], figure: str) -> str:
    """A whole figure in its display unit; “—” where the scorecard has none."""
    line = lines.get(figure)
    return write_value(line.indicator, line.actual, line.inexact) if line else "—"


def whole_share(lines: Mapping[str, ScorecardLine]) -> str:
    """What the shares come to: “100.0”, or “—” where nothing is invested."""
    line = lines.get(INVESTED)
    return write_percent(Fraction(1)) if line and line.actual else "—"
