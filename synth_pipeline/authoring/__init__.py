"""Authors list machines and write their generators: the protocol, and write-run-judge-mend.

Each kind of author has a folder. How code is run and judged is passed in, not known here.
"""
