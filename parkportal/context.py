"""What the shell of every page shows: who I am, where I work, and the way to each part."""

from typing import Any, cast

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal.models import User
from parkportal.notices import unread
from parkportal.roles import May
from parkportal.sessions import TOLD

WAITING = ("project-list", "check", "review_state=submitted")
"""What waits for a review, for those who do not verify."""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of `base.html`: navigation, the person, the place and the theme."""
    theme = request.COOKIES.get("theme", "")
    shell = {"theme": theme if theme in {"light", "dark"} else "", "nav": [], "me": None, "home_url": "/"}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return shell
    user = cast(User, user)
    role = user.get_role_display()
    told = getattr(request, "session", {}).get(TOLD) == timezone.localdate().isoformat()
    return shell | {
        "secrecy_notice": user.may(May.READ) and not told,
        "help_url": reverse("help"),
        "place": user.place.name if user.place else role,
        "me": {"name": str(user), "section": user.section, "role": role, "initial": str(user)[-1:]},
        "nav": [group for group in _groups(request, user) if group["items"]],
        "may": {what.value: user.may(what) for what in May},
    }


def _groups(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    if not user.may(May.READ):
        return [{"heading": "", "items": _items(request, [(_("后台管理"), "admin:index", "key", "")])}]
    main = [
        (_("总览"), "overview", "home", ""),
        (_("项目"), "project-list", "list", ""),
        (_("企业"), "enterprise-list", "building", ""),
        (_("到位资金"), "fund-arrival-list", "coin", ""),
        (_("目标"), "target-list", "target", ""),
        (_("指标口径"), "indicator-list", "info", ""),
        (_("产业链"), "chain-list", "link", ""),
        (_("成绩单"), "scorecard-list", "doc", ""),
        (_("全市位次"), "ranking", "rank", ""),
        (_("会议室大屏"), "wall", "screen", ""),
    ]
    more = [
        (_("洽谈"), "engagement-list", "handshake", ""),
        (_("集中开工"), "group-start-list", "flag", ""),
        (_("上市进程"), "listing-step-list", "up", ""),
        (_("报送日历"), "calendar", "calendar", ""),
        (_("督办事项"), "matter-list", "check", ""),
        (_("部门反馈数"), "reported-figure-list", "doc", ""),
        (_("对账"), "reconciliation-list", "columns", ""),
        (_("数据质量"), "data-quality", "info", ""),
        (_("项目移交"), "handover-list", "arrow", ""),
        *([(_("考核计分"), "assessment", "rank", "")] if user.may(May.SEE_ASSESSMENT) else []),
    ]
    forms = [
        (_("周进展"), "weekly-sheet", "edit", ""),
        (_("月度填报"), "monthly-sheet", "calendar", ""),
        (_("报表"), "blank-form-list", "sheet", ""),
    ]
    mine = [
        (_("签约未开工"), "project-list", "flag", "stage=signed&stage=registered&review_state=verified&status=active"),
        (_("30天未更新"), "project-list", "clock", "stale_days=30&status=active"),
        (_("待审核"), *(("review-list", "check", "") if user.may(May.VERIFY) else WAITING)),
        (_("我负责的"), "project-list", "user", f"owner={user.username}"),
        (_("最近打开"), "search", "search", ""),
    ]
    return [
        {"heading": "", "items": _items(request, main)},
        {"heading": _("填报"), "items": _items(request, forms) if user.may(May.ENTER) and user.park_id else []},
        {"heading": _("更多"), "items": _items(request, more) + _notices(request, user)},
        {"heading": _("常用筛选"), "items": _items(request, mine)},
    ]


def _notices(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    """The way to the person's notices, with how many are unread."""
    items = _items(request, [(_("提醒"), "notice-list", "bell", "")])
    mail = _items(request, [(_("定稿订阅"), "subscription-list", "doc", "")])
    return [item | {"count": unread(user) or None} for item in items] + mail


def _items(request: HttpRequest, rows: list[tuple[str, str, str, str]]) -> list[dict[str, Any]]:
    """Links of one group; the current one is the longest path that the request lies under."""
    items = []
    for label, name, icon, query in rows:
        try:
            path = reverse(name)
        except NoReverseMatch:
            continue
        at_home = path == "/" and request.path == "/"
        current = at_home or (path != "/" and request.path.startswith(path))
        if query:
            current = current and request.META["QUERY_STRING"] == query
        elif path == request.path and any(r[3] and r[3] == request.META["QUERY_STRING"] for r in rows):
            current = False
        url = f"{path}?{query}" if query else path
        items.append({"label": label, "url": url, "icon": icon, "current": current, "count": None})
    return items
