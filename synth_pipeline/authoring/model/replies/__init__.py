"""Reads what a model replied: fenced blocks, the program, the names; asks nothing."""
