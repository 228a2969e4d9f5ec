"""The command line `synth`: what people type, and what they are shown.

A command is a file in `commands`; what it does lies below, in `making` and `defs`.
"""
