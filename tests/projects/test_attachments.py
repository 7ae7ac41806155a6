"""Files beside rows: let in by their content, handed out to those who see the row, as downloads that run nothing."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from parkportal.models import Attachment, Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import Project
from projects.services import attachments
from tests.factories import make_engagement, make_fund_arrival, make_park, make_project, make_user
from tests.parkportal.test_gate import HTML, JPG, PDF, docx, png

pytestmark = pytest.mark.django_db


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


@pytest.fixture
def project(park: Park) -> Project:
    return make_project(park=park)


@pytest.fixture
def browser(clerk: User, client_as: Any) -> Client:
    found: Client = client_as(clerk)
    return found


def upload(browser: Client, row: Any, name: str = "回单.pdf", data: bytes = PDF, kind: str = "project") -> Any:
    file = SimpleUploadedFile("x", data)
    file._name = name  # as a hostile client sends it
    return browser.post(f"/attachments/{kind}/{row.code}/", {"file": file, "title": "银行回单"})


def added(clerk: User, row: Any, name: str = "回单.pdf", data: bytes = PDF) -> Attachment:
    return attachments.attachment_add(by=Actor(clerk), row=row, name=name, data=data)


def test_a_file_is_kept_beside_its_project_with_a_trace(browser: Client, project: Project, clerk: User) -> None:
    answer = upload(browser, project)
    assert answer.status_code == 302 and answer["Location"] == f"/projects/{project.code}/#files"
    file = Attachment.objects.get()
    assert (file.name, file.title, file.content_type, file.park) == (
        "回单.pdf",
        "银行回单",
        "application/pdf",
        project.park,
    )
    entry = Change.objects.get(object_type="parkportal.Attachment")
    assert entry.user == clerk and entry.object_code == file.code and entry.diff["name"] == [None, "回单.pdf"]
    page = browser.get(f"/projects/{project.code}/").content.decode()
    assert "回单.pdf" in page and f"/files/{file.code}/" in page and file.stored_name not in page


@pytest.mark.parametrize("kind", ["fund-arrival", "engagement"])
def test_files_lie_beside_arrivals_and_talks_too(browser: Client, project: Project, kind: str) -> None:
    row = make_fund_arrival(project=project) if kind == "fund-arrival" else make_engagement(project=project)
    assert upload(browser, row, kind=kind).status_code == 302
    assert "回单.pdf" in browser.get(f"/attachments/{kind}/{row.code}/").content.decode()


def test_an_unknown_kind_of_row_is_no_page(browser: Client, project: Project) -> None:
    assert browser.get(f"/attachments/user/{project.code}/").status_code == 404


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.pdf.exe", b"MZ", "不是可以上传的类型"),
        ("a.html", HTML, "不是可以上传的类型"),
        ("a.pdf", HTML, "内容不是PDF"),
        ("a.pdf", b"", "是空文件"),
        ("a.pdf", PDF + b"\0" * 10 * 1024 * 1024, "超过10MB"),
    ],
)
def test_what_the_gate_refuses_is_said_beside_the_field(
    browser: Client, project: Project, name: str, data: bytes, sentence: str
) -> None:
    answer = upload(browser, project, name, data)
    assert answer.status_code == 200 and sentence in answer.content.decode()
    assert not Attachment.objects.exists()


def test_nothing_chosen_is_asked_for(browser: Client, project: Project) -> None:
    answer = browser.post(f"/attachments/project/{project.code}/", {"title": "说明甲"})
    assert "请选择要上传的文件。" in answer.content.decode() and "说明甲" in answer.content.decode()


def test_a_body_larger_than_any_file_is_413(browser: Client, project: Project) -> None:
    path = f"/attachments/project/{project.code}/"
    answer = browser.post(path, {"file": SimpleUploadedFile("a.pdf", b"\0" * 12 * 1024 * 1024)})
    assert answer.status_code == 413 and "不超过10MB" in answer.content.decode()
    refused = Client().post("/api/v1/projects/", b" " * 12 * 1024 * 1024, content_type="application/json")
    assert refused.status_code == 413 and refused.json()["code"] == "too_large"


def test_the_same_file_is_not_kept_twice(clerk: User, project: Project) -> None:
    added(clerk, project)
    with pytest.raises(ValidationError, match="已经上传过"):
        added(clerk, project, name="另一个名字.pdf")


def test_a_row_has_no_more_files_than_people_can_look_through(clerk: User, project: Project) -> None:
    one = added(clerk, project)
    for n in range(attachments.MOST - 1):
        one.pk, one.code, one.stored_name, one.digest = None, f"{n}", f"{n}", f"{n}"
        one.save(force_insert=True)
    with pytest.raises(ValidationError, match="附件已有50份"):
        added(clerk, project, data=PDF + b"\n")


# --- handing out ---------------------------------------------------------------------------------------------------


def test_a_file_is_a_download_that_runs_nothing(browser: Client, clerk: User, project: Project) -> None:
    file = added(clerk, project, name='合同"甲";\r\nX: 1😀.pdf')
    answer = browser.get(f"/files/{file.code}/")
    assert answer.content == PDF and answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''") and "\n" not in file.name
    assert (
        answer["Content-Security-Policy"].startswith("sandbox")
        and "script-src" not in answer["Content-Security-Policy"]
    )
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [("a.pdf", PDF, 200), ("a.png", png(), 200), ("a.jpg", JPG, 200), ("a.docx", docx(), 404)],
)
def test_pictures_and_pdf_are_shown_in_the_browser(
    browser: Client, clerk: User, project: Project, name: str, data: bytes, status: int
) -> None:
    file = added(clerk, project, name, data)
    answer = browser.get(f"/files/{file.code}/preview/")
    assert answer.status_code == status
    if status == 200:
        assert answer["Content-Disposition"].startswith("inline") and answer["Content-Security-Policy"].startswith(
            "sandbox"
        )
    assert browser.get(f"/files/{file.code}/").status_code == 200


def test_a_preview_looks_into_the_file_again(browser: Client, clerk: User, project: Project) -> None:
    file = added(clerk, project, "a.png", png())
    Attachment.objects.update(content_type="text/html")
    assert browser.get(f"/files/{file.code}/preview/").status_code == 404
    assert browser.get(f"/files/{file.code}/")["Content-Type"] == "application/octet-stream"


def test_bytes_that_are_not_what_was_uploaded_are_not_handed_out(
    browser: Client, clerk: User, project: Project
) -> None:
    file = added(clerk, project)
    with default_storage.open(file.stored_name, "wb") as stored:
        stored.write(HTML)
    assert browser.get(f"/files/{file.code}/").status_code == 404
    default_storage.delete(file.stored_name)
    assert browser.get(f"/files/{file.code}/").status_code == 404


def test_who_may_not_see_the_row_gets_no_file(clerk: User, project: Project, client_as: Any) -> None:
    file = added(clerk, project)
    outsider = client_as(make_user())
    for path in (f"/files/{file.code}/", f"/files/{file.code}/preview/", f"/attachments/project/{project.code}/"):
        assert outsider.get(path).status_code == 404
        assert Client().get(path)["Location"].startswith("/accounts/login/")
    assert upload(outsider, project).status_code == 404


def test_a_secret_project_hands_its_files_only_to_those_who_see_it_in_full(
    clerk: User, park: Park, client_as: Any
) -> None:
    secret = make_project(park=park, confidentiality="secret", code_name="东风", owner=clerk)
    talk = make_engagement(project=secret)
    files = [added(clerk, secret), added(clerk, talk)]
    colleague, head = client_as(make_user(Role.CLERK, park=park)), client_as(make_user(Role.HEAD, park=park))
    for file in files:
        assert colleague.get(f"/files/{file.code}/").status_code == 404
        assert colleague.post(f"/files/{file.code}/withdraw/", {"version": 1}).status_code == 404
        assert head.get(f"/files/{file.code}/").status_code == 200
    assert colleague.get(f"/attachments/project/{secret.code}/").status_code == 404
    assert "只登记合同编号和存放处" in head.get(f"/attachments/project/{secret.code}/").content.decode()


def test_a_park_with_a_share_reads_the_project_and_not_its_files(clerk: User, park: Park, client_as: Any) -> None:
    other = make_park()
    file = added(clerk, shared := make_project(park=park, shares=[(park, 5_000), (other, 5_000)]))
    partner = client_as(make_user(Role.HEAD, park=other))
    assert partner.get(f"/projects/{shared.code}/").status_code == 200
    assert partner.get(f"/files/{file.code}/").status_code == 404
    assert upload(partner, shared).status_code == 403


def test_logging_out_and_losing_the_role_take_files_away_at_once(
    browser: Client, clerk: User, project: Project
) -> None:
    file = added(clerk, project)
    User.objects.filter(pk=clerk.pk).update(park=make_park())
    assert browser.get(f"/files/{file.code}/").status_code == 404
    User.objects.filter(pk=clerk.pk).update(role=Role.ADMIN, park=None)
    assert browser.get(f"/files/{file.code}/").status_code == 403
    browser.post("/accounts/logout/")
    assert browser.get(f"/files/{file.code}/")["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("role", [Role.LEADER, Role.CITY])
def test_readers_read_and_do_not_upload(project: Project, clerk: User, role: str, client_as: Any) -> None:
    file = added(clerk, project)
    place = {"region": project.park.region} if role == Role.CITY else {"park": project.park}
    reader = client_as(make_user(role, **place))
    assert reader.get(f"/files/{file.code}/").status_code == 200
    assert upload(reader, project).status_code == 403
    assert reader.post(f"/files/{file.code}/withdraw/", {"version": 1}).status_code == 403
    assert "上传附件" not in reader.get(f"/attachments/project/{project.code}/").content.decode()


def test_a_withdrawn_file_is_handed_out_no_longer_and_stays_in_the_trace(
    browser: Client, clerk: User, project: Project
) -> None:
    file = added(clerk, project)
    assert browser.post(f"/files/{file.code}/withdraw/", {"version": 1}).status_code == 302
    assert browser.get(f"/files/{file.code}/").status_code == 404
    assert "deleted_at" in Change.objects.filter(object_code=file.code).order_by("-seq")[0].diff
    assert "没有附件" in browser.get(f"/attachments/project/{project.code}/").content.decode()
