"""The design system: what the tags draw, and that they escape."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import TemplateSyntaxError
from django.template.loader import render_to_string
from django.test import RequestFactory

from parkportal.templatetags.components import LIGHT_WORDS
from tests.rendering import render

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
CSS = (ROOT / "static/css/portal.css").read_text()
EVIL = "<script>x</script>"


class Sample(forms.Form):
    """One field of each kind that the tags treat differently."""

    name = forms.CharField(label="项目名称", help_text="与合同一致")
    total = forms.CharField(label="总投资")
    signed_on = forms.DateField(label="签约时间", required=False)
    precision = forms.ChoiceField(label="精度", choices=[("day", "到日")])
    chain = forms.ChoiceField(label="产业链", choices=[("", "—"), ("it", "电子信息")])
    lists = forms.MultipleChoiceField(
        label="三类500强", choices=[("w", "世界500强")], widget=forms.CheckboxSelectMultiple, required=True
    )
    secret = forms.CharField(widget=forms.HiddenInput)

    def clean_total(self) -> str:
        raise forms.ValidationError("总投资3.2万元过小，请检查单位")


# Marks


def test_a_lamp_is_shape_word_and_colour() -> None:
    html = render('{% lamp "amber" pill=True %}')
    assert 'class="lamp amber pill"' in html
    assert 'href="#lamp-amber"' in html
    assert "黄灯" in html


def test_every_light_has_its_shape_in_the_sprite() -> None:
    sprite = render_to_string("components/_sprite.html")
    assert {f'id="lamp-{light}"' in sprite for light in LIGHT_WORDS} == {True}


@pytest.mark.parametrize(
    "source", ['{% icon "nope" %}', '{% lamp "blue" %}', '{% bullet 1 size="xl" %}', '{% state "?" "" %}']
)
def test_an_unknown_name_is_a_mistake_in_the_template(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        render(source)


def test_a_figure_without_a_list_is_no_link() -> None:
    assert render('{% drill "18" %}') == "18"
    assert render('{% drill "18" "/projects/" %}') == '<a class="drill" href="/projects/">18</a>'


# Where one is


def test_the_pager_says_what_it_shows_and_keeps_the_filters() -> None:
    html = render("{% pager page '项' %}", page=Paginator(range(236), 50).page(2), address="/projects/?chain=it&page=2")
    assert "第51—100项，共236项" in html
    assert 'href="?chain=it&amp;page=3" rel="next"' in html
    assert '<b aria-current="page">2</b>' in html


def test_one_page_needs_no_numbers() -> None:
    html = render("{% pager page %}", page=Paginator(range(3), 50).page(1))
    assert "第1—3项，共3项" in html
    assert "<a" not in html
    assert "共0项" in render("{% pager page %}", page=Paginator([], 50).page(1))


@pytest.mark.parametrize(
    ("address", "state", "following"),
    [
        ("/", "", "ordering=-signed_on"),
        ("/?ordering=-signed_on&page=3", 'aria-sort="descending"', "ordering=signed_on"),
        ("/?ordering=signed_on", 'aria-sort="ascending"', "ordering=-signed_on"),
    ],
)
def test_a_head_sorts_largest_first_and_starts_at_page_one(address: str, state: str, following: str) -> None:
    html = render('{% sort_header "签约时间" "signed_on" %}', address=address)
    assert f'href="?{following}"' in html
    assert (state in html) if state else ("aria-sort" not in html)


def test_the_last_crumb_is_text_and_the_place_comes_first() -> None:
    html = render('{% breadcrumb "项目" "/projects/" "新建" %}', place="白沙洲工业园区", home_url="/")
    assert re.findall(r'<a href="([^"]+)">', html) == ["/", "/projects/"]
    assert '<b aria-current="page">新建</b>' in html


def test_a_list_that_differs_says_why() -> None:
    agreeing = render('{% from_banner "18个" "/" %}')
    differing = render('{% from_banner "18个" "/" agrees=False why_url="/why/" %}')
    assert "lamp-green" in agreeing
    assert "查看原因" not in agreeing
    assert 'href="/why/">查看原因' in differing


def test_an_unset_figure_has_no_unit() -> None:
    assert "亿元" not in render('{% stat "到位内资" "—" "亿元" %}')
    assert "亿元" in render('{% stat "到位内资" "0" "亿元" %}')


def test_undoing_is_a_post_with_its_token() -> None:
    rows = [
        {"at": "09-28", "who": "甲", "field": "进展", "new": "开工", "undo_url": "/undo/7/"},
        {"locked": "已入8月成绩单"},
    ]
    html = render("{% change_log rows %}", rows=rows, csrf_token="token-7")
    assert html.count('<form method="post" action="/undo/7/">') == 1
    assert 'value="token-7"' in html
    assert "已入8月成绩单" in html


# Forms


def test_a_field_says_in_words_that_it_must_be_filled_and_names_its_hint() -> None:
    form = Sample()
    html = render("{% field form.name width=6 %}", form=form)
    assert "必填" in html
    assert 'class="field w6"' in html
    assert 'aria-describedby="id_name_helptext"' in html
    assert 'id="id_name_helptext">与合同一致' in html
    assert "必填" not in render("{% field form.signed_on %}", form=form)


def test_an_error_stands_between_label_and_control() -> None:
    html = render("{% field form.total unit='万元' fix='32,000' %}", form=Sample({"total": "3.2"}))
    assert (
        html.index("总投资</label>" if "总投资</label>" in html else "总投资")
        < html.index("过小")
        < html.index("<input")
    )
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_total_error"' in html
    assert 'data-money="万元"' in html
    assert 'data-fix="32,000" data-for="id_total" hidden' in html


def test_a_date_carries_its_precision_and_the_errors_of_both() -> None:
    form = Sample({"signed_on": "x", "precision": "week"})
    html = render("{% field form.signed_on precision=form.precision %}", form=form)
    assert 'aria-label="签约时间的精度"' in html
    assert html.count('class="error"') == 2


def test_choices_are_a_fieldset_with_a_label_each() -> None:
    html = render("{% field form.lists %}", form=Sample())
    assert html.startswith("<fieldset")
    assert '<label for="id_lists_0">' in html


def test_the_summary_links_to_each_field_in_the_same_words() -> None:
    form = Sample({"total": "3.2", "precision": "day", "secret": "s"})
    html = render("{% error_summary form %}", form=form)
    assert "有4处需要修改" in html
    assert "autofocus" in html
    assert "autofocus" not in render("{% error_summary form focus=False %}", form=form)
    assert '<a href="#id_total">总投资3.2万元过小，请检查单位</a>' in html
    assert '<a href="#id_name">请填写项目名称</a>' in html
    assert '<a href="#id_chain">请选择产业链</a>' in html
    assert '<a href="#id_lists_0">请选择三类500强</a>' in html
    assert "请填写项目名称" in render("{% field form.name %}", form=form)


def test_the_summary_reads_formsets_and_hidden_fields_and_is_silent_without_errors() -> None:
    formset = forms.formset_factory(Sample)({"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-name": "甲"})
    html = render("{% error_summary formset %}", formset=formset)
    assert 'href="#id_form-0-total"' in html
    assert "<li>请填写Secret</li>" in html
    assert render("{% error_summary form %}", form=Sample()).strip() == ""


# Safety


ROW = (
    *("label", "value", "unit", "url", "note", "name", "date", "title", "tag", "text", "source"),
    *("at", "who", "field", "old", "new", "target", "excess", "rate", "rank"),
)
"""Every attribute that a row of a component may have."""


@pytest.mark.parametrize(
    "source",
    [
        '{% lamp "red" evil %}',
        "{% tag evil %}",
        "{% drill evil evil %}",
        "{% bullet 1 label=evil %}",
        "{% bullet_scale 1 evil evil %}",
        "{% bar_rows rows %}",
        "{% breadcrumb evil evil evil %}",
        "{% tabs rows evil %}",
        "{% segments rows evil %}",
        "{% chips rows evil %}",
        "{% from_banner evil evil evil %}",
        "{% stat evil evil evil evil evil %}",
        "{% hero row %}",
        "{% stepper rows %}",
        "{% timeline rows %}",
        "{% change_log rows evil %}",
        '{% state "empty" evil evil url=evil action=evil %}',
        "{% progress evil 1 2 evil evil evil %}",
        "{% field form.name hint=evil label=evil warning=evil unit=evil %}",
        "{% error_summary form %}",
        "{% cumulative_chart points label=evil unit=evil target=1 target_text=evil cut_text=evil %}",
        '{% sort_header evil "x" evil %}',
    ],
)
def test_nothing_that_people_typed_becomes_markup(source: str) -> None:
    row = dict.fromkeys(ROW, EVIL) | {"share": 1, "completion": 1, "light": "green", "count": EVIL}
    form = Sample({"name": EVIL, "total": EVIL})
    form.add_error("name", EVIL)
    points = [{"month": 1, "value": 1, "text": EVIL, "url": EVIL}]
    html = render(source, evil=EVIL, rows=[row], row=SimpleNamespace(**row), form=form, points=points, place=EVIL)
    assert "<script" not in html
    assert "&lt;script" in html


# Frames


def page(**context: Any) -> str:
    """The frame of a page for somebody who is logged in."""
    item = {"label": "项目", "url": "/projects/", "icon": "list", "current": True, "count": 38}
    me = {"name": "经办人甲", "section": "招商一科", "role": "经办人", "initial": "甲"}
    known = {"nav": [{"heading": "", "items": [item]}], "me": me, "theme": "dark", "place": "白沙洲工业园区"}
    return render_to_string("base.html", {"request": RequestFactory().get("/"), **known, **context})


def test_a_page_asks_for_three_files_and_paints_in_the_chosen_theme() -> None:
    html = page()
    assert '<html lang="zh-CN" data-theme="dark">' in html
    assert len(re.findall(r'<script[^>]+src=|rel="stylesheet"', html)) == 3
    assert "data-theme=" not in page(theme="").split("<head>")[0]


def test_the_frame_says_where_one_is_and_lets_one_leave() -> None:
    html = page()
    assert html.index('href="#main"') < html.index('id="main"')
    assert re.search(r'<a href="/projects/"[^>]*aria-current="page"', html)
    assert re.search(r'<form method="post" action="[^"]*logout/"', html)
    assert 'class="mobile-bar"' in html


def test_a_stranger_sees_neither_search_nor_menu() -> None:
    html = page(nav=[], me=None)
    assert "data-search" not in html
    assert 'id="menu"' not in html
    assert "mobile-bar" not in html


def test_a_message_is_a_toast_and_an_error_alerts() -> None:
    html = page(messages=[SimpleNamespace(level_tag="error", __str__=None), "x"])
    assert html.count("data-toast>") + html.count('data-toast role="alert"') == 2
    assert html.count('role="alert"') == 1


@pytest.mark.parametrize("name", ["400", "403", "404", "500", "403_csrf"])
def test_an_error_page_stands_without_context_and_says_what_to_do(name: str) -> None:
    html = render_to_string(f"{name}.html")
    assert html.count("<h1>") == 1
    assert html.count("<li>") >= 2
    assert 'href="/"' in html


def test_the_components_page_shows_everything_twice() -> None:
    html = render_to_string("parkportal/ui.html", {"request": RequestFactory().get("/ui/")})
    assert 'data-theme="light"' in html
    assert 'data-theme="dark"' in html
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_a_question_is_answered_by_a_verb_and_safe_by_default() -> None:
    context = {
        "question": "删除“甲”？",
        "action": "删除项目",
        "keep": "不删",
        "back_url": "/projects/7/",
        "danger": True,
        "hidden": {"id": 7},
    }
    html = render_to_string("components/confirm_page.html", context)
    assert '<a class="btn" href="/projects/7/" autofocus>不删</a>' in html
    assert '<button class="btn danger">删除项目</button>' in html
    assert '<input type="hidden" name="id" value="7">' in html
