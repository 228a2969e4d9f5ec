"""The font of the report picture, DejaVu Sans; its licence lies beside it."""
