"""What the search of the project list looks through."""

from pypinyin import Style, lazy_pinyin

from projects.models import Project


def search_text(project: Project) -> str:
    """Name, its pinyin and initials, investor and code, in small letters, so that “fsk” finds “富士康”."""
    spelt = "".join(lazy_pinyin(project.name))
    initials = "".join(lazy_pinyin(project.name, style=Style.FIRST_LETTER))
    investor = project.investor.name if project.investor else ""
    return " ".join(filter(None, (project.name, spelt, initials, investor, project.code))).lower()


def search_refresh(project: Project) -> None:
    """Write the text anew; it is bookkeeping, which the trace does not tell."""
    Project.objects.filter(pk=project.pk).update(search_text=search_text(project))
