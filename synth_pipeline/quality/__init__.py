"""Judging of generator output: rules, realism and the report picture."""
