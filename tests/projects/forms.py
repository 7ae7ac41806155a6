"""The form of a project as a browser holds it: its fields, a full one, sending it, and the summary of its errors."""

import html as text
import re
from collections.abc import Callable

from django.test import Client

from parkportal.models import User

As = Callable[[User], Client]
NEW = "/projects/new/"


def fields(html: str) -> dict[str, str]:
    """What a browser would send back from the project's form on a page."""
    form = html.split('id="project-form"')[1].split("</form>")[0]
    found = {}
    for name, value in re.findall(r'<input type="(?:text|hidden)" name="([^"]+)"(?: value="([^"]*)")?', form):
        found[name] = text.unescape(value)
    for name, inside in re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        found[name] = text.unescape(inside)
    for name, inside in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        found[name] = text.unescape(chosen[1]) if chosen else ""
    return {name: value for name, value in found.items() if name != "csrfmiddlewaretoken"}


def blank(client: Client, url: str = NEW) -> dict[str, str]:
    return fields(client.get(url).content.decode())


def full(client: Client, **values: str) -> dict[str, str]:
    """A form that can be submitted."""
    return (
        blank(client)
        | {
            "name": "精密结构件生产项目",
            "investor_name": "企业午",
            "contract_type": "formal",
            "stage": "signed",
            "signed_on": "2020-07-03",
            "total_investment": "3.2亿",
        }
        | values
    )


def post(client: Client, data: dict[str, str], url: str = NEW, action: str = "save", status: int = 200) -> str:
    response = client.post(url, data | {"action": action})
    assert response.status_code == status, re.findall(r'class="error"[^>]*>(.*?)</p>', response.content.decode())
    return response.content.decode() if status != 302 else response.headers["Location"]


def summary(html: str) -> list[str]:
    """The sentences of the error summary."""
    box = re.search(r'<div class="error-summary".*?</ol></div>', html, re.DOTALL)
    return [re.sub("<[^>]+>", "", one) for one in re.findall("<li>(.*?)</li>", box[0])] if box else []
