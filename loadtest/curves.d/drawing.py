"""Draws CSV files as SVG: axes, lines, and words; the colours follow the reader's light or dark."""

def draw(folder):
    pass
