"""The sample of the report of January to September 2020: what is real and what is invented, see README.md."""

from enterprises.models import Chain
from parkportal.trace import Actor, changes
from projects.models import Project
from reports import reference
from reports.sample.book import Book
from reports.sample.enterprises import add_enterprises, add_groups, add_listing_steps
from reports.sample.money import add_fund_arrivals, add_group_start
from reports.sample.others import add_other_parks
from reports.sample.parks import add_goal, add_parks, add_reported_figures, add_targets, add_users
from reports.sample.projects import add_projects
from reports.sample.talks import add_engagements
from reports.sample.wall import add_wall_text


def is_empty() -> bool:
    """Whether the database has no project yet, not even a withdrawn one."""
    return not Project.objects.exists()


def load(*, by: Actor, password: str) -> Book:
    """Write reference data and sample into a database without projects; the logins get that password.

    Codes and values are the same in every database.
    """
    reference.load(by)
    with changes(by=by) as ledger:
        book = Book(ledger, chains={chain.code: chain for chain in Chain.objects.all()})
        add_parks(book)
        add_users(book, password)
        add_groups(book)
        add_enterprises(book)
        add_projects(book)
        add_listing_steps(book)
        add_fund_arrivals(book)
        add_group_start(book)
        add_engagements(book)
        add_other_parks(book)
        add_targets(book)
        add_goal(book)
        add_wall_text(book)
        add_reported_figures(book)
        book.finish()
    return book
