"""Runners execute a generator behind a boundary and say in one sentence how it failed.

What it left in its folder is judged elsewhere; nothing here knows what a generator is for.
"""
