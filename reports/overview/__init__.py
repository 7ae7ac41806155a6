"""总览: what leaders look for in one scorecard, in the order in which they look (domain.md 6)."""

from reports.overview.card import Overview, Readable, overview_of

__all__ = ["Overview", "Readable", "overview_of"]
