"""What people type about targets: one, many in a grid or a workbook, their split, and long-term goals."""

from reports.target_forms.one import TargetForm

__all__ = ["TargetForm"]
