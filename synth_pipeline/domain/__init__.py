"""What a request, a machine, its code and a verdict are: frozen values and their rules.

Standard library only; nothing here reads a file, a clock or the environment, or knows one family
of data.
"""
