"""The queue's side of jobs: tasks carry ids, jobs.py does the work."""

from celery import Task, shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from parkportal import jobs
from parkportal.models import Job


@shared_task(bind=True)
def run_job(self: Task, job_id: int) -> None:
    """Do one job."""
    jobs.run(job_id, self.request.id or "")


@shared_task
def look_for_due() -> None:
    """Write down what is due, whatever was missed, and carry it to the workers."""
    for job in jobs.write_down_due(timezone.now()):
        carry(job)


@shared_task
def pick_up_open_jobs() -> None:
    """Carry again what waits: a queue may lose ids, the rows stay. What is due is found here too."""
    look_for_due()
    for job_id in jobs.open_jobs(timezone.now()):
        run_job.delay(job_id)


def carry(job: Job) -> None:
    """After the commit, hand a job to the queue; without one, do a short kind now and leave a long one to `work`.

    A queue that is away stops nobody who saves: the job stands, and is carried when open jobs are picked up.
    """
    if settings.REDIS_URL:
        transaction.on_commit(lambda: run_job.delay(job.pk), robust=True)
    elif job.kind in settings.JOBS_AT_ONCE:
        transaction.on_commit(lambda: jobs.run(job.pk))
