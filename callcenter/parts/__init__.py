"""Every part of one controller and its pages, built once and put together; none is opened here."""

from callcenter.parts.controller import Parts

__all__ = ["Parts"]
