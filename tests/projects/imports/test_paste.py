"""A row or a paragraph that was pasted fills the form of a project; the form saves it, pasting does not."""

from collections.abc import Callable

import pytest
from django.test import Client

from parkportal.models import User
from projects.models import Project
from tests.projects.imports.steps import clerk_of_a_park, only_project, words

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]


def test_a_pasted_row_fills_the_form_and_the_form_saves_it(client_as: Login) -> None:
    user = clerk_of_a_park()
    client = client_as(user)
    head = ["项目名称", "投资方", "所属产业链", "总投资", "签约时间", "合同类型", "联系人"]
    line = ["高压水泵项目", "甲公司", "电子信息", "3.2亿", "2020-07-10", "正式合同", "张三"]
    text = "\t".join(head) + "\n" + "\t".join(line)
    answer = client.post("/projects/paste/", {"text": text})
    page = words(answer)
    assert 'value="高压水泵项目"' in page and 'value="3.2亿"' in page and "联系人：张三" in page
    chain = user.park.region.chain_set.get(name="电子信息").code
    assert f'value="{chain}" selected' in page and 'value="formal" selected' in page
    form = {"name": "高压水泵项目", "total_investment": "3.2亿", "stage": "lead", "category": "industry"}
    form |= {"kind": "new", "confidentiality": "internal", "action": "save"}
    saved = client.post("/projects/paste/", form)
    assert saved.status_code == 302 and only_project(user, "高压水泵项目").total_investment == 320_000_000


def test_a_paragraph_fills_the_form_and_nothing_is_saved(client_as: Login) -> None:
    user = clerk_of_a_park()
    text = (
        "7月中旬签约轻钢装配式建筑项目，由湖南爱加建筑公司投资，总投资1亿元，占地63.7亩，"
        "达产后年产值3亿元，年税收500万元，就业1000余人。"
    )
    page = words(client_as(user).post("/projects/paste/", {"text": text}))
    for value in ("1亿元", "63.7亩", "3亿元", "500万元", "1000余人", "7月中旬", "湖南爱加建筑公司"):
        assert f'value="{value}"' in page
    assert not Project.objects.exists()


def test_nothing_pasted_is_said(client_as: Login) -> None:
    client = client_as(clerk_of_a_park())
    assert "粘贴填表" in words(client.get("/projects/paste/"))
    assert "请粘贴Excel里的一行" in words(client.post("/projects/paste/", {"text": ""}))
