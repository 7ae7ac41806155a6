"""What the pages of scorecards ask of the queue."""

from parkportal.models import Job
from parkportal.tasks import carry, look_for_due


def compile_what_is_due() -> None:
    """After a change of what scorecards rest on: write down what is due and have it compiled.

    Without a queue it is compiled before the answer, so that pages are fresh at once.
    """
    look_for_due()


def announce(code: str) -> None:
    """Have a publication sent to those who want it; without a queue `manage.py work` does it."""
    for job in Job.objects.filter(kind="publication_announce", key=code, state=Job.State.QUEUED):
        carry(job)
