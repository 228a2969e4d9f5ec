"""The embedded registry: one SQLite file for the processes of one machine."""
