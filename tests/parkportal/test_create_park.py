"""`create_park` makes a park of one's own, or says in a sentence why not."""

import pytest
from django.core.management import CommandError, call_command

from parkportal.models import Change, Park
from tests.factories import make_park, make_region

pytestmark = pytest.mark.django_db


def test_a_park_is_made_in_its_region_with_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    region = make_region(code="430400", name="衡阳市")
    call_command("create_park", "songmu", "松木经开区", region="430400", group="经开区")
    park = Park.objects.get(code="songmu")
    assert (park.name, park.region, park.group, park.is_sample) == ("松木经开区", region, "经开区", False)
    assert capsys.readouterr().out == "已新建松木经开区（songmu），属衡阳市。\n"
    assert Change.objects.get().object_code == "songmu"


@pytest.mark.parametrize(
    ("code", "name", "region", "sentence"),
    [
        ("Song Mu", "松木", "430400", "园区代码用小写字母"),
        ("x" * 33, "松木", "430400", "至多32个字符"),
        ("songmu", " ", "430400", "园区名称应为1至60个字"),
        ("songmu", "松" * 61, "430400", "现在是61个"),
        ("songmu", "松木", "439999", "没有区划代码为“439999”的区域"),
        ("taken", "松木", "430400", "已有代码为“taken”的园区"),
        ("songmu", "已有园区", "430400", "已有名称为“已有园区”的园区"),
    ],
)
def test_a_wrong_argument_gets_a_sentence(code: str, name: str, region: str, sentence: str) -> None:
    make_park(code="taken", name="已有园区", region=make_region(code="430400"))
    with pytest.raises(CommandError, match=sentence):
        call_command("create_park", code, name, region=region)
    assert Park.objects.count() == 1


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("create_park", "松木", "", region="1", group="组" * 31)
    assert len(str(refusal.value).splitlines()) == 4
