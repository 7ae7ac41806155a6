"""What the pages of scorecards ask of the queue."""

from parkportal.tasks import look_for_due


def compile_what_is_due() -> None:
    """After a change of what scorecards rest on: write down what is due and have it compiled.

    Without a queue it is compiled before the answer, so that pages are fresh at once.
    """
    look_for_due()
