"""The unified social credit code 统一社会信用代码 (GB 32100-2015): what is wrong with one, and how sure that is."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _
from stdnum.cn import uscc

LENGTH = 18
_NEVER_USED = "IOZSV"
_LOOKALIKES = str.maketrans("OI", "01")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ID_NUMBER = re.compile(r"[1-8][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a code, in a sentence; an overridable error yields to a person's stated reason."""

    level: Literal["error", "warning"]
    sentence: str
    suggestion: str = ""
    overridable: bool = False


def normalise(text: str) -> str:
    """Return the code in half-width capitals without spaces, dashes and invisible characters; letters stay letters."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(char for char in plain if unicodedata.category(char)[0] not in "ZC" and char not in "-‐‑–—_")


def check(text: str) -> list[Finding]:
    """Return what is wrong with a code, errors first; an empty one is not wrong, for foreign investors have none."""
    code = normalise(text)
    if not code:
        return []
    shape = list(_shape_errors(code))
    return [*(shape or _check_digit_errors(code)), *([] if shape else _organisation_warnings(code)), *_privacy(code)]


def _shape_errors(code: str) -> Iterator[Finding]:
    """Yield what no genuine code can have: a wrong length, a foreign character, letters in the region."""
    if len(code) != LENGTH:
        yield Finding("error", _("统一社会信用代码应为18位，现在是%(length)s位") % {"length": len(code)})
        return
    strange = [(place, char) for place, char in enumerate(code, 1) if not re.fullmatch("[0-9A-HJ-NPQRTUWXY]", char)]
    if strange:
        place, char = strange[0]
        sentence = _("统一社会信用代码只用数字和除I、O、Z、S、V以外的大写字母，现在第%(place)s位是“%(char)s”")
        yield Finding("error", sentence % {"place": place, "char": char}, _suggestion(code))
    elif not re.fullmatch("[0-9]{6}", code[2:8]):
        sentence = _("统一社会信用代码第3至8位是登记机关的行政区划代码，应为数字，现在是“%(region)s”")
        yield Finding("error", sentence % {"region": code[2:8]})


def _suggestion(code: str) -> str:
    """Return the code with O read as 0 and I as 1, where that makes it a valid one."""
    guess = code.translate(_LOOKALIKES)
    return guess if guess != code and not any(_shape_errors(guess)) and not _check_digit_errors(guess) else ""


def _check_digit_errors(code: str) -> list[Finding]:
    """Return the error of a check digit that does not fit; some genuine codes have one, so a reason overrides it."""
    # uscc.validate is not used: it refuses the letters that the first two places may have.
    expected = uscc.calc_check_digit(code)
    if code[-1] == expected:
        return []
    sentence = _(
        "统一社会信用代码最后一位校验码按规则应为“%(expected)s”，现在是“%(actual)s”。"
        "请对照营业执照核对，确认无误的写明人工核实的理由"
    )
    return [Finding("error", sentence % {"expected": expected, "actual": code[-1]}, overridable=True)]


def _organisation_warnings(code: str) -> list[Finding]:
    """Return the warning of an organisation code (places 9 to 17, GB 11714) whose own check digit does not fit."""
    total = sum(int(char, 36) * weight for char, weight in zip(code[8:16], _ORGANISATION_WEIGHTS, strict=True))
    if code[16] == "0123456789X"[(11 - total % 11) % 11]:
        return []
    return [Finding("warning", _("统一社会信用代码第9至17位的主体标识码校验不符，请对照营业执照核对"))]


def _privacy(code: str) -> list[Finding]:
    """Return the warning that this looks like a person's identity number, which must not be stored."""
    if not _ID_NUMBER.fullmatch(code):
        return []
    return [Finding("warning", _("这个号码像居民身份证号码。请填营业执照上的统一社会信用代码，不要填个人证件号码"))]
