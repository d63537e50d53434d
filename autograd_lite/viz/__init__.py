"""Pictures of graphs: how a value was computed, and what backward did along each edge."""

from .drawing import Drawing, draw, draw_dot, to_dot

__all__ = ["Drawing", "draw", "draw_dot", "to_dot"]
