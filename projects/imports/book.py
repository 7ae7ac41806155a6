"""What a park has already, in memory: projects, enterprises, chains and people, found without a query per row."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Final, Self

from enterprises.models import Chain, Enterprise
from parkportal.models import Park, User
from projects.imports.cells import plain
from projects.models import Project
from projects.services.alike import CLOSE, FILLERS, FIRMS, NEAR_NAME, SAME_NAME, name_likeness

LIKELIEST: Final = 12
"""How many projects with the most letters in common are compared closely."""


def name_key(name: str) -> str:
    """A name as it is compared: without spaces, brackets, marks and the difference of widths and cases."""
    return re.sub(r"[()\[\]〔〕【】《》“”\"'·\-—_,，、。.]", "", plain(name)).lower()


def letters(name: str) -> set[str]:
    """Pairs of neighbouring letters of what is particular to a name."""
    for word in FIRMS:
        name = name.replace(word, "")
    text = name.translate(FILLERS).lower() or name
    return {text[i : i + 2] for i in range(max(len(text) - 1, 1))}


@dataclass
class ParkBook:
    """The ledger of one park as one person may see it; never a row of another park."""

    park: Park
    today: date
    projects: dict[str, Project] = field(default_factory=dict)
    chains: dict[str, Chain] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    """All credit codes of the park's enterprises, those included that the person may not see."""
    _by_name: dict[str, list[Project]] = field(default_factory=lambda: defaultdict(list))
    _by_pair: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _by_uscc: dict[str, list[Project]] = field(default_factory=lambda: defaultdict(list))
    _firms_by_name: dict[str, list[Enterprise]] = field(default_factory=lambda: defaultdict(list))
    _firms_by_uscc: dict[str, Enterprise] = field(default_factory=dict)

    @classmethod
    def load(cls, park: Park, user: User | None, today: date) -> Self:
        """Everything of the park in a few queries; secret projects only for those who see them in full."""
        book = cls(park, today)
        rows = Project.objects.kept().filter(park=park)
        if user is not None:
            rows = rows.open_to(user)
        related = ("park__region", "investor__group", "company", "chain", "chain_node", "owner", "parent")
        for project in rows.select_related(*related).order_by("code"):
            book.add(project)
        firms = Enterprise.objects.kept().filter(park=park).select_related("group").order_by("code")
        book.taken = set(firms.exclude(uscc="").values_list("uscc", flat=True))
        for firm in firms if user is None else firms.visible_to(user):
            book.add_firm(firm)
        regions = [park.region_id, park.region.parent_id]
        for one in Chain.objects.filter(region__in=regions):
            book.chains |= {one.name: one, one.code: one}
        for person in User.objects.filter(park=park, is_active=True).order_by("-username"):
            book.people |= {person.username: person, person.name: person}
        book.people.pop("", None)
        return book

    def add(self, project: Project) -> None:
        """Let a project be found."""
        self.projects[project.code] = project
        self._by_name[name_key(project.name)].append(project)
        for pair in letters(project.name):
            self._by_pair[pair].append(project.code)
        for firm in (project.investor, project.company):
            if firm is not None and firm.uscc:
                self._by_uscc[firm.uscc].append(project)

    def add_firm(self, firm: Enterprise) -> None:
        """Let an enterprise be found, once it is stored."""
        self._firms_by_name[firm.name].append(firm)
        if firm.uscc:
            self._firms_by_uscc[firm.uscc] = firm

    def firm(self, name: str, uscc: str = "") -> Enterprise | None:
        """The park's enterprise of that name, the one with that credit code first."""
        named = self._firms_by_name.get(name, [])
        return next((one for one in named if uscc and one.uscc == uscc), named[0] if named else None)

    def holder(self, uscc: str) -> Enterprise | None:
        """Whose credit code it is."""
        return self._firms_by_uscc.get(uscc) if uscc else None

    def named(self, name: str) -> list[Project]:
        """Projects of exactly this name."""
        return self._by_name.get(name_key(name), [])

    def alike(self, name: str, uscc: str, total: int | None) -> list[Project]:
        """Projects that may be the one described, likest first, by the rules of `services.alike`."""
        shared = Counter(chain.from_iterable(self._by_pair.get(pair, ()) for pair in letters(name)))
        rows = [self.projects[code] for code, _n in shared.most_common(LIKELIEST)]
        scored = [(name_likeness(name, row.name), row) for row in rows]
        near = [(likeness, row) for likeness, row in scored if _is_alike(likeness, close(total, row.total_investment))]
        coded = [(1.0, row) for row in self._by_uscc.get(uscc, ()) if close(total, row.total_investment) is not False]
        found = sorted(coded + near, key=lambda one: (-one[0], one[1].code))
        return list({row.code: row for _likeness, row in found}.values())[:3]


def close(one: int | None, other: int | None) -> bool | None:
    """Whether two amounts differ by at most 5 % of the larger; None where one is unknown."""
    return None if one is None or other is None else abs(one - other) * CLOSE <= max(one, other)


def _is_alike(likeness: float, amounts: bool | None) -> bool:
    return likeness >= SAME_NAME or (likeness >= NEAR_NAME and amounts is True)
