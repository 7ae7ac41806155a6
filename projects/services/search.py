"""What searches look through: the text of a project, and the people at talks."""

from django.db.models import Q, QuerySet

from enterprises.models import Contact
from parkportal import spelling
from parkportal.models import User
from projects.models import Engagement, Participant, Project
from projects.models.secrecy import SECRET


def search_text(project: Project) -> str:
    """Name, its pinyin and initials, investor and code, in small letters, so that “fsk” finds “富士康”."""
    investor = project.investor.name if project.investor else ""
    return spelling.search_text(project.name, investor, project.code)


def search_refresh(project: Project) -> None:
    """Write the text anew; it is bookkeeping, which the trace does not tell."""
    Project.objects.filter(pk=project.pk).update(search_text=search_text(project))


def people_found(user: User, text: str) -> QuerySet[Participant]:
    """People at talks that the user may read, by name, pinyin, initials or post; none of secret projects."""
    talks = Engagement.objects.visible_to(user).kept().exclude(project__confidentiality=SECRET)
    rows = Participant.objects.filter(engagement__in=talks.order_by().values("pk"))
    for word in text.lower().split():
        rows = rows.filter(Q(search_text__contains=word) | Q(post__icontains=word))
    return rows.select_related("engagement__park").order_by("-engagement__held_on", "id")


def contacts_found(user: User, text: str) -> QuerySet[Contact]:
    """Contacts of enterprises that the user may read, by name or post; their numbers find nobody."""
    rows = Contact.objects.visible_to(user).kept()
    for word in text.split():
        rows = rows.filter(Q(name__icontains=word) | Q(post__icontains=word))
    return rows.select_related("enterprise").order_by("-updated_at")
