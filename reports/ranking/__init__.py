"""全市位次: what the scorecards of all parks of a region say beside each other; compiled figures and gaps only."""

from reports.ranking.figures import Figures, figures_of, ranked_periods
from reports.ranking.matrix import Matrix, matrix, zeros
from reports.ranking.places import Place, Table, rankings

__all__ = ["Figures", "Matrix", "Place", "Table", "figures_of", "matrix", "ranked_periods", "rankings", "zeros"]
