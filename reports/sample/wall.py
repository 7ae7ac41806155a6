"""What the park says of itself to visitors, in the words of the report."""

from typing import Final

from reports.models import WallText
from reports.sample.book import Book
from reports.sample.parks import HOME

HONOURS: Final = ("国家级承接产业转移基地", "全国加工贸易重点承接地", "湖南省首批认定的承接产业转移特色基地")
SERVICES: Final = ("不叫不到", "随叫随到", "服务周到", "说到做到")


def add_wall_text(book: Book) -> None:
    """The lines of the reception wall."""
    text = WallText(park=book.parks[HOME], honours="\n".join(HONOURS), services="\n".join(SERVICES))
    book.ledger.create(text)
