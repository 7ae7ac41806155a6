"""The papers of a project: what was signed, where it is kept; figures read the project, differences are warned of."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.trace import Actor, Ledger, StaleVersion, plain
from parkportal.writing import write_date, write_money
from projects.models import Contract, Project
from projects.models.secrecy import SECRET
from projects.services.checks import Problems
from projects.services.entry import refuse, touch
from projects.services.rights import Act, demand
from projects.words import label

COLUMNS: Final = ("type", "number", "signed_on", "signed_on_precision", "amount", "kept_at", "note")
BARE: Final = ("type", "number", "kept_at")
"""All that is kept here of the papers of a secret project: which one it is, and where it lies."""
MOST: Final = 20
Paper = Mapping[str, Any]


def columns_for(project: Project) -> tuple[str, ...]:
    """The columns that are entered for the papers of this project."""
    return BARE if project.confidentiality == SECRET else COLUMNS


def papers_of(project: Project) -> list[Contract]:
    """The papers in the order in which pages show them."""
    return list(Contract.objects.filter(project=project).order_by("signed_on", "id"))


def seen_as(papers: Iterable[Contract]) -> str:
    """A short mark of the papers as they are: whoever saves says which state they saw."""
    rows = [[plain(getattr(paper, name)) for name in COLUMNS] for paper in papers]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:20]


def contracts_set(*, by: Actor, project: Project, papers: Sequence[Paper], seen: str) -> bool:
    """Make the papers of a project the given ones; returns whether that changed anything.

    StaleVersion when they are no longer as they were `seen`; ValidationError for two formal contracts, for a paper that
    says nothing, and for columns that a secret project does not keep.
    """
    with trace.changes(by=by) as ledger:
        demand(by, project, Act.EDIT)
        refuse(_problems(project, papers))
        present = papers_of(project)
        if seen != seen_as(present):
            raise StaleVersion(project)
        _write(ledger, project, present, papers)
        if ledger.entries:
            touch(ledger, project)
        return bool(ledger.entries)


def _write(ledger: Ledger, project: Project, present: Sequence[Contract], papers: Sequence[Paper]) -> None:
    for paper in present[len(papers) :]:
        ledger.delete(paper)
    pairs = [(old, new) for old, new in zip_longest(present, papers) if new is not None]
    # The one formal contract is written last, when no other paper is still called so.
    for old, new in sorted(pairs, key=lambda pair: str(pair[1]["type"]) == Project.ContractType.FORMAL):
        if old is None:
            ledger.create(Contract(project=project, **new))
        else:
            ledger.update(old, new)


def _problems(project: Project, papers: Sequence[Paper]) -> Problems:
    kept, found = set(columns_for(project)), []
    if any(set(paper) - kept for paper in papers):
        found.append(_("保密项目的合同只登记类型、编号和存放处。"))
    if sum(paper["type"] == Project.ContractType.FORMAL for paper in papers) > 1:
        found.append(_("一个项目只有一份正式合同，其余的请选框架协议、意向书、备忘录，或合并登记。"))
    if any(not any(paper.get(name) for name in ("number", "signed_on", "amount", "kept_at")) for paper in papers):
        found.append(_("每份合同至少填写编号、签订时间、金额、存放处中的一项。"))
    if len(papers) > MOST:
        found.append(_("合同最多登记%(most)s份。") % {"most": MOST})
    return {"": found} if found else {}


def contract_differences(project: Project, papers: Iterable[Contract]) -> Iterator[str]:
    """Where the paper that the project's own type stands for says something else than the ledger, in sentences."""
    sentence = _("%(paper)s载明的%(what)s%(said)s与台账的%(label)s%(kept)s不一致，指标按台账计算，请核对。")
    for paper in papers:
        if paper.type != project.contract_type:
            continue
        words = {"paper": paper.get_type_display()}
        if paper.amount is not None and paper.amount != project.total_investment:
            said, kept = (f"{write_money(value, '万元')}万元" for value in (paper.amount, project.total_investment))
            kept = kept if project.total_investment is not None else _("（未填）")
            yield sentence % {
                **words,
                "what": _("金额"),
                "said": said,
                "label": label("total_investment"),
                "kept": kept,
            }
        if paper.signed_on and paper.signed_on != project.signed_on:
            said = write_date(paper.signed_on, paper.signed_on_precision)
            kept = write_date(project.signed_on, project.signed_on_precision) if project.signed_on else _("（未填）")
            yield sentence % {**words, "what": _("签订时间"), "said": said, "label": label("signed_on"), "kept": kept}
