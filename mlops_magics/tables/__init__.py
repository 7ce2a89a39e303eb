"""The one boundary: every table that comes in or goes out passes here."""

from .table import Column, Table

__all__ = ["Column", "Table"]
