"""The embedded author: curated machine knowledge, one TOML a machine, and the writer of its code.

It writes on top of `signal_kit`; what signals and faults do is there.
"""
